"""Judges by numbers whether a fix worked: recovered, not recovered, worse, or too early to tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.mitigation import Healthy, Measure, TooEarly, Unhealthy, Verdict

RECENT = timedelta(minutes=3)
"""The last minutes that have to be good."""
ENOUGH_REQUESTS = 100
LONG_ENOUGH = timedelta(minutes=10)
"""After this long a few requests have to do."""
PATIENCE = timedelta(minutes=5)
"""How long the numbers may stay bad after the fix settled."""
_FLOOR = 0.01
_FALLEN, _BACK = 0.6, 0.8
"""Of the usual requests: below the first they had fallen, above the second they are back."""
_WORSE = 1.25
"""Of the error rate before: above it a step is no help but harm."""
_BUSY = 30.0
"""Requests a minute from which their number says something."""


class Judge(Protocol):
    def __call__(self, case: Recovery, *, recent: Measure, whole: Measure) -> Verdict: ...


def percent(ratio: float) -> str:
    return f"{ratio * 100:.1f}%"


@dataclass(frozen=True, kw_only=True)
class Number:
    """How the number that is watched is called and written; it is given as a fraction of failures."""

    name: str = "error rate"
    tells: Callable[[float], str] = percent
    better: str = "falling"


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """A fix that settled at `since`; `before` is the measure from before it, `normal` a ratio.

    `stable` is how long the numbers have to stay good before it is called proven; `floor` is the
    fraction of failures that counts as good whatever is normal.
    """

    since: datetime
    now: datetime
    before: Measure | None = None
    normal: float | None = None
    stable: timedelta = LONG_ENOUGH
    usual: float | None = None
    """Requests a minute on a normal day."""
    floor: float = _FLOOR
    number: Number = field(default_factory=Number)

    @property
    def fallen(self) -> bool:
        """Whether the service was missing requests, not failing them, before the fix."""
        if self.before is None or (self.before.error_ratio or 0.0) > self.good:
            return False
        return missing(self.before, self.usual)

    @property
    def age(self) -> timedelta:
        return self.now - self.since

    @property
    def good(self) -> float:
        """At or below this the service counts as recovered."""
        return max(2 * (self.normal or 0.0), self.floor)

    def window(self, length: timedelta) -> tuple[datetime, datetime]:
        """The last minutes up to now, never reaching back before the fix."""
        return max(self.since, self.now - length), self.now


def judge(case: Recovery, *, recent: Measure, whole: Measure) -> Verdict:
    """`recent` is measured over `window(RECENT)`, `whole` over `window(stable)`."""
    if blind := recent.blind or whole.blind:
        return TooEarly(progress=f"blind: {blind}", blind=True)
    if not whole.requests or recent.error_ratio is None or whole.error_ratio is None:
        return TooEarly(progress="cannot tell yet: no requests")
    if whole.requests < ENOUGH_REQUESTS and case.age < LONG_ENOUGH:
        return TooEarly(progress=f"cannot tell yet: {_requests(whole.requests)}")
    if recent.error_ratio > case.good:
        return _bad(case, recent)
    if case.fallen and not _is_back(case, recent):
        return _still_missing(case, recent)
    if case.age < RECENT:
        return TooEarly(progress=f"{_change(case, recent)}, {_minutes(case.age)} since the fix")
    if case.age < case.stable or whole.error_ratio > case.good:
        last = f"{recent.at - RECENT:%H:%M}–{recent.at:%H:%M} UTC"
        stable = f"watching until it was stable for {_minutes(case.stable)}"
        return TooEarly(progress=f"recovered: {_change(case, recent)} ({last}); {stable}")
    few = "" if whole.requests >= ENOUGH_REQUESTS else f" ({_requests(whole.requests)} only)"
    evidence = f"{_change(case, whole)}{few}, stable {_minutes(case.stable)}{_calm(case)}"
    return Healthy(evidence=evidence, measure=whole)


def no_worse(case: Recovery, *, recent: Measure, whole: Measure) -> Verdict:
    """For one step of several: users may still be hit by the rest, and must not be hit harder."""
    if blind := recent.blind or whole.blind:
        return TooEarly(progress=f"blind: {blind}", blind=True)
    if case.age < RECENT:
        return TooEarly(progress=f"through; watching for {_minutes(RECENT)} before the next")
    if recent.error_ratio is None or recent.requests < ENOUGH_REQUESTS:
        if case.age < LONG_ENOUGH:
            return TooEarly(progress=f"cannot tell yet: {_requests(recent.requests)}")
        return Healthy(evidence=f"{_requests(recent.requests)} since", measure=recent)
    before = case.before.error_ratio if case.before else None
    if recent.error_ratio > max(case.good, _WORSE * (before or 0.0)):
        return Unhealthy(why=f"worse: {_change(case, recent)}", measure=recent, worse=True)
    return Healthy(evidence=f"no worse: {_change(case, recent)}", measure=recent)


def missing(measure: Measure, usual: float | None) -> bool:
    """Whether far fewer requests came than the usual number a minute, of a service that has many."""
    if measure.per_minute is None or usual is None or usual < _BUSY:
        return False
    return measure.per_minute < _FALLEN * usual


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """What several numbers say of one fix, the telling one first. One that is bad is not made good
    by others; a blind one proves nothing, and leaves the verdict to those that see.
    """
    for each in verdicts:
        if isinstance(each, Unhealthy):
            return each
    seeing = [each for each in verdicts if not (isinstance(each, TooEarly) and each.blind)]
    if not seeing:
        return verdicts[0]
    for each in seeing:
        if isinstance(each, TooEarly):
            return each
    return _all_good([each for each in seeing if isinstance(each, Healthy)], verdicts)


def _all_good(good: Sequence[Healthy], every: Sequence[Verdict]) -> Healthy:
    blind = [each.progress for each in every if isinstance(each, TooEarly)]
    known = [each.since for each in good if each.since is not None]
    return Healthy(
        evidence="; ".join([*(each.evidence for each in good), *blind]),
        measure=good[0].measure,
        since=max(known, default=None),
    )


def _bad(case: Recovery, recent: Measure) -> Verdict:
    number, ratio = case.number, recent.error_ratio or 0.0
    before = case.before.error_ratio if case.before else None
    better = before is not None and ratio < before / 2
    worse = before is not None and ratio > max(_WORSE * before, case.good)
    patience = case.stable if better else PATIENCE
    named = "" if number.name == Number.name else f"{number.name} "
    if case.age < max(patience, RECENT):
        trend = number.better if better else "worse:" if worse else "still"
        told = f"{named}{trend} {number.tells(ratio)}"
        return TooEarly(progress=f"{told}, {_minutes(case.age)} since the fix")
    trend = "worse:" if worse else "still"
    told = f"{named}{trend} {number.tells(ratio)} after {_minutes(case.age)}{_was(case)}"
    return Unhealthy(why=told, measure=recent, worse=worse)


def _calm(case: Recovery) -> str:
    """Good numbers prove little where they were good before the fix."""
    if case.fallen:
        return ""
    before = case.before.error_ratio if case.before else None
    if before is None or before > case.good:
        return ""
    return " (normal before the change too: this number does not prove it)"


def _is_back(case: Recovery, measure: Measure) -> bool:
    return (measure.per_minute or 0.0) >= _BACK * (case.usual or 0.0)


def _still_missing(case: Recovery, recent: Measure) -> Verdict:
    now, usual = recent.per_minute or 0.0, case.usual or 0.0
    if case.age < PATIENCE:
        return TooEarly(
            progress=f"still {now:.0f} requests a minute (usually {usual:.0f}),"
            f" {_minutes(case.age)} since the fix"
        )
    before = case.before.per_minute if case.before else None
    return Unhealthy(
        why=f"still {now:.0f} requests a minute after {_minutes(case.age)}"
        f" ({before or 0.0:.0f} before, usually {usual:.0f})",
        measure=recent,
    )


def _was(case: Recovery) -> str:
    known, tells = [], case.number.tells
    if case.before and case.before.error_ratio is not None:
        known.append(f"{tells(case.before.error_ratio)} before")
    if case.normal is not None:
        known.append(f"normal is {tells(case.normal)}")
    return f" ({', '.join(known)})" if known else ""


def _change(case: Recovery, measure: Measure) -> str:
    if case.fallen and case.before:
        rates = f"{case.before.per_minute or 0.0:.0f} → {measure.per_minute or 0.0:.0f}"
        return f"{rates} requests a minute (usually {case.usual or 0.0:.0f})"
    name, tells = case.number.name, case.number.tells
    now = tells(measure.error_ratio or 0.0)
    if case.before and case.before.error_ratio is not None:
        return f"{name} {tells(case.before.error_ratio)} → {now}"
    return f"{name} {now}, not known before"


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count} requests"


def _minutes(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return "less than a minute" if minutes < 1 else f"{minutes} min"
