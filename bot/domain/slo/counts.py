"""The arithmetic of error budgets. Formulas: the SRE workbook, "Implementing SLOs" and "Alerting on SLOs"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.slo.objective import MONTH, BurnRule

_HOUR = timedelta(hours=1)
_DIGITS = 12
"""More than any target is written with."""
_WORKBOOK = (
    # Share of the budget, long window in hours, whether it pages.
    (0.02, 1, True),
    (0.05, 6, True),
    (0.10, 24, False),
    (0.10, 72, False),
)


@dataclass(frozen=True)
class Counts:
    """Events of a window: `bad` of `total`. Neither is ever negative, `bad` is at most `total`."""

    total: float = 0.0
    bad: float = 0.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.total + other.total, self.bad + other.bad)

    @property
    def sli(self) -> float | None:
        """Fraction of good events; None without events: no traffic is not a success."""
        return None if self.total <= 0 else 1 - self.bad / self.total

    @property
    def error_ratio(self) -> float | None:
        return None if self.total <= 0 else self.bad / self.total


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """What was counted from `at` on (UTC) for `step`; None where nobody could say."""

    at: datetime
    step: timedelta
    counts: Counts | None

    @property
    def until(self) -> datetime:
        return self.at + self.step


def minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def summed(buckets: Iterable[Bucket]) -> Counts:
    return sum((each.counts for each in buckets if each.counts), Counts())


def between(buckets: Sequence[Bucket], since: datetime, until: datetime) -> Counts:
    """Of whole buckets that lie in the window."""
    return summed(each for each in buckets if since <= each.at and each.until <= until)


def allowed(target: float) -> float:
    """The fraction of events that may be bad: 0.001 at 0.999, where plain floats say a little more."""
    return round(1 - target, _DIGITS)


def burn_rate(counts: Counts, target: float) -> float | None:
    """How many times faster than sustainable: 1 spends exactly the budget over the window."""
    ratio = counts.error_ratio
    return None if ratio is None else ratio / allowed(target)


def budget_left(counts: Counts, target: float) -> float | None:
    """Of the window's own budget, 1 = untouched; negative once overspent, never clipped."""
    burnt = burn_rate(counts, target)
    return None if burnt is None else 1 - burnt


def budget_spent(bad: float, window: Counts, target: float) -> float | None:
    """What `bad` events cost of the budget of a whole window, 0.11 = 11%."""
    return None if window.total <= 0 else bad / (allowed(target) * window.total)


def exhausted_in(left: float, burn: float, window: timedelta = MONTH) -> timedelta | None:
    """How long the budget lasts at this burn; zero when it is gone, None when it does not run out."""
    if left <= 0:
        return timedelta()
    return None if burn <= 0 else window * left / burn


def rules(target: float, window: timedelta = MONTH) -> tuple[BurnRule, ...]:
    """The workbook's multi-window rules, scaled to the window.

    Those that no outage could reach are left out, and none is below 1: that spends no budget early.
    """
    made = (
        BurnRule(
            threshold=max(1.0, round(share * (window / _HOUR) / hours, 4)),
            long=hours * _HOUR,
            short=hours * _HOUR / 12,
            pages=pages,
        )
        for share, hours, pages in _WORKBOOK
        if hours * _HOUR < window
    )
    return tuple(each for each in made if each.threshold <= fastest(target))


def fastest(target: float) -> float:
    """The burn of a total outage: no rule above it can ever fire."""
    return 1 / allowed(target)


def firing(rule: BurnRule, buckets: Sequence[Bucket], target: float, now: datetime) -> bool:
    """Both windows: the long one says that it matters, the short one that it goes on."""
    now = now.astimezone(UTC)
    burnt = (
        burn_rate(between(buckets, now - width, now), target) for width in (rule.long, rule.short)
    )
    return all(each is not None and each >= rule.threshold for each in burnt)
