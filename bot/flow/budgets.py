"""What an incident costs: its objectives are read once a minute, and once more when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.domain.events import BudgetsRead, Declared, Resolved, ServiceNamed
from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.domain.severity import Proposal, by_burn
from bot.domain.slo import LOOKBACKS, Budget, Objective, Through, budget, noticeable
from bot.flow import budget_words
from bot.flow.objectives import minutes_of, statuses
from bot.flow.sampling import sample
from bot.reactions import Lane, Later, reacts_to
from bot.tools import Tools

_EVERY = timedelta(minutes=1)
_LONG = timedelta(hours=24)
_PATIENCE = timedelta(minutes=15)
_BEFORE = timedelta(minutes=45)
_NEVER = datetime.max.replace(tzinfo=UTC)


@reacts_to(Declared, ServiceNamed, name="follow-budgets", lane=Lane.BOARD)
def follow_budgets(tools: Tools, entry: Entry) -> Later | None:
    """A number on the card that nobody renews is a lie; one that did not move is not told again."""
    incident = tools.timeline.read(entry.incident)
    wanted = at_risk(tools, incident)
    named_since = any(
        isinstance(later.fact, ServiceNamed)
        for later in tools.timeline.entries(entry.incident, after=entry.seq)
    )
    now = tools.clock.now()
    if not wanted or named_since or not incident.stage.open or now - entry.at > _LONG:
        return None
    _read(tools, incident.id, wanted)
    return Later(_EVERY, why="budgets")


@reacts_to(Resolved, name="reckon-cost", lane=Lane.CHATTER)
def reckon_cost(tools: Tools, entry: Entry) -> Later | None:
    """What it cost is read to the end: the last minutes reach us late.

    A postmortem that was written meanwhile is written anew with it.
    """
    incident = tools.timeline.read(entry.incident)
    wanted = at_risk(tools, incident)
    if not wanted or incident.stage.open:
        return None
    before = _costs(incident.budgets)
    _read(tools, incident.id, wanted, exactly=True)
    now = tools.timeline.read(entry.incident)
    if before != _costs(now.budgets) and now.postmortem is not None:
        with tools.timeline.open(entry.incident) as incident:
            incident.ask_for_postmortem(by=None)
    end = incident.mitigated_at or incident.resolved_at or entry.at
    late = any(each.until is not None and each.until < end for each in now.budgets)
    waited = tools.clock.now() - entry.at
    return Later(_EVERY, why="the last minutes") if late and waited < _PATIENCE else None


def _costs(budgets: Sequence[Budget]) -> dict[str, float]:
    """As a postmortem shows them."""
    return {each.objective: round(each.spent or 0.0, 4) for each in budgets}


def at_risk(tools: Tools, incident: Incident) -> tuple[Objective, ...]:
    """The objectives with a budget of the service and of the journeys through it."""
    if tools.samples is None:
        return ()
    found = tools.catalog.objectives_of(incident.service)
    place = incident.environment
    return tuple(each for each in found if each.has_budget and each.environment == place)


def _read(
    tools: Tools, incident_id: str, wanted: tuple[Objective, ...], *, exactly: bool = False
) -> None:
    """While it is open only what somebody would notice is written down, at the end all of it."""
    sample(tools, wanted)
    found = budgets(tools, tools.timeline.read(incident_id), wanted)
    with tools.timeline.open(incident_id) as incident:
        moved = exactly and _costs(incident.budgets) != _costs(found)
        if moved or noticeable(incident.budgets, found):
            incident.record(BudgetsRead(budgets=found))
            estimate(incident)
            _propose(tools, incident)


def estimate(incident: Incident) -> None:
    """The first bad minute, as CloudWatch saw it where it is asked: what comes through others is late."""
    seen = [each for each in incident.budgets if each.first_bad is not None]
    direct = [each for each in seen if each.source == Through.CLOUDWATCH]
    if not direct and incident.errors is not None and incident.errors.first_bad is not None:
        return
    first = min(direct or seen, key=lambda each: each.first_bad or _NEVER, default=None)
    start = incident.impact_start
    if first is None or first.first_bad is None or start is None or first.first_bad >= start:
        return
    how = f"the first bad minute of {first.title} in {first.source}"
    incident.estimate_start(first.first_bad, how=how, measured=True)


def _propose(tools: Tools, incident: Incident) -> None:
    """Only ever graver, and only where nobody has said how grave it is."""
    service = tools.catalog.service(incident.service)
    worst = next((each for each in incident.budgets if each.telling and not each.blind), None)
    if worst is None or incident.severity_by is not None:
        return
    guess = by_burn(
        worst.burning,
        tier=service.tier if service else 2,
        production=tools.catalog.is_production(incident.environment),
    )
    if incident.severity is None or guess.rank < incident.severity.rank:
        reason = f"{budget_words.burning(worst)} of {worst.title}"
        incident.propose_severity(Proposal(severity=guess, reason=reason))


def budgets(tools: Tools, incident: Incident, wanted: tuple[Objective, ...]) -> tuple[Budget, ...]:
    """The worst first; an objective that nothing is known of is left out."""
    start = incident.impact_start or tools.clock.now()
    end = incident.mitigated_at or incident.resolved_at or tools.clock.now()
    known = {each.objective.name: each for each in statuses(tools)}
    found = []
    for objective in wanted:
        minutes = minutes_of(tools, objective, since=_earliest(start, tools.clock.now()))
        made = budget(known[objective.name], minutes, since=start, until=end)
        if made is not None:
            found.append(made)
    return tuple(sorted(found, key=lambda each: (-each.burning, -(each.spent or 0))))


def _earliest(start: datetime, now: datetime) -> datetime:
    """The burns reach back six hours, whenever it began."""
    return min(start - _BEFORE, now - LOOKBACKS[-1] - timedelta(minutes=15))
