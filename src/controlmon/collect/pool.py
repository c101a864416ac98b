"""Threads within budgets: so many at once in all, and so many at once for each key (a target's service), to spare the customer's quotas."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Hashable

Task = Callable[[], None]


class Pool:
    """A fixed number of threads that share work fairly between keys.

    A worker that submits more than the pool is willing to hold runs the task itself: so a listing of a million subjects waits for the
    questions about them, memory stays flat, and no worker ever waits for another.
    """

    def __init__(self, workers: int, per_key: int, held: int = 64) -> None:
        self._per_key = per_key
        self._held = held
        self._waiting: dict[Hashable, deque[Task]] = {}
        self._running: Counter[Hashable] = Counter()
        self._change = threading.Condition()
        self._stopped = False
        self._error: BaseException | None = None
        self._threads = [threading.Thread(target=self._work, name=f"collect-{i}", daemon=True) for i in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, key: Hashable, task: Task) -> None:
        """Have `task` run when `key` has a place free; or run it here and now, if this is a worker and enough of `key` is held already."""
        with self._change:
            waiting = self._waiting.setdefault(key, deque())
            if self._stopped:
                return
            full = len(waiting) >= self._held and threading.current_thread() in self._threads
            if not full:
                waiting.append(task)
                self._change.notify()
        if full:
            task()

    def wait(self) -> None:
        """Return when nothing is left to do. Raises what a task raised: a task is expected to handle what it can name."""
        with self._change:
            self._change.wait_for(lambda: self._error is not None or not (self._running.total() or any(self._waiting.values())))
            if self._error is not None:
                raise self._error

    def stop(self) -> None:
        """Drop what has not begun, and let the threads end after what they are doing. They are not waited for."""
        with self._change:
            self._stopped = True
            self._waiting.clear()
            self._change.notify_all()

    def _next(self) -> tuple[Hashable, Task] | None:
        for key, waiting in self._waiting.items():
            if waiting and self._running[key] < self._per_key:
                # The key goes to the end of the line, so that one long service does not hold up the others.
                self._waiting[key] = self._waiting.pop(key)
                self._running[key] += 1
                return key, waiting.popleft()
        return None

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._stopped or self._ready())
                if self._stopped:
                    return
                found = self._next()
            if found is None:
                continue
            key, task = found
            try:
                task()
            except BaseException as error:  # noqa: BLE001 - carried to the thread that waits, which raises it
                with self._change:
                    self._error = self._error or error
            finally:
                with self._change:
                    self._running[key] -= 1
                    self._change.notify_all()

    def _ready(self) -> bool:
        return any(waiting and self._running[key] < self._per_key for key, waiting in self._waiting.items())
