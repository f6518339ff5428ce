"""The part every incident shares: facts are folded in order, and new ones wait to be committed."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from bot.domain.errors import Refused
from bot.domain.facts import Entry, Fact, Unrecognised


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A place that one incident holds alone: `page:<id>`, `mitigating:<environment>/<service>`."""

    kind: str
    key: str


@dataclass(kw_only=True)
class Ledger:
    """Folds facts; every field holds an immutable value, so a shallow copy is a snapshot.

    `now` is set by whoever opens the incident; the domain has no clock.
    """

    id: str
    seq: int = 0
    now: datetime | None = None
    read_only: str = ""
    pending: tuple[Entry, ...] = ()
    taken: tuple[Claim, ...] = ()
    released: tuple[Claim, ...] = ()
    last_at: datetime | None = field(default=None)

    def record(self, fact: Fact) -> None:
        """Add a fact: true in this object at once, true for everybody when it is committed."""
        if self.read_only:
            raise Refused(
                f"This incident holds “{self.read_only}”, written by a newer Tocsin."
                " It is read-only here until this one is upgraded."
            )
        if self.now is None:
            raise RuntimeError("record() only inside timeline.open()")
        entry = Entry(incident=self.id, seq=self.seq + 1, at=self.now, fact=fact)
        self.fold(entry)
        self.pending = (*self.pending, entry)

    def claim(self, kind: str, key: str) -> None:
        """Take a place in the same commit; `AlreadyClaimed` there if another incident holds it."""
        self.taken = (*self.taken, Claim(kind=kind, key=key))

    def release(self, kind: str, key: str) -> None:
        self.released = (*self.released, Claim(kind=kind, key=key))

    def fold(self, entry: Entry) -> None:
        """Take one committed (or just recorded) entry into the state."""
        if isinstance(entry.fact, Unrecognised):
            self.read_only = entry.fact.name
        else:
            self.apply(entry)
        self.seq = entry.seq
        self.last_at = entry.at

    def apply(self, entry: Entry) -> None:
        """Each part of the incident adds its own."""

    def snapshot(self, *, now: datetime | None = None) -> Self:
        """A copy that may be changed without anybody else seeing it, with nothing pending."""
        twin = copy.copy(self)
        twin.now, twin.pending, twin.taken, twin.released = now, (), (), ()
        return twin
