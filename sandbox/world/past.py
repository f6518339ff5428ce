"""What was counted before the world began, and how it goes on while nothing happens.

A stream's past is one curve, the expected count since long ago; what was counted in a window is
the difference of its whole numbers at both ends. So minutes add up to hours, an hour costs as
much as a minute, and the same window always has the same counts.
"""

from __future__ import annotations

import hashlib
import math
import random
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate

from sandbox.core.clock import START

HOUR = timedelta(hours=1)
REACH = timedelta(days=400)
"""Thirteen months: how long hours are kept by those who keep them."""
_DAY = 24
_MONTH = 30 * _DAY
_HOURS = int(REACH / HOUR)
_STEADY = 30
"""Hours at both ends of the last 30 days with the usual ratio: as it moves on, what enters the
rolling window is what leaves it, and the table says the same all day."""
_SWING, _PEAK = 0.35, 16
_WEEKEND = 0.75
_IN_INCIDENTS = 0.55
"""Of the errors between the steady ends; the rest trickles."""
_EARLIER, _WORSE = 33 * _DAY, 1.2
"""The month before had the same kind of incidents, a little worse."""
Incident = tuple[float, int, float]
"""Days before the start, hours, weight."""


@dataclass(frozen=True, kw_only=True)
class Stream:
    """Events of one kind. `rate` is theirs by the minute on a weekday at 14:00 UTC.

    `ratio` of them are bad on a usual day, `spent` were bad over the last 30 days.
    """

    key: str
    rate: float
    ratio: float
    spent: float
    incidents: tuple[Incident, ...] = ()


@dataclass(frozen=True)
class Counted:
    """`bad` of `total` events."""

    total: int
    bad: int

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.total + other.total, self.bad + other.bad)


NOTHING = Counted(0, 0)


class Past:
    """Of one stream; after the world began it goes on with the usual rate and ratio."""

    def __init__(self, stream: Stream, seed: int) -> None:
        self._stream = stream
        totals = [stream.rate * each for each in _shape(seed)]
        self._total = _summed(totals)
        self._bad = _summed(_bad(stream, totals, seed))

    def counted(self, since: datetime, until: datetime) -> Counted:
        total, bad = (
            math.floor(self._at(curve, until, rate)) - math.floor(self._at(curve, since, rate))
            for curve, rate in self._curves()
        )
        return Counted(total, min(total, bad))

    def _curves(self) -> tuple[tuple[array[float], float], ...]:
        rate = self._stream.rate
        return (self._total, rate), (self._bad, rate * self._stream.ratio)

    def _at(self, curve: array[float], at: datetime, rate: float) -> float:
        ahead = (at - START) / HOUR
        if ahead >= 0:
            return curve[-1] + ahead * 60 * rate
        place, part = divmod(ahead + _HOURS, 1)
        if place < 0:
            return curve[0]
        whole = int(place)
        return curve[whole] + part * (curve[whole + 1] - curve[whole])


@lru_cache(maxsize=256)
def past(stream: Stream, seed: int) -> Past:
    return Past(stream, seed)


def incidents_of(key: str) -> tuple[Incident, ...]:
    """For a stream that nobody wrote a story for: two, at days of its own."""
    dice = random.Random(key)
    return tuple((dice.uniform(3, 27), dice.choice((1, 2, 3)), dice.uniform(1, 3)) for _ in "ab")


def _summed(values: Iterable[float]) -> array[float]:
    return array("d", accumulate(values, initial=0.0))


@lru_cache(maxsize=4)
def _shape(seed: int) -> array[float]:
    """By the hour, oldest first, for a rate of one a minute: a day's rhythm, quieter weekends."""
    found = array("d")
    for back in range(_HOURS, 0, -1):
        at = START - back * HOUR
        rhythm = 1 + _SWING * (_wave(at.hour + 0.5) - _wave(START.hour))
        week = _WEEKEND if at.weekday() > 4 else 1.0
        found.append(60 * rhythm * week * (1 + 0.04 * _chance(seed, "traffic", back)))
    return found


def _wave(hour: float) -> float:
    return math.cos((hour - _PEAK) / _DAY * 2 * math.pi)


def _bad(stream: Stream, totals: list[float], seed: int) -> list[float]:
    """By the hour, scaled so that the last 30 days hold exactly what was spent."""
    month = sum(totals[-_MONTH:])
    steady = sum(totals[-_MONTH : -_MONTH + _STEADY]) + sum(totals[-_STEADY:])
    rest = max(0.0, stream.spent * month - stream.ratio * steady)
    middle = range(_HOURS - _MONTH + _STEADY, _HOURS - _STEADY)
    weights = [
        total * (1 + 0.5 * _chance(seed, stream.key, _HOURS - place))
        for place, total in enumerate(totals)
    ]
    broken = _IN_INCIDENTS if stream.incidents else 0.0
    trickle = rest * (1 - broken) / sum(weights[place] for place in middle)
    bad = [weight * trickle for weight in weights]
    _break(bad, totals, stream, rest * broken)
    for place in (*range(middle.start - _STEADY, middle.start), *range(middle.stop, _HOURS)):
        bad[place] = totals[place] * stream.ratio
    return bad


def _break(bad: list[float], totals: list[float], stream: Stream, events: float) -> None:
    """Each incident begins hard and fades; no hour has more errors than events."""
    weight = sum(each[2] for each in stream.incidents)
    for days, hours, share in stream.incidents:
        first = _HOURS - round(days * _DAY)
        fading = [2.0**-hour for hour in range(hours)]
        for hour, part in enumerate(fading):
            more = events * share / weight * part / sum(fading)
            for place, times in ((first + hour, 1.0), (first + hour - _EARLIER, _WORSE)):
                bad[place] = min(totals[place], bad[place] + times * more)


def _chance(seed: int, name: str, hour: int) -> float:
    """Between -1 and 1."""
    digest = hashlib.blake2b(f"{seed}:{name}:{hour}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 0x7FFFFFFF - 1
