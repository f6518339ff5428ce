"""Asks the sources again that tell of a change late: the one that set it off may not have been there yet."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.change import TOLD, Suspect
from bot.domain.events import Declared, ServiceNamed, SuspectsRanked
from bot.domain.facts import Entry, Fact
from bot.domain.incident import Incident
from bot.flow import changes
from bot.reactions import Later, reacts_to
from bot.tools import Tools

USUALLY, LONGEST = timedelta(minutes=6), timedelta(minutes=16)
"""After the beginning: what is usually there by then, and what surely is."""


@reacts_to(Declared, ServiceNamed, name="ask-latecomers")
def ask_latecomers(tools: Tools, entry: Entry) -> Later | None:
    """Twice, and nothing is put on record unless it changes who is suspected."""
    age = tools.clock.now() - entry.at
    if age < USUALLY:
        return Later(USUALLY - age)
    incident = tools.timeline.read(entry.incident)
    if not incident.stage.open:
        return None
    _ask(tools, incident)
    return Later(LONGEST - age) if age < LONGEST else None


def _ask(tools: Tools, incident: Incident) -> None:
    now = tools.clock.now()
    start = incident.impact_start or now
    since = min(start, now) - changes.BACK
    known = changes.questions(
        tools, incident.service, incident.environment, since=since, until=now
    )
    late = {*incident.changes_late, TOLD}
    asked = {name: ask for name, ask in known.items() if name in late}
    answers = tools.beside.together(asked, deadline=changes.DEADLINE)
    if len(changes.unasked(answers)) == len(answers):
        return
    with tools.timeline.open(incident.id) as incident:
        found = changes.told(tools, incident, answers, start=start, now=now)
        if _suspected(found) != incident.suspects:
            for fact in found:
                incident.record(fact)


def _suspected(found: list[Fact]) -> tuple[Suspect, ...]:
    return next((fact.suspects for fact in found if isinstance(fact, SuspectsRanked)), ())
