"""How it ends: mitigated, understood, resolved; and taken up again if it was not."""

from __future__ import annotations

from datetime import datetime

from bot.domain.errors import Refused, VendorDown, VendorError
from bot.domain.events import (
    PagerActFailed,
    PagerClearing,
    PageResolved,
    PublicUpdateSuggested,
    Resolved,
    SuspectVerdict,
)
from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.domain.page import PageStatus
from bot.domain.people import Person
from bot.domain.redaction import redact
from bot.flow.news import let_go, take_back
from bot.flow.people import email_as
from bot.reactions import reacts_to
from bot.tools import Tools


def mitigated(
    tools: Tools, incident_id: str, how: str, *, by: Person, at: datetime | None = None
) -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.mitigate(redact(how).text or "said by hand", by=by, at=at)


def resolve(
    tools: Tools, incident_id: str, *, by: Person, how: str = "", unverified_because: str = ""
) -> None:
    """Root cause analysis goes on afterwards; resolving does not wait for it."""
    with tools.timeline.open(incident_id) as incident:
        text = redact(how).text or incident.mitigated_how or incident.proven or "resolved"
        incident.resolve(by=by, how=text, unverified_because=redact(unverified_because).text)
        let_go(incident)
        if incident.public_post is not None and incident.public_post.status != "resolved":
            incident.record(PublicUpdateSuggested(status="resolved"))


def keep_open(tools: Tools, incident_id: str, page: str, *, by: Person) -> None:
    """It is not over although the pager shows this page as resolved."""
    with tools.timeline.open(incident_id) as incident:
        incident.keep_open(page, by=by)


def reopen(tools: Tools, incident_id: str, why: str, *, by: Person) -> None:
    if not why.strip():
        raise Refused("Say in a few words what came back.")
    with tools.timeline.desk() as desk:
        incident = desk.open(incident_id)
        incident.reopen(redact(why).text, by=by)
        take_back(desk, incident)


def judge(
    tools: Tools,
    incident_id: str,
    change: str,
    verdict: SuspectVerdict,
    *,
    by: Person,
    why: str = "",
) -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.judge(change, verdict, by=by, why=redact(why).text)


def add_factor(tools: Tools, incident_id: str, text: str, *, by: Person) -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.add_factor(redact(text).text, by=by)


@reacts_to(Resolved, name="clear-pager")
def clear_pager(tools: Tools, entry: Entry) -> None:
    """Resolves in PagerDuty only what is clear: what fired again since the proof stays open."""
    assert isinstance(entry.fact, Resolved)
    incident = tools.timeline.read(entry.incident)
    by = entry.fact.by
    if entry.fact.flap or by is None or not incident.open_pages or incident.resolved_at is None:
        return
    resolved: list[str] = []
    left: list[str] = []
    for state in incident.open_pages:
        again = _fired_since(incident, state.status_at or state.paged_at)
        if state.status is PageStatus.TRIGGERED and again:
            left.append(f"{state.page.title}: it fired again after the fix")
            continue
        trouble = _resolve_page(tools, entry.incident, state.page.id, by, entry.fact.how)
        if trouble:
            left.append(f"{state.page.title}: {trouble}")
        else:
            resolved.append(state.page.id)
    with tools.timeline.open(entry.incident) as incident:
        incident.record(PagerClearing(resolved=tuple(resolved), left=tuple(left)))


def _fired_since(incident: Incident, at: datetime | None) -> bool:
    """After it was said to be over: alerts are late, and one of the bad minutes is no new one."""
    known = incident.mitigation_known_at if incident.mitigated_at else None
    return bool(at and known and at > known)


def _resolve_page(tools: Tools, incident_id: str, page: str, by: Person, how: str) -> str:
    """Why it was left open; empty where PagerDuty shows it resolved now."""
    state = tools.timeline.read(incident_id).pages[page]
    doing = "resolve the page"
    try:
        if tools.pager is None:
            raise Refused("PagerDuty is not configured.")
        tools.gate.allow(doing)
        email = email_as(tools, by, doing=doing, link=state.page.address)
        tools.pager.resolve(page, as_email=email, note=f"Resolved with {incident_id}: {how}")
    except VendorDown:
        raise
    except (Refused, VendorError) as failed:
        _not_resolved(tools, incident_id, page, str(failed))
        return str(failed)
    with tools.timeline.open(incident_id) as incident:
        if incident.pages[page].status is not PageStatus.RESOLVED:
            incident.record(PageResolved(page=page, by=by, by_name=by.name))
    return ""


def _not_resolved(tools: Tools, incident_id: str, page: str, why: str) -> None:
    with tools.timeline.open(incident_id) as incident:
        link = incident.pages[page].page.address
        incident.record(
            PagerActFailed(
                page=page,
                doing="resolve the page",
                why=why,
                by_hand=f"Resolve it at {link}." if link else "",
            )
        )
