"""The wheel, not the checkout, is what people install: the checks and the catalog are in it, and it works from it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = out.glob("*.whl")
    return made


def test_everything_is_in_it(wheel: Path) -> None:
    """Each module, each check and each file of the catalog travels; no test does."""
    names = set(zipfile.ZipFile(wheel).namelist())
    packages = {
        "src/controlmon": "controlmon",
        "checks": "controlmon_checks",
        "config": "controlmon_config",
        "tests/twins": "controlmon_twins",
    }
    for folder, package in packages.items():
        wanted = {
            f"{package}/{p.relative_to(ROOT / folder).as_posix()}" for p in (ROOT / folder).rglob("*") if p.suffix in (".py", ".yaml")
        }
        assert wanted <= names, sorted(wanted - names)
    assert not [name for name in names if name.startswith("tests") or "/test_" in name]


def test_it_works_from_there(wheel: Path, tmp_path: Path) -> None:
    """From the unpacked wheel alone, away from the checkout: all checks and all controls are found."""
    place = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(place)
    code = (
        f"import sys; sys.meta_path = [f for f in sys.meta_path if 'editable' not in str(f).lower()]; sys.path.insert(0, {str(place)!r});"
        "from controlmon.service.checks import *; from controlmon.service.catalog import load_catalog;"
        "print(packaged_checks(), len(load_checks([packaged_checks()])), len(load_catalog().controls))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    count = len([path for path in (ROOT / "checks").rglob("*.py") if not path.name.startswith("_")])
    assert count > 100
    assert said.stdout.split() == [str(place / "controlmon_checks"), f"{count}", "50"], said.stderr
