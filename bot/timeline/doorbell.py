"""How `app.py owed retry` tells the running bot that it has changed what is owed."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

_RING, _STOP = b"r", b"s"


class Doorbell:
    """A named pipe beside the database: no polling, no port, and it works in a container."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread: threading.Thread | None = None

    def ring(self) -> bool:
        """False when nobody listens, which is when the bot does not run."""
        return self._send(_RING)

    def listen(self, answer: Callable[[], None]) -> None:
        """Call `answer` in a thread of its own for each ring, until `close`."""
        if not self._is_pipe():
            self._path.unlink(missing_ok=True)
            os.mkfifo(self._path, mode=0o600)
        # Open for both, so that reading does not end when a ringer closes its side.
        pipe = os.open(self._path, os.O_RDWR)
        self._thread = threading.Thread(
            target=_listen, args=(pipe, answer), name="doorbell", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        if self._thread is not None:
            self._send(_STOP)
            self._thread.join()
            self._thread = None

    def _is_pipe(self) -> bool:
        return self._path.exists() and stat.S_ISFIFO(self._path.stat().st_mode)

    def _send(self, what: bytes) -> bool:
        try:
            pipe = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            # No such pipe, or no reader at its other end.
            return False
        try:
            os.write(pipe, what)
        finally:
            os.close(pipe)
        return True


def _listen(pipe: int, answer: Callable[[], None]) -> None:
    try:
        while _STOP not in (rung := os.read(pipe, 64)):
            if rung:
                answer()
    finally:
        os.close(pipe)
