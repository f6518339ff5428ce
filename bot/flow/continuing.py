"""Goes on with a row of changes: the next begins when the one before is through and nothing moved."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.errors import Refused, VendorError
from bot.domain.events import MitigationVerified
from bot.domain.facts import Entry
from bot.domain.incident import HOUSE, Incident
from bot.domain.mitigation import Plan
from bot.flow.planning import drift
from bot.reactions import Lane, Later, reacts_to
from bot.tools import Tools

_SOON = timedelta(seconds=5)
_PATIENCE = timedelta(minutes=5)
"""How long a vendor may be silent before people have to decide."""


@reacts_to(
    MitigationVerified,
    name="go-on",
    lane=Lane.APPROVAL,
    key=lambda fact: getattr(fact, "mitigation", ""),
    gives_up=False,
)
def go_on(tools: Tools, entry: Entry) -> Later | None:
    """Looked at as at the click of an approval; what moved is put before people again."""
    assert isinstance(entry.fact, MitigationVerified)
    incident = tools.timeline.read(entry.incident)
    held = incident.mitigation(entry.fact.mitigation)
    if held.plan.following is None or incident.follower(held.id) is not None:
        return None
    try:
        why = _halted(tools, incident, held.plan.then[0])
    except VendorError as failed:
        if tools.clock.now() - entry.when < _PATIENCE:
            return Later(_SOON, why=failed.why)
        why = f"Whether anything moved could not be checked: {failed}"
    _begin(tools, entry.incident, held.id, why)
    return None


def _begin(tools: Tools, incident_id: str, mitigation: str, why: str) -> None:
    try:
        with tools.timeline.open(incident_id) as incident:
            incident.go_on(mitigation, halted=why)
    except Refused as refused:
        # Somebody else changes that service: theirs is not interrupted.
        with tools.timeline.open(incident_id) as incident:
            incident.go_on(mitigation, halted=str(refused))


def _halted(tools: Tools, incident: Incident, plan: Plan) -> str:
    """Why it may not begin by itself; empty where it may."""
    if house := tools.timeline.read(HOUSE).frozen_by:
        return f"Mitigations were frozen by {house}."
    if not incident.stage.open:
        return "The incident was closed before its turn."
    if not tools.policy.may_act(plan.environment, plan.mitigation):
        return f"Policy does not grant Tocsin a {plan.mitigation} in {plan.environment}."
    return drift(tools, plan)
