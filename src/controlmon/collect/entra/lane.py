"""Questions about single objects, twenty to a request (Graph's JSON batching, `POST /$batch`).

The spine asks one question for each subject, on as many threads as the budget allows. Whoever takes the lane waits as long as others keep
coming, a moment against the way to Graph and back, and takes along all who have gathered: at the most, as many as there are threads.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from controlmon.collect.microsoft_wire import Answer
from controlmon.core.fact import Raw

SIZE = 20
"""The most that Graph takes in one batch."""
LINGER = 0.01
"""Seconds without a newcomer after which nobody else is waited for."""
AGAIN = (429, 503, 504)
Waiting = tuple[str, Future[Answer]]


class Lane:
    """A way for questions to travel together. `single` asks one URL, `several` posts a batch; both give answers and raise nothing."""

    def __init__(self, single: Callable[[str], Answer], several: Callable[[Raw], Answer], attempts: int, patience: float) -> None:
        self._single, self._several, self._attempts, self._patience = single, several, attempts, patience
        self._waiting: deque[Waiting] = deque()
        self._change, self._taken = threading.Condition(), False

    def ask(self, path: str) -> Answer:
        """The answer to `GET path`."""
        mine: Future[Answer] = Future()
        with self._change:
            self._waiting.append((path, mine))
            self._change.notify_all()
            while not mine.done():
                if self._taken:
                    self._change.wait()  # whoever has an answer goes on at once, and may bring the next question
                    continue
                self._taken = True
                while len(self._waiting) < SIZE and self._change.wait(LINGER):
                    pass
                along = [self._waiting.popleft() for _ in range(min(SIZE, len(self._waiting)))]
                self._change.release()
                try:
                    self._travel(along)
                finally:
                    self._change.acquire()
                    self._taken = False
                    self._change.notify_all()
        return mine.result()

    def _travel(self, taken: list[Waiting]) -> None:
        if len(taken) == 1:
            taken[0][1].set_result(self._single(taken[0][0]))
            return
        for attempt in range(self._attempts):
            answers = self._batch([path for path, _ in taken])
            last = attempt == self._attempts - 1
            again = [i for i, answer in enumerate(answers) if answer.status in AGAIN]
            pause = max((_retry_after(answers[i], attempt) for i in again), default=0.0)
            if last or pause > self._patience:
                again = []
            for i, answer in enumerate(answers):
                if i not in again:
                    taken[i][1].set_result(answer)
            if not again:
                return
            taken = [taken[i] for i in again]
            time.sleep(pause)

    def _batch(self, paths: list[str]) -> list[Answer]:
        asked = [{"id": str(i), "method": "GET", "url": path} for i, path in enumerate(paths)]
        whole = self._several({"requests": asked})
        if whole.error is not None or not isinstance(whole.body, dict):
            return [whole] * len(paths)
        found = {}
        for one in whole.body.get("responses") or []:
            if isinstance(one, dict):
                found[one.get("id")] = _answer(one, whole)
        nothing = Answer(200, whole.headers, why="the answer to a batch has none for this question")
        return [found.get(str(i), nothing) for i in range(len(paths))]


def _answer(one: dict[str, Any], whole: Answer) -> Answer:
    own = {str(k).lower(): str(v) for k, v in (one.get("headers") or {}).items()}
    status, body = one.get("status"), one.get("body")
    if not isinstance(status, int):
        return Answer(200, whole.headers, why="an answer in a batch has no status")
    return Answer(status, {**whole.headers, **own}, body, "" if isinstance(body, dict) else "the answer is no JSON object")


def _retry_after(answer: Answer, attempt: int) -> float:
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isdigit() else 0.8 * 2**attempt
