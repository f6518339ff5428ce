"""Whether users recovered: one way of judging, for our mitigations and for fixes made by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.domain.errors import VendorError
from bot.domain.incident import Incident
from bot.domain.mitigation import (
    Healthy,
    Plan,
    Seen,
    Settled,
    TooEarly,
    Unhealthy,
    Verdict,
)
from bot.domain.recovery import RECENT, Judge, Number, Recovery, judge, no_worse, together
from bot.domain.slo import Course, Objective, minute_of
from bot.flow.budgets import at_risk
from bot.flow.figures import good
from bot.flow.objectives import minutes_of, statuses
from bot.flow.shown import sparkline
from bot.tools import Tools

_MINUTE = timedelta(minutes=1)
_BACK = timedelta(hours=3)
"""So far before a fix its picture begins at most."""
_CALM = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Fix:
    """What is judged: of which incident, and when it began to take effect at the earliest."""

    incident: Incident
    began: datetime


def proven(tools: Tools, plan: Plan, seen: Seen, *, fix: Fix | None = None) -> Verdict:
    """First what carried the change out says, then what the users feel."""
    if not isinstance(seen, Settled):
        return seen
    app = plan.measured or _app(tools, plan.service)
    case = Recovery(
        since=seen.at,
        now=tools.clock.now(),
        before=plan.baseline,
        normal=plan.normal,
        usual=plan.usual,
        stable=tools.policy.verify_for,
    )
    judged = felt(tools, app, case, fix=fix, judge=no_worse if plan.then else judge)
    if judged is None:
        return Healthy(evidence=f"{seen.evidence}; no metrics configured")
    return _beside(seen.said, judged)


def felt(
    tools: Tools, app: str, case: Recovery, *, fix: Fix | None, judge: Judge = judge
) -> Verdict | None:
    """By the objectives that were hit, and by the error rate; None where nothing is measured."""
    hit = [] if fix is None else _hit(tools, fix)
    found = [_judged(each, case, fix, judge) for each in hit if fix is not None]
    if tools.metrics is not None and app:
        found.append(by_numbers(tools, app, case, judge=judge))
    if not found:
        return None
    verdict = together(found)
    return _drawn(verdict, hit[0], fix) if hit and fix is not None else verdict


def by_numbers(tools: Tools, app: str, case: Recovery, *, judge: Judge = judge) -> Verdict:
    """A source that does not answer proves nothing: blind, and asked again."""
    if tools.metrics is None:
        return TooEarly(progress="blind: no metrics configured", blind=True)
    try:
        start, end = case.window(RECENT)
        recent = tools.metrics.measure(app, since=start, until=end)
        start, end = case.window(case.stable)
        whole = tools.metrics.measure(app, since=start, until=end)
    except VendorError as error:
        return TooEarly(progress=f"blind: {error}", blind=True)
    return judge(case, recent=recent, whole=whole)


def courses(tools: Tools, incident: Incident, *, since: datetime) -> list[Course]:
    """The minutes since then of the objectives at risk that are measured: those of the service
    itself before those of the journeys through it, the nearest and worst first.
    """
    known = {each.objective.name: each for each in statuses(tools)}
    found = []
    for objective in sorted(at_risk(tools, incident), key=partial(_place, tools, incident)):
        standing = known[objective.name]
        if standing.until is None:
            continue
        found.append(
            Course(
                objective=objective,
                minutes=minutes_of(tools, objective, since=since),
                until=standing.until,
                source=standing.source,
                blind=standing.blind,
            )
        )
    return found


def _place(tools: Tools, incident: Incident, objective: Objective) -> tuple[int, int]:
    journey = tools.catalog.journey(objective.service)
    worst = [each.objective for each in incident.budgets]
    place = worst.index(objective.name) if objective.name in worst else len(worst)
    return len(journey.members) if journey else 0, place


def _hit(tools: Tools, fix: Fix) -> list[Course]:
    """Only those that were hit: one that was well all the time proves nothing."""
    start = fix.incident.impact_start or fix.began
    since = min(start, fix.began) - _BACK
    return [each for each in courses(tools, fix.incident, since=since) if each.hit(fix.began)]


def _judged(course: Course, case: Recovery, fix: Fix, judge: Judge) -> Verdict:
    """On the clock of its source, whose last minutes are still to come."""
    title = course.objective.label
    if course.blind:
        return TooEarly(progress=f"blind: {title}: {course.blind}", blind=True)
    began = minute_of(case.since) + _MINUTE
    if course.until <= began:
        return TooEarly(progress=f"cannot tell yet: {title} has no minute since the fix")
    own = replace(
        case,
        since=began,
        now=course.until,
        before=course.before(fix.began),
        normal=course.normal(fix.incident.impact_start or fix.began),
        usual=None,
        floor=course.tolerated,
        number=_number(course.objective),
    )
    verdict = judge(
        own,
        recent=course.measure(*own.window(RECENT)),
        whole=course.measure(*own.window(own.stable)),
    )
    return _dated(verdict, course, fix)


def _number(objective: Objective) -> Number:
    promised = objective.target or 0.0
    return Number(
        name=objective.label, tells=lambda bad: good(1 - bad, promised), better="rising, now"
    )


def _dated(verdict: Verdict, course: Course, fix: Fix) -> Verdict:
    """With the minute from which users were well."""
    if not isinstance(verdict, Healthy):
        return verdict
    since = course.well_since()
    early = since is not None and since <= minute_of(fix.began)
    doubt = f" (well since {since:%H:%M} UTC, before this was done)" if early else ""
    return replace(verdict, evidence=f"{verdict.evidence}{doubt}", since=since)


def _drawn(verdict: Verdict, course: Course, fix: Fix) -> Verdict:
    """With a picture of the failures by minute."""
    bars = course.picture((fix.incident.impact_start or fix.began) - _CALM, course.until)
    shown = f" {sparkline(bars, least=course.tolerated)}" if bars else ""
    match verdict:
        case Healthy(evidence=evidence):
            return replace(verdict, evidence=f"{evidence}{shown}")
        case Unhealthy(why=why):
            return replace(verdict, why=f"{why}{shown}")
    return verdict


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


def _app(tools: Tools, name: str) -> str:
    service = tools.catalog.service(name)
    return service.new_relic_app if service else ""
