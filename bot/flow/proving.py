"""Whether users recovered: one way of judging, for our mitigations and for fixes made by hand."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.errors import VendorError
from bot.domain.mitigation import (
    Healthy,
    Plan,
    Seen,
    Settled,
    TooEarly,
    Unhealthy,
    Verdict,
)
from bot.domain.recovery import RECENT, Judge, Recovery, judge, no_worse
from bot.tools import Tools


def proven(tools: Tools, plan: Plan, seen: Seen) -> Verdict:
    """First what carried the change out says, then what the users feel."""
    if not isinstance(seen, Settled):
        return seen
    app = plan.measured or _app(tools, plan.service)
    if tools.metrics is None or not app:
        return Healthy(evidence=f"{seen.evidence}; no metrics configured")
    case = Recovery(
        since=seen.at,
        now=tools.clock.now(),
        before=plan.baseline,
        normal=plan.normal,
        usual=plan.usual,
        stable=tools.policy.verify_for,
    )
    judged = by_numbers(tools, app, case, judge=no_worse if plan.then else judge)
    return _beside(seen.said, judged)


def _beside(said: str, verdict: Verdict) -> Verdict:
    if not said:
        return verdict
    match verdict:
        case Healthy(evidence=evidence):
            return replace(verdict, evidence=f"{said}; {evidence}")
        case Unhealthy(why=why):
            return replace(verdict, why=f"{said}; {why}")
        case TooEarly(progress=progress):
            return replace(verdict, progress=f"{said}; {progress}")


def by_numbers(tools: Tools, app: str, case: Recovery, *, judge: Judge = judge) -> Verdict:
    """A source that does not answer proves nothing: blind, and asked again."""
    if tools.metrics is None:
        return TooEarly(progress="blind: no metrics configured")
    try:
        start, end = case.window(RECENT)
        recent = tools.metrics.measure(app, since=start, until=end)
        start, end = case.window(case.stable)
        whole = tools.metrics.measure(app, since=start, until=end)
    except VendorError as error:
        return TooEarly(progress=f"blind: {error}")
    return judge(case, recent=recent, whole=whole)


def _app(tools: Tools, name: str) -> str:
    service = tools.catalog.service(name)
    return service.new_relic_app if service else ""
