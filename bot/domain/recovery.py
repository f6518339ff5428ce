"""Judges by numbers whether a fix worked: recovered, not recovered, or too early to tell."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """A fix that settled at `since`; `before` is the measure from before it, `normal` a ratio.

    `stable` is how long the numbers have to stay good before it is called proven.
    """

    since: datetime
    now: datetime
    before: Measure | None = None
    normal: float | None = None
    stable: timedelta = LONG_ENOUGH
    usual: float | None = None
    """Requests a minute on a normal day."""

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
        return max(2 * (self.normal or 0.0), _FLOOR)

    def window(self, length: timedelta) -> tuple[datetime, datetime]:
        """The last minutes up to now, never reaching back before the fix."""
        return max(self.since, self.now - length), self.now


def judge(case: Recovery, *, recent: Measure, whole: Measure) -> Verdict:
    """`recent` is measured over `window(RECENT)`, `whole` over `window(stable)`."""
    if blind := recent.blind or whole.blind:
        return TooEarly(progress=f"blind: {blind}")
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
        return TooEarly(progress=f"blind: {blind}")
    if case.age < RECENT:
        return TooEarly(progress=f"through; watching for {_minutes(RECENT)} before the next")
    if recent.error_ratio is None or recent.requests < ENOUGH_REQUESTS:
        if case.age < LONG_ENOUGH:
            return TooEarly(progress=f"cannot tell yet: {_requests(recent.requests)}")
        return Healthy(evidence=f"{_requests(recent.requests)} since", measure=recent)
    before = case.before.error_ratio if case.before else None
    if recent.error_ratio > max(case.good, _WORSE * (before or 0.0)):
        return Unhealthy(why=f"worse: {_change(case, recent)}", measure=recent)
    return Healthy(evidence=f"no worse: {_change(case, recent)}", measure=recent)


def missing(measure: Measure, usual: float | None) -> bool:
    """Whether far fewer requests came than the usual number a minute, of a service that has many."""
    if measure.per_minute is None or usual is None or usual < _BUSY:
        return False
    return measure.per_minute < _FALLEN * usual


def percent(ratio: float) -> str:
    return f"{ratio * 100:.1f}%"


def _bad(case: Recovery, recent: Measure) -> Verdict:
    ratio = recent.error_ratio or 0.0
    before = case.before.error_ratio if case.before else None
    better = before is not None and ratio < before / 2
    patience = case.stable if better else PATIENCE
    if case.age < max(patience, RECENT):
        trend = "falling" if better else "still"
        return TooEarly(progress=f"{trend} {percent(ratio)}, {_minutes(case.age)} since the fix")
    return Unhealthy(
        why=f"still {percent(ratio)} after {_minutes(case.age)}{_was(case)}", measure=recent
    )


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
    known = []
    if case.before and case.before.error_ratio is not None:
        known.append(f"{percent(case.before.error_ratio)} before")
    if case.normal is not None:
        known.append(f"normal is {percent(case.normal)}")
    return f" ({', '.join(known)})" if known else ""


def _change(case: Recovery, measure: Measure) -> str:
    if case.fallen and case.before:
        rates = f"{case.before.per_minute or 0.0:.0f} → {measure.per_minute or 0.0:.0f}"
        return f"{rates} requests a minute (usually {case.usual or 0.0:.0f})"
    now = percent(measure.error_ratio or 0.0)
    if case.before and case.before.error_ratio is not None:
        return f"error rate {percent(case.before.error_ratio)} → {now}"
    return f"error rate {now}, not known before"


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count} requests"


def _minutes(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return "less than a minute" if minutes < 1 else f"{minutes} min"
