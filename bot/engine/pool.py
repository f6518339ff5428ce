"""Threads that die with the process, so that a slow vendor cannot hold up a shutdown."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable


class Pool:
    """Up to `size` threads, started as they are needed. What is submitted may not raise."""

    def __init__(self, name: str, size: int) -> None:
        self._name, self._size = name, size
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._idle = 0

    def submit(self, task: Callable[[], None]) -> None:
        with self._guard:
            self._queue.put(task)
            self._idle -= 1
            if self._idle < 0 and len(self._threads) < self._size:
                self._idle += 1
                thread = threading.Thread(
                    target=self._run, name=f"{self._name}-{len(self._threads)}", daemon=True
                )
                self._threads.append(thread)
                thread.start()

    def close(self) -> None:
        """Threads leave when they have finished what they do; nobody waits for them."""
        with self._guard:
            for _thread in self._threads:
                self._queue.put(None)

    def _run(self) -> None:
        while (task := self._queue.get()) is not None:
            task()
            with self._guard:
                self._idle += 1
