"""Looking without changing anything: the list, the state, the timeline, the catch-up."""

from __future__ import annotations

from datetime import timedelta

from bot.flow.staff import joined, update_due
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import catchup, timeline
from bot.slack.cards.listing import listing
from bot.slack.handling import Ask, Reply, command, event, opens
from bot.tools import Tools

_OPENING = timedelta(minutes=1)


@command("list", usage="list", explains="shows the open incidents")
def list_open(tools: Tools, ask: Ask) -> Reply:
    rows = [
        row
        for row in tools.timeline.summaries(open_only=True, limit=50)
        if tools.timeline.read(row.id).visible_to(ask.person)
    ]
    return Reply(text=f"{len(rows)} open incidents", blocks=listing(rows, command=tools.command))


@command("status", usage="status", explains="says in four lines how it stands")
def status(tools: Tools, ask: Ask) -> Reply:
    incident = tools.timeline.read(ask.here())
    due = update_due(tools, incident)
    blocks = catchup.status(incident, now=tools.clock.now(), update_due=due)
    return Reply(text=f"Status of {incident.title}", blocks=blocks)


@command("timeline", usage="timeline", explains="shows the last twenty lines of the record")
def show_timeline(tools: Tools, ask: Ask) -> Reply:
    incident = tools.timeline.read(ask.here())
    blocks = timeline.timeline(incident, tools.timeline.entries(incident.id))
    return Reply(text=f"Timeline of {incident.title}", blocks=blocks)


@opens(Act.TIMELINE, act="timeline")
def open_timeline(tools: Tools, ask: Ask) -> View:
    incident = tools.timeline.read(ask.here())
    blocks = timeline.timeline(incident, tools.timeline.entries(incident.id))
    return View(name=Act.TIMELINE, title="Timeline", blocks=blocks)


@command("catchup", usage="catchup", explains="tells what happened so far, in eight lines")
def catch_up(tools: Tools, ask: Ask) -> Reply:
    return _caught_up(tools, ask.here())


@opens(Act.CATCH_UP)
def open_catch_up(tools: Tools, ask: Ask) -> View:
    said = _caught_up(tools, ask.here())
    return View(name=Act.CATCH_UP, title="So far", blocks=said.blocks)


@event("member_joined_channel")
def somebody_joined(tools: Tools, ask: Ask) -> Reply | None:
    """A late joiner reads in thirty seconds what happened; the first ones saw it happen."""
    if not ask.incident:
        return None
    known = tools.timeline.read(ask.incident)
    first = (*known.people, *known.on_call, known.declared_by)
    invited = any(ask.person.same(p) for p in first)
    joined(tools, ask.incident, ask.person)
    assert known.opened_at is not None
    if invited and tools.clock.now() - known.opened_at < _OPENING:
        return None
    return _caught_up(tools, ask.incident)


def _caught_up(tools: Tools, incident_id: str) -> Reply:
    incident = tools.timeline.read(incident_id)
    due = update_due(tools, incident)
    blocks = catchup.shown(incident, now=tools.clock.now(), update_due=due)
    return Reply(text=f"So far: {incident.title}", blocks=blocks)
