"""A directory of registers that fits, and a state directory of its own."""

from pathlib import Path

import pytest

from tests.collect.document.doors import Authority
from tests.collect.document.kept import PEOPLE, TRAINED, Write


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Two people, both trained."""
    monkeypatch.setenv("CONTROLMON_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "registers"
    place.mkdir()

    def put(files: dict[str, str | bytes | None]) -> Path:
        for name, text in files.items():
            path = place / name
            if text is None:
                path.unlink()
            else:
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return place

    put({"personnel.csv": PEOPLE, "training.csv": TRAINED})
    return put


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A throw-away authority for servers on loopback."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def _believed(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority is believed, and no proxy stands between."""
    for name in ("REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
