"""Who is on it: the on-call, the roles, and what people write down."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.errors import Refused, VendorDown, VendorError
from bot.domain.events import (
    Declared,
    Joined,
    MarkedMessageDeleted,
    MarkedMessageEdited,
    MarkRemoved,
    MessageMarked,
    NoteKind,
    OnCallFound,
    PagerActFailed,
    Role,
    ServiceNamed,
    SeveritySet,
)
from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.redaction import redact
from bot.domain.severity import Severity
from bot.flow.people import email_as, pager_service_of
from bot.reactions import Lane, Later, reacts_to
from bot.tools import Tools

_PRIORITIES = {"SEV1": "P1", "SEV2": "P2", "SEV3": "P3", "SEV4": "P4"}


def set_severity(
    tools: Tools, incident_id: str, severity: Severity, *, by: Person, reason: str = ""
) -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.set_severity(severity, by=by, reason=redact(reason).text)


def give_role(tools: Tools, incident_id: str, role: Role, person: Person, *, by: Person) -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.give_role(role, person, by=by)


def accept_role(tools: Tools, incident_id: str, role: Role, *, by: Person) -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.accept_handover(role, by=by)


def decline_role(tools: Tools, incident_id: str, role: Role, *, by: Person) -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.decline_handover(role, by=by)


def note(
    tools: Tools,
    incident_id: str,
    text: str,
    *,
    by: Person,
    kind: NoteKind = NoteKind.NOTE,
    link: str = "",
) -> tuple[str, ...]:
    """What was redacted from it, by kind: the author is told to rotate it."""
    clean = redact(text)
    with tools.timeline.open(incident_id) as incident:
        incident.note(clean.text, by=by, kind=kind, link=link)
    return clean.found


def mark(tools: Tools, incident_id: str, marked: MessageMarked) -> None:
    """A reaction put a message on the timeline; the same person's second one changes nothing."""
    with tools.timeline.open(incident_id) as incident:
        held = incident.marks.get(marked.ts)
        if held and any(marked.by.same(p) for p in held.by):
            return
        incident.record(marked)


def unmark(tools: Tools, incident_id: str, ts: str, *, by: Person) -> None:
    with tools.timeline.open(incident_id) as incident:
        held = incident.marks.get(ts)
        if held and any(by.same(p) for p in held.by):
            incident.record(MarkRemoved(ts=ts, by=by))


def message_edited(tools: Tools, incident_id: str, ts: str, text: str) -> None:
    clean = redact(text).text
    with tools.timeline.open(incident_id) as incident:
        held = incident.marks.get(ts)
        if held and held.text != clean:
            incident.record(MarkedMessageEdited(ts=ts, text=clean))


def message_deleted(tools: Tools, incident_id: str, ts: str) -> None:
    with tools.timeline.open(incident_id) as incident:
        held = incident.marks.get(ts)
        if held and not held.deleted:
            incident.record(MarkedMessageDeleted(ts=ts))


def joined(tools: Tools, incident_id: str, person: Person) -> None:
    with tools.timeline.open(incident_id) as incident:
        if not any(person.same(p) for p in incident.people):
            incident.record(Joined(person=person))


@reacts_to(Declared, ServiceNamed, name="find-on-call", lane=Lane.PAGE)
def find_on_call(tools: Tools, entry: Entry) -> Later | None:
    """PagerDuty says who; the directory says who that is in Slack."""
    incident = tools.timeline.read(entry.incident)
    service = pager_service_of(tools, incident)
    if tools.pager is None or not service:
        return None
    try:
        emails = tools.pager.on_call(service)
    except VendorError as failed:
        if tools.clock.now() - entry.at < timedelta(minutes=10):
            return Later(timedelta(seconds=20), why=failed.why)
        found = OnCallFound(people=(), why_not=failed.why)
    else:
        known = {email: tools.directory.by_email(email) for email in emails}
        found = OnCallFound(
            people=tuple(person for person in known.values() if person),
            unmatched=tuple(email for email, person in known.items() if person is None),
        )
    with tools.timeline.open(entry.incident) as incident:
        if incident.on_call != found.people or not found.people:
            incident.record(found)
    return None


@reacts_to(SeveritySet, name="priority-in-pager")
def priority_in_pager(tools: Tools, entry: Entry) -> None:
    """A severity that a person set is written back as the page's priority."""
    assert isinstance(entry.fact, SeveritySet)
    if tools.pager is None:
        return
    priority, by = _PRIORITIES[entry.fact.severity], entry.fact.by
    for state in tools.timeline.read(entry.incident).open_pages:
        if state.page.priority == priority:
            continue
        doing = f"set the page's priority to {priority}"
        try:
            tools.gate.allow(doing)
            email = email_as(tools, by, doing=doing, link=state.page.address)
            tools.pager.set_priority(
                state.page.id, as_email=email, priority=priority, since=entry.at
            )
        except VendorDown:
            raise
        except (Refused, VendorError) as failed:
            link = state.page.address
            unwritten = PagerActFailed(
                page=state.page.id,
                doing=doing,
                why=str(failed),
                by_hand=f"Set it at {link}." if link else "Set it in PagerDuty.",
            )
            with tools.timeline.open(entry.incident) as incident:
                incident.record(unwritten)


def update_due(tools: Tools, incident: Incident) -> datetime | None:
    """When others hear next: what was promised, else what the severity's clock says."""
    if incident.next_update_at is not None:
        return incident.next_update_at
    if incident.severity is None or incident.opened_at is None:
        return None
    every = tools.policy.rhythm(incident.severity.value).internal_update
    return incident.opened_at + every if every else None
