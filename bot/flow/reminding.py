"""Reminders: each is said once, to one person; what falls together for them is one message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.events import (
    Declared,
    Nagged,
    Paged,
    Reopened,
    Role,
    SeverityProposed,
    SeveritySet,
    UpdatePosted,
    UpdateSnoozed,
    Visibility,
)
from bot.domain.facts import Entry, Fact
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.severity import Severity
from bot.flow.staff import update_due
from bot.reactions import Lane, Later, reacts_to
from bot.tools import Tools

_TOGETHER = timedelta(minutes=1)
"""What would come this soon after another reminder comes with it."""
_ALSO = 1
"""Two questions and the snooze are the three buttons that a message may have."""
_CLOCKS = (Declared, SeverityProposed, SeveritySet, UpdatePosted, UpdateSnoozed, Reopened)
"""What says anew when the next update is due."""


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """`at` is when to say it, `due` when the thing itself is due."""

    about: str
    person: Person | None
    at: datetime
    due: datetime | None = None


@reacts_to(Paged, name="nag-unacknowledged", lane=Lane.PAGE, needs_channel=True)
def nag_unacknowledged(tools: Tools, entry: Entry) -> Later | None:
    """Five minutes without an acknowledgement: one person is asked once, in the channel."""
    due = entry.at + tools.policy.ack_nag
    incident = tools.timeline.read(entry.incident)
    return _said_in_time(tools, incident, _unacknowledged(incident, due))


@reacts_to(Declared, name="nag-commander", needs_channel=True)
def nag_commander(tools: Tools, entry: Entry) -> Later | None:
    """Nobody commands a SEV1 or SEV2 after some minutes: said once, to the on-call."""
    due = entry.at + tools.policy.commander_nag
    now = tools.clock.now()
    if now < due:
        return Later(due - now, why="commander")
    incident = tools.timeline.read(entry.incident)
    if _unanswered(incident):
        # Nobody is there yet: the page itself is asked about first, one question at a time.
        return Later(tools.policy.commander_nag, why="acknowledgement")
    return _said_in_time(tools, incident, _commander(tools, incident))


def _clock_of(fact: Fact) -> str:
    """Each clock waits in its own line: a slow one may not hold up the faster one after it."""
    match fact:
        case SeverityProposed(severity=severity) | SeveritySet(severity=severity):
            return severity.value
        case UpdatePosted(update=update):
            return f"{update.next_at}"
        case UpdateSnoozed(until=until):
            return f"{until}"
        case _:
            return fact.stored


@reacts_to(*_CLOCKS, name="remind-update", key=_clock_of, needs_channel=True)
def remind_update(tools: Tools, entry: Entry) -> Later | None:
    """One reminder, to one person, two minutes before the next update is due."""
    later = tools.timeline.entries(entry.incident, after=entry.seq)
    if any(isinstance(each.fact, _CLOCKS) for each in later):
        return None
    incident = tools.timeline.read(entry.incident)
    return _said_in_time(tools, incident, _update(tools, incident))


@reacts_to(Declared, SeveritySet, name="remind-public", needs_channel=True)
def remind_public(tools: Tools, entry: Entry) -> Later | None:
    """Once, where the severity wants customers told and nobody has told them yet."""
    incident = tools.timeline.read(entry.incident)
    return _said_in_time(tools, incident, _public(tools, incident))


def _said_in_time(tools: Tools, incident: Incident, wanted: Reminder | None) -> Later | None:
    """Looked at again when it is recorded: somebody may have done it meanwhile."""
    if wanted is None:
        return None
    now = tools.clock.now()
    if now < wanted.at:
        return Later(wanted.at - now, why=wanted.about)
    with tools.timeline.open(incident.id) as incident:
        mine = _still(tools, incident, wanted)
        if mine is not None:
            with_it = tuple(r.about for r in _with(tools, incident, mine, until=now + _TOGETHER))
            incident.record(
                Nagged(about=mine.about, person=mine.person, due=mine.due, also=with_it[:_ALSO])
            )
    return None


def _still(tools: Tools, incident: Incident, wanted: Reminder) -> Reminder | None:
    if wanted.about == "acknowledge":
        return _unacknowledged(incident, wanted.at)
    return next((r for r in _all(tools, incident) if r.about == wanted.about), None)


def _with(
    tools: Tools, incident: Incident, mine: Reminder, *, until: datetime
) -> Iterator[Reminder]:
    """What the same person would hear within the minute. An unanswered page never waits for it."""
    for other in _all(tools, incident):
        same = other.person.same(mine.person) if other.person else mine.person is None
        if same and other.about != mine.about and other.at <= until:
            yield other


def _all(tools: Tools, incident: Incident) -> Iterator[Reminder]:
    for found in (_commander(tools, incident), _update(tools, incident), _public(tools, incident)):
        if found is not None:
            yield found


def _unanswered(incident: Incident) -> bool:
    return bool(incident.pages) and not incident.acknowledged and incident.stage.open


def _unacknowledged(incident: Incident, due: datetime) -> Reminder | None:
    if not _unanswered(incident) or "acknowledge" in incident.nags:
        return None
    person = incident.on_call[0] if incident.on_call else None
    return Reminder(about="acknowledge", person=person, at=due, due=due)


def _commander(tools: Tools, incident: Incident) -> Reminder | None:
    grave = incident.severity in {Severity.SEV1, Severity.SEV2}
    if not grave or incident.commander or not incident.stage.open or _unanswered(incident):
        return None
    if "commander" in incident.nags or incident.known_at is None:
        return None
    due = incident.known_at + tools.policy.commander_nag
    person = incident.on_call[0] if incident.on_call else None
    return Reminder(about="commander", person=person, at=due, due=due)


def _update(tools: Tools, incident: Incident) -> Reminder | None:
    due = update_due(tools, incident)
    if due is None or not incident.stage.open:
        return None
    about = f"update {due:%Y-%m-%d %H:%M}"
    if about in incident.nags:
        return None
    at = due - tools.policy.reminder_lead
    return Reminder(about=about, person=_teller(incident), at=at, due=due)


def _public(tools: Tools, incident: Incident) -> Reminder | None:
    if tools.status_page is None or incident.severity is None or incident.opened_at is None:
        return None
    within = tools.policy.rhythm(incident.severity.value).first_public_update
    if within is None or incident.mitigated_at is not None or not incident.stage.open:
        return None
    secret = incident.visibility is not Visibility.PUBLIC
    if incident.public or "public" in incident.nags or secret:
        return None
    at = incident.opened_at + within - tools.policy.reminder_lead
    return Reminder(about="public", person=_teller(incident), at=at)


def _teller(incident: Incident) -> Person | None:
    """Comms, else the commander, else the on-call. After a snooze it is the commander."""
    order = [Role.COMMANDER, Role.COMMS] if incident.snoozed else [Role.COMMS, Role.COMMANDER]
    for role in order:
        if role in incident.roles:
            return incident.roles[role]
    return incident.on_call[0] if incident.on_call else incident.declared_by
