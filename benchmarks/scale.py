"""What a large company costs: a directory's pages, accounts far away, and the memory of many subjects.

    python benchmarks/scale.py [users] [accounts] [subjects]        (all three, if none is named)

- users: the calls to Microsoft Graph for a tenant of 20,000, against the pages that there are; the target is 5 % more at most.
- accounts: the wall time of 20 AWS accounts whose every answer takes 80 ms, against calls x latency / concurrency; the target is 1.5.
- subjects: the peak memory of a run over 100,000 volumes, against one over 1,000.

Nothing here passes or fails: machines are noisy.
"""

import argparse
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
USERS, ACCOUNTS, BUCKETS, LATENCY, WORKERS = 20_000, 20, 100, 0.08, 16
SUBJECTS = (1_000, 100_000)


def users(count: int) -> None:
    """Every check of Entra, as it is tuned by default; then, for fewer, with one question for each user, twenty to a request."""
    _users(count, "as tuned by default", {})
    _users(count // 20, "with per-user MFA", {"count_per_user_mfa": True})


def _users(count: int, what: str, tuned: dict[str, Any]) -> None:
    from controlmon.service.checks import check_files, load_check, packaged_checks
    from tests.twins.entra import EntraTwin
    from tests.twins.entra_company import fill, user

    files = check_files(packaged_checks())
    checks = [load_check(files[name], name) for name in sorted(files) if name.startswith("entra.")]
    with tempfile.TemporaryDirectory() as scratch, EntraTwin(Path(scratch)) as twin:
        os.environ.update(twin.environment)
        fill(twin)
        everyone = [user(f"u{i:05}") for i in range(count)]
        registered = "/v1.0/reports/authenticationMethods/userRegistrationDetails"
        pattern = twin.at(registered)[0]
        twin.put("/v1.0/users", everyone)
        twin.put(registered, [{**pattern, "id": one["id"], "userPrincipalName": one["userPrincipalName"]} for one in everyone])
        for one in everyone:
            twin.put(f"/beta/users/{one['id']}/authentication/requirements", {"perUserMfaState": "disabled"})
        twin.page = 999
        twin.reset_journal()
        began = time.perf_counter()
        outcomes = _judge(checks, Path(scratch) / "state", tuned)
        calls = [call for call in twin.calls() if call.operation != "login"]
        made, there = [call for call in calls if not call.batched], _there(twin, calls)
        print(
            f"users     {count:,} {what}: {len(made):,} calls, {there:,} pages and batches there are, "
            f"{100 * len(made) / there - 100:+.1f} %; {time.perf_counter() - began:.0f} s; {outcomes}"
        )
        for operation, number in Counter(call.operation for call in made).most_common(4):
            print(f"            {number:>6,}  {operation}")


def _there(twin: Any, calls: list[Any]) -> int:
    """The fewest requests that the same questions take: collections in pages as long as Graph makes them, objects by twenties."""
    from tests.twins.entra import LARGEST

    there = 0
    singles: Counter[str] = Counter()
    for operation, path in {(call.operation, call.path) for call in calls if call.operation != "$batch"}:
        thing = twin.at(path)
        pages = max(1, math.ceil(len(thing) / LARGEST.get(operation, 999))) if isinstance(thing, list) else 1
        singles[operation] += "{id}" in operation
        there += pages - ("{id}" in operation)
    return there + sum(math.ceil(n / 20) for n in singles.values())


def _judge(checks: list[Any], state: Path, tuned: dict[str, Any]) -> dict[str, int]:
    from controlmon.collect.entra.target import EntraTarget
    from controlmon.engine.plan import Selected
    from controlmon.ledger.ledger import Ledger
    from controlmon.service.cycle import Request, cycle
    from controlmon.service.providers import services
    from controlmon.service.settings import Budget

    state.mkdir()
    ledger = Ledger.open(state)
    own = {"entra.conditionalaccess.mfa_all_users": tuned}
    selected = [Selected(check, check.tuned(own.get(check.id, {}))) for check in checks]
    done = cycle(ledger, Request(selected, [EntraTarget()]), services("entra"), Budget(), lambda: datetime.now(UTC))
    ledger.close()
    return done.outcomes


@contextmanager
def double(buckets: int, volumes: int, latency: float) -> Iterator[str]:
    """AWS from memory, in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(HERE / "double.py"), str(port), str(buckets), str(volumes), str(1000 * latency)]
    server = subprocess.Popen(command)
    try:
        time.sleep(1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def run(config: str, url: str, *checks: str) -> dict[str, float]:
    """One `controlmon run` as a process: wall and CPU seconds, peak memory in MB."""
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "controlmon.yaml").write_text(config)
        environment = {
            **os.environ,
            "AWS_ACCESS_KEY_ID": "AKIABENCHMARK0000000",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_ENDPOINT_URL": url,
            "CONTROLMON_STATE_DIR": f"{scratch}/state",
        }
        command = [sys.executable, "-m", "controlmon", "run", *checks, "--format", "json"]
        began = time.perf_counter()
        with (Path(scratch) / "out.json").open("wb") as out:
            process = subprocess.Popen(command, env=environment, stdout=out, cwd=scratch)
            _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            print(f"          the run ended with {os.waitstatus_to_exitcode(status)}")
        return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}


def accounts(count: int) -> None:
    """Each account is reached by a role of its own, and has a hundred buckets that are asked one by one."""
    roles = "\n".join(f"    - {{name: a{i}, role: 'arn:aws:iam::{i:012}:role/read', regions: [us-east-1]}}" for i in range(1, count + 1))
    config = f"aws:\n  accounts:\n{roles}\nbudget: {{workers: {WORKERS}, per_service: {WORKERS}}}\n"
    with double(BUCKETS, 50, LATENCY) as url:
        used = run(config, url, "aws.s3.bucket_encryption", "aws.ebs.volume_encryption")
        with urlopen(f"{url}/__stats") as answer:
            told = json.load(answer)
    calls = sum(told["calls"].values())
    ideal = calls * LATENCY / WORKERS
    print(
        f"accounts  {count} at {1000 * LATENCY:.0f} ms: {calls:,} calls, at most {told['most']} at once; {used['wall']:.1f} s of wall, "
        f"{used['cpu']:.1f} s of CPU; ideal {ideal:.1f} s, ratio {used['wall'] / ideal:.2f}"
    )
    for operation, number in Counter(told["calls"]).most_common(8):
        print(f"            {number:>6,}  {operation}")


def subjects(counts: tuple[int, ...]) -> None:
    """Volumes in pages of 500, each with a question about its key, which ten share."""
    first = 0.0
    for count in counts:
        with double(0, count, 0) as url:
            used = run("aws: {regions: [us-east-1]}\n", url, "aws.ebs.volume_encryption")
        first = first or used["memory"]
        print(
            f"subjects  {count:>7,}: {used['memory']:6.0f} MB at the most ({used['memory'] / first:.2f} of the first), "
            f"{used['wall']:.1f} s of wall, {used['cpu']:.1f} s of CPU"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", choices=["users", "accounts", "subjects", []])
    chosen = parser.parse_args().what or ["users", "accounts", "subjects"]
    if "users" in chosen:
        users(USERS)
    if "accounts" in chosen:
        accounts(ACCOUNTS)
    if "subjects" in chosen:
        subjects(SUBJECTS)


if __name__ == "__main__":
    main()
