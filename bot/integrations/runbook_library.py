"""The runbooks as the flow sees them: read from their directory, indexed, read again when changed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from bot.domain.lookup import Lookup
from bot.domain.runbook import Answer, Query, Runbook
from bot.integrations.runbook_files import read_runbooks

_LOOK_EVERY = 30.0


class RunbookLibrary:
    """A missing directory is an empty library."""

    def __init__(self, directories: Sequence[Path]) -> None:
        self._directories = [folder for folder in directories if folder.is_dir()]
        self._lock = Lock()
        self._looked = 0.0
        self._state: tuple[tuple[str, int], ...] = ()
        self._books: dict[str, Runbook] = {}
        self._lookup: Lookup | None = None

    def search(self, query: Query) -> Answer:
        return self._fresh().search(query)

    def read(self, path: str) -> Runbook | None:
        self._fresh()
        return self._books.get(path)

    def all(self) -> list[Runbook]:
        self._fresh()
        return [self._books[path] for path in sorted(self._books)]

    def _fresh(self) -> Lookup:
        with self._lock:
            now = time.monotonic()
            if self._lookup is None or now - self._looked > _LOOK_EVERY:
                self._looked = now
                state = self._stamp()
                if self._lookup is None or state != self._state:
                    books = read_runbooks(self._directories)
                    self._state, self._books = state, {book.path: book for book in books}
                    self._lookup = Lookup(books)
            return self._lookup

    def _stamp(self) -> tuple[tuple[str, int], ...]:
        return tuple(
            (str(path), path.stat().st_mtime_ns)
            for folder in self._directories
            for path in sorted(folder.rglob("*.md"))
        )
