"""The burn-down chart as numbers: where each point, label and mark lies in its box."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.slo import Bucket, Objective, Remaining, burn_down, rolling
from bot.flow import figures

HEIGHT = 240.0
"""Pixels from the top of the scale to its bottom; the width is the browser's own, in percent."""
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_QUARTER = 0.25
_BELOW = 4
"""So many lines are drawn below zero at most."""
_APART = 15.0
"""Labels nearer to each other than this would lie on each other."""
_SHORT = frozenset((1, 10, 20))
_LONG = frozenset((1, 5, 10, 15, 20, 25))


class Line(StrEnum):
    CUMULATIVE = "cumulative"
    ROLLING = "rolling"


@dataclass(frozen=True, kw_only=True)
class Point:
    """`x` in percent of the width, `y` in pixels from the top."""

    day: int
    x: float
    y: float
    left: str
    at: datetime

    @property
    def says(self) -> str:
        return f"Day {self.day}, {self.at:%d %b}: {self.left} left"


@dataclass(frozen=True, kw_only=True)
class Tick:
    at: float
    label: str
    zero: bool = False
    roomy: bool = False
    """Shown only where there is room."""


@dataclass(frozen=True, kw_only=True)
class Happened:
    """An incident as the chart needs it."""

    id: str
    title: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Mark:
    id: str
    x: float
    at: datetime
    title: str

    @property
    def says(self) -> str:
        return f"{self.at:%d %b %H:%M} UTC: {self.title}"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`path` in a box of 1000 by `HEIGHT`; `points` are the ends of the days that are known."""

    line: Line
    path: str
    points: tuple[Point, ...]
    columns: tuple[Tick, ...]
    rows: tuple[Tick, ...]
    marks: tuple[Mark, ...]

    @property
    def last(self) -> Point:
        return self.points[-1]


@dataclass(frozen=True, kw_only=True)
class Span:
    """Whole hours, as the budget of the table counts them."""

    since: datetime
    until: datetime

    @property
    def days(self) -> int:
        return round((self.until - self.since) / _DAY)

    def share(self, at: datetime) -> float:
        """0 at its beginning, 1 at its end."""
        return (at - self.since) / (self.until - self.since)


def span(objective: Objective, until: datetime) -> Span:
    """The window that ends with the hour in which the source was read last."""
    begun = until.replace(minute=0, second=0, microsecond=0)
    end = begun + _HOUR if begun < until else begun
    return Span(since=end - objective.window, until=end)


def chart(
    objective: Objective,
    hours: Sequence[Bucket],
    over: Span,
    *,
    line: Line = Line.CUMULATIVE,
    incidents: Iterable[Happened] = (),
) -> Chart | None:
    """None where no point of it is known. A rolling line needs the hours of the window before."""
    if objective.target is None:
        return None
    known = [(each.at, each.left) for each in _remaining(objective, hours, over, line)]
    found = [(at, left) for at, left in known if left is not None]
    if not found:
        return None
    scale = Scale(min(left for _at, left in found))
    return Chart(
        line=line,
        path=" ".join(f"{1000 * over.share(at):.2f},{scale.y(left):.2f}" for at, left in found),
        points=tuple(_points(found, over, scale)),
        columns=tuple(_columns(over.days)),
        rows=tuple(scale.ticks()),
        marks=tuple(_marks(incidents, over)),
    )


class Scale:
    """100% at the top, 0% at the bottom, or as far below as the line goes."""

    def __init__(self, lowest: float) -> None:
        below = max(0, -int(lowest // _QUARTER))
        self._step = _QUARTER * max(1, -(-below // _BELOW))
        self._lines = -(-below * _QUARTER // self._step)
        self.bottom = -self._step * self._lines

    def y(self, left: float) -> float:
        return HEIGHT * (1 - left) / (1 - self.bottom)

    def ticks(self) -> Iterator[Tick]:
        """100%, 75%, 50%, 25%, 0% and what is below; what would not fit goes without its label."""
        shown = [0.0, 1.0, *(-self._step * n for n in range(1, int(self._lines) + 1))]
        taken: list[float] = []
        for left in [*shown, 0.5, 0.75, 0.25]:
            at = self.y(left)
            fits = all(abs(at - other) >= _APART for other in taken)
            if fits:
                taken.append(at)
                yield Tick(at=at, label=f"{left * 100:g}%", zero=left == 0)


def _remaining(
    objective: Objective, hours: Sequence[Bucket], over: Span, line: Line
) -> list[Remaining]:
    target = objective.target or 0.0
    match line:
        case Line.ROLLING:
            return rolling(
                hours, target, window=objective.window, since=over.since, until=over.until
            )
        case Line.CUMULATIVE:
            spent = burn_down(hours, target, since=over.since, until=over.until)
            untouched = spent and spent[0].left is not None
            return [Remaining(over.since, 1.0), *spent] if untouched else spent


def _points(found: Sequence[tuple[datetime, float]], over: Span, scale: Scale) -> Iterator[Point]:
    """What was left at the end of each day; the last one at the end of what is known."""
    of_day = {-((over.since - at) // _DAY): (at, left) for at, left in found if at > over.since}
    for day, (at, left) in of_day.items():
        x = 100 * over.share(at)
        yield Point(day=day, x=x, y=scale.y(left), left=figures.budget(left), at=at)


def _columns(days: int) -> Iterator[Tick]:
    for day in range(1, days + 1):
        if day in _LONG or day == days:
            roomy = day not in _SHORT and day != days
            yield Tick(at=100 * day / days, label=f"Day {day}", roomy=roomy)


def _marks(incidents: Iterable[Happened], over: Span) -> Iterator[Mark]:
    for each in sorted(incidents, key=lambda one: one.at):
        if over.since <= each.at <= over.until:
            yield Mark(id=each.id, x=100 * over.share(each.at), at=each.at, title=each.title)
