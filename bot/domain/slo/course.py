"""An objective's minutes around a fix: whether users were hit before it, and since when they are well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.mitigation import Measure
from bot.domain.slo.budget import BAD_BURN, bad_minute
from bot.domain.slo.counts import Bucket, allowed, between, minute_of
from bot.domain.slo.objective import Objective

MINUTE = timedelta(minutes=1)
BEFORE = timedelta(minutes=5)
"""Of these the number before the fix is made."""
_NEAR = timedelta(minutes=15)
_QUIET = timedelta(hours=1)
_NOISE = 0.01
_SHOWN = 24


@dataclass(frozen=True, kw_only=True)
class Course:
    """`minutes` oldest first; `until` is the end of the last one that the source answered for."""

    objective: Objective
    minutes: Sequence[Bucket]
    until: datetime
    source: str
    blind: str = ""

    @property
    def tolerated(self) -> float:
        """The fraction of bad events that is the noise of a quiet day: under a modest promise not
        six times what it allows, but a hundredth, or just what it allows.
        """
        promised = allowed(self.objective.target or 0.0)
        return max(promised, min(BAD_BURN * promised, _NOISE))

    def measure(self, since: datetime, until: datetime) -> Measure:
        """Over the whole minutes in between."""
        counts = between(self.minutes, since, until)
        lasted = (until - since) / MINUTE
        return Measure(
            source=self.source,
            at=until,
            error_ratio=counts.error_ratio,
            requests=int(counts.total),
            blind=self.blind,
            per_minute=counts.total / lasted if lasted > 0 else None,
        )

    def before(self, fix: datetime) -> Measure:
        """The minutes up to the fix, from the last bad one back: it may have helped at once."""
        end = minute_of(fix) + MINUTE
        near = [each for each in self._bad if end - _NEAR <= each.at < end]
        end = near[-1].until if near else end
        return self.measure(end - BEFORE, end)

    def normal(self, start: datetime) -> float | None:
        """The fraction that was bad in the hour that ended a quarter of an hour before it began."""
        end = minute_of(start) - _NEAR
        return between(self.minutes, end - _QUIET, end).error_ratio

    def hit(self, fix: datetime) -> bool:
        """Whether users were hit when it was made: two bad minutes of the quarter hour before."""
        near = [each for each in self._bad if fix - _NEAR <= each.at <= fix]
        return len(near) > 1

    def well_since(self) -> datetime | None:
        """The end of the last bad minute; None where there is none."""
        return self._bad[-1].until if self._bad else None

    def picture(self, since: datetime, until: datetime) -> tuple[float, ...]:
        """The fraction of bad events by minute; the latest ones where there are many."""
        wanted = [each for each in self.minutes if since <= each.at and each.until <= until]
        known = [each.counts.error_ratio or 0.0 for each in wanted if each.counts]
        return tuple(known[-_SHOWN:])

    @property
    def _bad(self) -> list[Bucket]:
        target = self.objective.target
        if target is None:
            return []
        return [each for each in self.minutes if bad_minute(each, target)]
