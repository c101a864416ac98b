"""The documents are true: the transcript is what is printed, the pages' commands exist, the example configuration loads."""

import re
from pathlib import Path

import pytest

from controlmon.cli.main import COMMANDS, run
from controlmon.service.config import load_config
from controlmon.service.settings import Settings
from controlmon.service.yamlfile import load
from tests.twins.aws import AwsTwin

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def flat(text: str) -> str:
    """Words only: widths, rules and run ids are not promised."""
    text = re.sub(r"run \d{8}T\d{6}Z-[0-9a-f]{8}", "run ID", re.sub(r"[─\s]+", " ", text))
    return text.strip()


def test_the_transcript_is_what_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every line of the README's console block, in order, and the exit code."""
    block = re.search(r"```console\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    shown, code = block.group(1).split("$ echo $?")
    with AwsTwin() as twin:
        twin.reset()
        for name in ("artemis-good", "artemis-bad"):
            twin.client("s3").create_bucket(Bucket=name)
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
        twin.client("s3").put_bucket_encryption(Bucket="artemis-good", ServerSideEncryptionConfiguration={"Rules": [rule]})
        for name, value in (twin.env() | {"CONTROLMON_STATE_DIR": str(tmp_path / "state"), "COLUMNS": "200"}).items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        exit_code = run(shown.splitlines()[0].removeprefix("$ controlmon ").split())
    printed = flat(capsys.readouterr().out)
    for part in shown.split("\n", 1)[1].split("...\n"):
        assert flat(part) in printed, f"{flat(part)}\n\nnot in\n\n{printed}"
    assert int(code.split()[0]) == exit_code


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_command_in_a_page_exists(page: Path) -> None:
    """`controlmon NAME` names a command, and its options are options of it."""
    for line in re.findall(r"^\s*(?:\$ )?controlmon ([^\n#>]*)", page.read_text("utf-8"), re.MULTILINE):
        words = re.split(r"\s{2,}", line.strip())[0].split()
        assert words[0] in COMMANDS, f"{page.name}: controlmon {words[0]}"


def test_links_lead_somewhere() -> None:
    """Every relative link of every page."""
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_example_configuration_loads_with_every_line_in_force(tmp_path: Path) -> None:
    """Uncommented, the example is a configuration."""
    text = (ROOT / "config/controlmon.example.yaml").read_text("utf-8")
    path = tmp_path / "controlmon.yaml"
    path.write_text("\n".join(re.sub(r"^# ", "", line) for line in text.splitlines()[2:]), "utf-8")
    settings = load(path, Settings)
    assert settings.aws.accounts[1].role == "arn:aws:iam::111111111111:role/controlmon-read"
    assert load_config(path).settings.budget.workers == 16


def test_the_numbers_are_those_of_the_checks() -> None:
    """What the README counts is counted again."""
    from collections import Counter

    from controlmon.service.checks import check_files, packaged_checks

    of = Counter(name.partition(".")[0] for name in check_files(packaged_checks()))
    kept = of["document"] + of["attestation"]
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    clouds = f"{of['aws']} of AWS, {of['azure']} of Azure, {of['entra']} of Entra ID, {of['datadog']} of Datadog"
    said = f"{of.total()} checks ({clouds}, {kept} of registers, {of['cross']} across systems, {of['controlmon']} of the agent itself)"
    assert said in text
