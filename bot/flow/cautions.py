"""What the calendar and the last minutes say about a change: shown to whoever approves, or a halt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.domain.errors import Refused
from bot.domain.incident import MitigationState
from bot.domain.mitigation import Plan, Risk
from bot.domain.slo import Health, ObjectiveStatus
from bot.flow.objectives import statuses
from bot.flow.shown import lasting
from bot.tools import Tools

_LATELY = 20
"""So many of the newest incidents are looked through for changes to the same service."""


def cautioned(tools: Tools, plan: Plan, *, way_back: bool = False) -> Plan:
    """A freeze never holds up a way back: it asks for another person. `Refused` for a way forward.

    A spent error budget asks for another person before a way forward, and holds up nothing.
    """
    made = replace(plan, cautions=(*plan.cautions, *_lately(tools, plan)))
    if plan.forward and not way_back:
        made = _worried(made, _spent(tools, plan))
    frozen = tools.policy.freeze(plan.environment, tools.clock.now())
    if frozen is None:
        return made
    why = f" ({frozen.why})" if frozen.why else ""
    said = (
        f"{plan.environment} is frozen until {frozen.ends:%Y-%m-%d %H:%M} UTC by"
        f" “{frozen.name}”{why}"
    )
    if plan.forward and not way_back:
        raise Refused(f"{said}: only ways back are possible until then.")
    return _worried(made, [said])


def _worried(plan: Plan, more: Sequence[str]) -> Plan:
    if not more:
        return plan
    worries = plan.risk_reasons if plan.risk is Risk.HIGH else ()
    return replace(plan, risk=Risk.HIGH, risk_reasons=(*worries, *more))


def spent(tools: Tools, known: Iterable[ObjectiveStatus]) -> list[ObjectiveStatus]:
    """Whose error budget is spent, where policy asks for another person before a way forward then."""
    if not tools.policy.budget_freeze:
        return []
    return [each for each in known if each.health is Health.EXHAUSTED]


def _spent(tools: Tools, plan: Plan) -> list[str]:
    wanted = {
        each.name
        for each in tools.catalog.objectives_of(plan.service)
        if each.environment == plan.environment
    }
    # Nothing is read where nothing could be spent.
    known = statuses(tools) if wanted and tools.samples is not None else []
    gone = [each for each in spent(tools, known) if each.objective.name in wanted]
    names = ", ".join(each.objective.label for each in gone)
    return [f"the error budget of {names} is spent: a way forward may spend more"] if gone else []


def _lately(tools: Tools, plan: Plan) -> list[str]:
    """Other changes to the same service that are hardly over: their effect may still be coming."""
    now, wait = tools.clock.now(), tools.policy.cooldown
    found = []
    for summary in tools.timeline.summaries(limit=_LATELY):
        for held in tools.timeline.read(summary.id).mitigations.values():
            if _same_place(held, plan) and held.ended_at and now - held.ended_at < wait:
                ago = lasting(now - held.ended_at)
                found.append(f"“{held.plan.title}” ended {ago} ago as {held.stage}")
    return found


def _same_place(held: MitigationState, plan: Plan) -> bool:
    there = (held.plan.environment, held.plan.service)
    return held.sent and there == (plan.environment, plan.service)
