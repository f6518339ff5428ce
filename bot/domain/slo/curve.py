"""The picture of an incident in one objective: its SLI by minute, with the moments that matter marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.slo.counts import minute_of
from bot.domain.slo.course import Course

_AROUND = timedelta(minutes=15)
_LONGEST = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """`at` in UTC; `label` in a word or two ("Detected")."""

    at: datetime
    label: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """`points` are (minute, SLI as a fraction or None where nobody could say), oldest first.

    `alt` says in words what is to be seen.
    """

    name: str
    title: str
    alt: str
    target: float
    points: tuple[tuple[datetime, float | None], ...]
    moments: tuple[Moment, ...] = ()


def curve(course: Course, moments: tuple[Moment, ...], *, now: datetime) -> Curve | None:
    """A quarter of an hour around the moments, half a day at most; None where nothing is known."""
    if course.objective.target is None or not moments:
        return None
    begin = minute_of(min(each.at for each in moments)) - _AROUND
    end = min(max(each.at for each in moments) + _AROUND, now, begin + _LONGEST)
    points = tuple(
        (each.at, None if each.counts is None else each.counts.sli)
        for each in course.minutes
        if begin <= each.at and each.until <= end
    )
    known = [sli for _at, sli in points if sli is not None]
    if len(known) < 2:
        return None
    worst = min((sli, at) for at, sli in points if sli is not None)
    # A moment is known before the counts of its minute are: the end is marked though they are late.
    seen = [each for each in moments if each.at <= begin + _LONGEST]
    return Curve(
        name=course.objective.name,
        title=f"{course.objective.label}, {begin:%d %b %Y}",
        alt=_in_words(course, worst, tuple(seen)),
        target=course.objective.target,
        points=points,
        moments=tuple(seen),
    )


def _in_words(course: Course, worst: tuple[float, datetime], seen: tuple[Moment, ...]) -> str:
    target = f"{(course.objective.target or 0) * 100:g}%"
    # Never rounded up onto a promise: two digits, cut.
    lowest = f"{int(worst[0] * 10_000) / 100:g}%"
    told = ", ".join(f"{each.label.lower()} {each.at:%H:%M}" for each in seen)
    return (
        f"Line chart of {course.objective.label} by minute (UTC), target {target}:"
        f" lowest {lowest} at {worst[1]:%H:%M}; {told}."
    )
