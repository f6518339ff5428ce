"""What objectives need of the outside: who counts, and where the counts are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.slo import Figures, Query, Read


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One series: `since` and `until` lie on whole steps, and `until` is not in the future."""

    query: Query
    since: datetime
    until: datetime
    step: timedelta


@dataclass(frozen=True)
class Point:
    """What came in the step that begins at `at`."""

    at: datetime
    value: float


@dataclass(frozen=True)
class Unread:
    """One of several asks could not be answered."""

    why: str


Series = tuple[Point, ...]


class Meter(Protocol):
    """A source of counts in one environment (CloudWatch, New Relic). Reads only."""

    lag: timedelta
    """What is younger than this has not all arrived."""

    def series(self, asks: Sequence[Ask]) -> list[Series | Unread]:
        """In the order of the asks; steps that nothing came in are left out, never invented."""
        ...

    def value(self, query: Query, *, since: datetime, until: datetime) -> float | None:
        """One number over the whole window (a percentile); None where nothing came.

        Raises `VendorDown` or `VendorRejected`.
        """
        ...


class Samples(Protocol):
    """The counts that were read, kept compactly: an hour is a row, its minutes are packed in it."""

    def follow(self, objective: str, definition: str) -> None:
        """Counts of another definition are forgotten: they do not add up with the new ones."""
        ...

    def keep(self, objective: str, read: Read) -> None:
        """Adds to what is known, and replaces what is known of the same buckets.

        An hour with minutes is their sum; `hours` are those that are known as a whole only.
        """
        ...

    def failed(self, objective: str, why: str) -> None:
        """It was asked for and not answered; what was known stays."""
        ...

    def reckoned(self, objective: str, numbers: Figures) -> None:
        """The row of the table as of now, so that nobody reckons it again to look at it."""
        ...

    def figures(self) -> Mapping[str, Figures]:
        """Of every objective that is followed."""
        ...

    def newest(self, objective: str, window: timedelta) -> Read:
        """What a row of the table needs: sums of the window and of a day, minutes of six hours."""
        ...

    def read(self, objective: str, *, since: datetime, minutes_since: datetime) -> Read: ...
