"""A moto server of our own, on a loopback port, for as long as the demo lasts."""

import importlib.util
import socket
import subprocess
import sys
import time
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from controlmon.core.errors import UsageError

PATIENCE = 30.0  # seconds: the first start on a slow disk compiles moto


class MotoServer:
    """`with MotoServer() as server:` gives a running server at `server.url`; it ends with the `with`."""

    def __init__(self) -> None:
        if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
            raise UsageError("The demo needs a double of AWS: install controlmon[demo].")
        self._port = _free_port()

    @property
    def url(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own interpreter
        try:
            self._wait_until_it_answers()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise UsageError(f"The double of AWS ended with code {self._process.returncode}: reinstall controlmon[demo].")
            try:
                with urlopen(f"{self.url}/moto-api/data.json", timeout=1):  # noqa: S310 - our own loopback address
                    return
            except (URLError, OSError):
                time.sleep(0.05)
        raise UsageError(f"The double of AWS did not answer within {PATIENCE:.0f} seconds.")

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
