"""What a fact is: a frozen, past-tense record with a stored name that never changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing that happened. `happened_at` is the world's own time for it, where it has one.

    `bookkeeping` facts (ids of messages, tickets) owe no board; `chatter` lets a board wait 10 s.
    """

    stored: ClassVar[str] = ""
    bookkeeping: ClassVar[bool] = False
    chatter: ClassVar[bool] = False

    happened_at: datetime | None = None

    def __init_subclass__(
        cls, *, stored: str = "", bookkeeping: bool = False, chatter: bool = False
    ) -> None:
        cls.stored, cls.bookkeeping, cls.chatter = stored, bookkeeping, chatter

    @property
    def calm(self) -> bool:
        """Whether boards may wait with showing it."""
        return self.chatter


@dataclass(frozen=True, kw_only=True)
class Unrecognised(Fact, stored=""):
    """A fact that a newer program wrote: kept as it is; its incident is read-only here."""

    name: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Redacted(Fact, stored="redacted"):
    """The body of an earlier entry was taken out; its place in the chain stays."""

    seq: int
    fields: tuple[str, ...]
    by: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Withheld(Fact, stored=""):
    """What is read where a body was redacted."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A fact in its place: `seq` counts from 1 in its incident, `at` is our clock."""

    incident: str
    seq: int
    at: datetime
    fact: Fact

    @property
    def when(self) -> datetime:
        """The time to show: the world's where it is known, else ours."""
        return self.fact.happened_at or self.at


def kinds() -> Iterator[type[Fact]]:
    """Every fact that can be stored, in no particular order."""
    waiting = list(Fact.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if kind.stored:
            yield kind
