"""A double of AWS in a process of its own, on a loopback port, for as long as the demo lasts."""

import subprocess
import sys
import threading
from importlib.util import find_spec
from types import TracebackType
from typing import Self

from controlmon.core.errors import UsageError

PATIENCE = 30.0  # seconds: the first start on a slow disk compiles moto


class AwsServer:
    """`with AwsServer() as server:` gives a running server at `server.url`; it ends with the `with`, or with this process."""

    url = ""

    def __init__(self) -> None:
        if find_spec("moto") is None or find_spec("flask") is None:
            raise UsageError("The demo needs a double of AWS: install controlmon[demo].")

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "controlmon.demo.aws"]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing, text=True)  # noqa: S603 - our own interpreter
        self.url = self._first_line()
        if not self.url:
            self._end()
            raise UsageError(f"The double of AWS did not answer within {PATIENCE:.0f} seconds, or ended: reinstall controlmon[demo].")
        return self

    def _first_line(self) -> str:
        """What it says when it listens; "" if it ends, or takes too long."""
        limit = threading.Timer(PATIENCE, self._process.kill)
        limit.start()
        try:
            return self._process.stdout.readline().strip() if self._process.stdout else ""
        except BaseException:
            self._end()
            raise
        finally:
            limit.cancel()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()
