"""Where a file comes from, by git: its last commit, who made it, and whether it was signed."""

import os
import shutil
import subprocess
from pathlib import Path

from controlmon.collect.base import Operation, Refused
from controlmon.core.fact import Gap, GapKind, Raw, not_asked

TIMEOUT = 30
FORMAT = "%H%x00%an <%ae>%x00%aI%x00%G?%x00%GS"
"""git-log(1): the commit, its author, when, how its signature checks, and who signed."""


def provenance(path: Path, operation: Operation) -> Raw:
    """The last commit of a file; that it was not asked, where the directory is in no work tree or git is not installed.

    Raises:
        Refused: if git cannot say.

    """
    git = shutil.which("git")
    if git is None:
        return not_asked("git is not installed here")
    if _git(git, path, operation, "rev-parse", "--is-inside-work-tree") != "true":
        return not_asked("the directory is in no git work tree")
    said = _git(git, path, operation, "log", "-1", f"--format={FORMAT}", "--", path.name).split("\0")
    dirty = bool(_git(git, path, operation, "status", "--porcelain", "--", path.name))
    if len(said) < 5:
        return {"dirty": True}
    commit, author, committed_at, signature, signer = said
    return {"commit": commit, "author": author, "committed_at": committed_at, "signature": signature, "signer": signer, "dirty": dirty}


def _git(git: str, path: Path, operation: Operation, *arguments: str) -> str:
    """What git prints. It is run without the person's own configuration of hooks, pagers or monitors, and never asks."""
    safe = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager", "--no-optional-locks")
    # A hook of git that calls us sets GIT_DIR and others, which would speak of its own work tree.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - git itself, by its full path
            [git, "-C", str(path.parent), *safe, *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(Gap(GapKind.UNAVAILABLE, operation.id, f"git: {error}")) from error
    if done.returncode:
        first = (done.stderr.strip().splitlines() or ["it failed"])[0]
        # No work tree, and one without any commit, are answers; a work tree that git does not trust is none.
        if "not a git repository" in done.stderr or "does not have any commits" in done.stderr:
            return ""
        raise Refused(Gap(GapKind.UNAVAILABLE, operation.id, f"git: {first}"))
    return done.stdout.strip("\n")
