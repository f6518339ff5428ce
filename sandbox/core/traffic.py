"""The ordered log of every request that came in and every delivery that went out."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(kw_only=True)
class Record:
    """One exchange; `status` stays None while it is under way or when no answer came."""

    n: int
    at: datetime
    wall: float
    kind: str
    system: str
    method: str = "POST"
    path: str = ""
    name: str = ""
    request: Any = None
    status: int | None = None
    response: Any = None
    ms: float | None = None
    fault: str | None = None
    key: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}


class Traffic:
    """Numbers records in the order in which they began."""

    def __init__(self, now: Callable[[], datetime]):
        self.records: list[Record] = []
        self._now = now
        self._next = 1
        self._file: Path | None = None
        self._unwritten: list[Record] = []

    @property
    def last(self) -> int:
        """The number of the newest record."""
        return self._next - 1

    def record(self, **facts: Any) -> Record:
        """Open a record (`kind`, `system`, `name`, ...); the caller fills in the answer later."""
        made = Record(n=self._next, at=self._now(), wall=time.time(), **facts)
        self._next += 1
        self.records.append(made)
        self._unwritten.append(made)
        return made

    def after(self, n: int, *, system: str | None = None, name: str | None = None) -> list[Record]:
        return [
            each
            for each in self.records
            if each.n > n and system in (None, each.system) and name in (None, each.name)
        ]

    def clear(self) -> None:
        """Empty the log; numbers go on, so that a reader's `after` stays meaningful."""
        self.records.clear()
        self._unwritten.clear()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def keep_in(self, file: Path) -> None:
        """Keep the log in `file` from now on, and read back what an earlier run left there."""
        self._file = file
        if file.exists():
            # A record may stand there twice, unfinished and finished; the later line counts.
            read = {each.n: each for each in map(_read, file.read_text().splitlines()) if each}
            self.records = [read[n] for n in sorted(read)]
            self._next = max(read, default=0) + 1

    def save(self) -> None:
        """Append what is new; an unfinished record is appended now and again once it is done."""
        if self._file is None or not self._unwritten:
            return
        lines = [json.dumps(each.as_json(), default=str) for each in self._unwritten]
        with self._file.open("a") as file:
            file.write("".join(line + "\n" for line in lines))
        self._unwritten = [each for each in self._unwritten if each.ms is None]


def _read(line: str) -> Record | None:
    try:
        facts = json.loads(line)
    except ValueError:
        # The line that was being written when an earlier run was killed.
        return None
    return Record(**facts | {"at": datetime.fromisoformat(facts["at"])})
