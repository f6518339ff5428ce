"""How an objective stands now: the row of the table, and the line on the card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.domain.slo.counts import (
    Bucket,
    Counts,
    between,
    budget_left,
    burn_rate,
    exhausted_in,
    summed,
)
from bot.domain.slo.objective import Objective, Threshold

CURRENT = timedelta(hours=24)
POLLED = timedelta(minutes=5)
"""How often a source is asked while nothing happens."""
LOOKBACKS = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))
_SLOW = 3
"""A source that says nothing for so many of its normal lags is blind."""
_LITTLE = 0.5


class Health(StrEnum):
    HEALTHY = "healthy"
    WARNING = "warning"
    EXHAUSTED = "exhausted"
    NO_DATA = "no data"


@dataclass(frozen=True, kw_only=True)
class Read:
    """What is stored of an objective. `hours` reach back over its window, `minutes` over a day.

    `until` is the end of the last complete minute that its source answered for.
    """

    window: Counts | None = None
    """The sum of the window's hours, where somebody has added them up already."""
    current: Counts | None = None
    """The same of the last 24 h."""
    hours: Sequence[Bucket] = ()
    minutes: Sequence[Bucket] = ()
    until: datetime | None = None
    reading: float | None = None
    """The newest value of a threshold, in its unit, over the last 24 h."""
    source: str = ""
    lag: timedelta = timedelta(minutes=2)
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The few numbers that a row of the table needs, as of `until`."""

    current: Counts = field(default_factory=Counts)
    window: Counts = field(default_factory=Counts)
    burns: tuple[float | None, ...] = (None, None, None)
    reading: float | None = None
    until: datetime | None = None
    source: str = ""
    lag: timedelta = timedelta(minutes=2)
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class ObjectiveStatus:
    """`burns` are by lookback, shortest first; None where there was no traffic to tell from."""

    objective: Objective
    at: datetime
    current: Counts = field(default_factory=Counts)
    window: Counts = field(default_factory=Counts)
    burns: tuple[float | None, ...] = (None, None, None)
    reading: float | None = None
    until: datetime | None = None
    source: str = ""
    blind: str = ""
    """Why nothing newer is known ("New Relic blind since 03:04 UTC")."""

    @property
    def sli(self) -> float | None:
        return self.current.sli

    @property
    def left(self) -> float | None:
        """Of the budget of the rolling window; None where there is none, or no data."""
        target = self.objective.target
        return None if target is None else budget_left(self.window, target)

    @property
    def burn(self) -> float | None:
        """Of the last 24 h."""
        target = self.objective.target
        return None if target is None else burn_rate(self.current, target)

    @property
    def exhausted_in(self) -> timedelta | None:
        """At the burn of the last hour; None where it does not run out within the window."""
        left, burn = self.left, self.burns[1]
        if left is None or burn is None or burn <= 1:
            return timedelta() if left is not None and left <= 0 else None
        return exhausted_in(left, burn, self.objective.window)

    @property
    def health(self) -> Health:
        indicator = self.objective.indicator
        if isinstance(indicator, Threshold):
            if self.reading is None:
                return Health.NO_DATA
            return Health.HEALTHY if self.reading < indicator.below else Health.WARNING
        left, burn = self.left, self.burn
        if left is None:
            return Health.NO_DATA
        if left <= 0:
            return Health.EXHAUSTED
        if left < _LITTLE or (burn is not None and burn > 1):
            return Health.WARNING
        return Health.HEALTHY


def reckon(objective: Objective, read: Read) -> Figures:
    """The numbers of the table as of `read.until`; what is not known yet is empty.

    The current window ends where the source does; the budget's window holds whole hours and the
    minutes since.
    """
    # A wall clock of summer and winter would make a day of 23 hours.
    until = read.until.astimezone(UTC) if read.until else None
    target = objective.target
    burns: tuple[float | None, ...] = (None,) * len(LOOKBACKS)
    current = window = Counts()
    if target is not None and until is not None:
        current = read.current or between(read.minutes, until - CURRENT, until)
        window = read.window or _window(read, until - objective.window, until)
        burns = tuple(
            burn_rate(between(read.minutes, until - width, until), target) for width in LOOKBACKS
        )
    return Figures(
        current=current,
        window=window,
        burns=burns,
        reading=read.reading,
        until=until,
        source=read.source,
        lag=read.lag,
        trouble=read.trouble,
    )


def status(objective: Objective, read: Read, now: datetime) -> ObjectiveStatus:
    return as_of(objective, reckon(objective, read), now)


def as_of(objective: Objective, figures: Figures, now: datetime) -> ObjectiveStatus:
    """What was reckoned then, as it looks now: a source may have fallen silent since."""
    return ObjectiveStatus(
        objective=objective,
        at=now,
        current=figures.current,
        window=figures.window,
        burns=figures.burns,
        reading=figures.reading,
        until=figures.until,
        source=figures.source,
        blind=_blind(figures, now),
    )


def _window(read: Read, since: datetime, until: datetime) -> Counts:
    """An hour that is not over is counted by its minutes so far: its row holds just those."""
    return summed(each for each in read.hours if since <= each.at < until)


def _blind(figures: Figures, now: datetime) -> str:
    if figures.until is None:
        return figures.trouble
    if now - figures.until <= _SLOW * figures.lag + POLLED:
        return ""
    day = f"{figures.until:%d %b} " if now - figures.until >= CURRENT else ""
    return f"{figures.source} blind since {day}{figures.until:%H:%M} UTC"
