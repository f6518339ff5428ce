"""A page or a person opens an incident, or joins the one that is open."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.errors import Refused, VendorDown, VendorError
from bot.domain.events import (
    AcknowledgeAsked,
    AlertsRead,
    AlertsUnread,
    Declared,
    PageAcknowledged,
    Paged,
    PagedNowRead,
    PageEscalated,
    PagerActFailed,
    SeverityProposed,
)
from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.domain.page import Page, PageStatus
from bot.domain.people import Person
from bot.domain.redaction import redact
from bot.flow.guessing import Place, place_in_text, proposal
from bot.flow.moments import began
from bot.flow.naming import channel_name, incident_id
from bot.flow.people import email_as
from bot.reactions import Lane, Later, reacts_to
from bot.tools import Desk, Tools

_ALERT_TRIES = 20
_UNKNOWN = "unknown"


def declare(tools: Tools, text: str, *, by: Person, from_channel: str = "") -> str:
    """At once, from one sentence; everything else is guessed and shown as a guess."""
    title = redact(" ".join(text.split())).text
    if not title:
        raise Refused(f"Say what is wrong: `{tools.command} checkout fails for everybody`.")
    place = place_in_text(tools, title)
    with tools.timeline.desk() as desk:
        incident = _open(
            tools, desk, Page(id="", title=title), place, by=by, from_channel=from_channel
        )
        if place.service and desk.claimed("open", place.lock) is None:
            incident.claim("open", place.lock)
        assert incident.now is not None
        if said := began(title, incident.now):
            incident.set_start(said, by=by)
        else:
            incident.estimate_start(incident.now, how="the time of the declaration")
    return incident.id


def open_for_page(
    tools: Tools, desk: Desk, page: Page, place: Place, *, adopted_by: Person | None = None
) -> Incident:
    """Opens or joins, never across environments. The page must not be claimed yet."""
    holder = desk.claimed("open", place.lock)
    if holder is not None:
        incident = desk.open(holder)
        incident.claim("page", page.id)
        incident.record(
            Paged(page=page, joined=True, adopted_by=adopted_by, happened_at=page.created_at)
        )
        return incident
    incident = _open(tools, desk, page, place)
    incident.claim("page", page.id)
    incident.claim("open", place.lock)
    incident.record(Paged(page=page, adopted_by=adopted_by, happened_at=page.created_at))
    if page.created_at:
        incident.estimate_start(page.created_at, how="the time of the page")
    return incident


def _open(
    tools: Tools,
    desk: Desk,
    page: Page,
    place: Place,
    *,
    by: Person | None = None,
    from_channel: str = "",
) -> Incident:
    now = tools.clock.now()
    new = incident_id(now)
    incident = desk.declare(new)
    environment = tools.catalog.environment(place.environment)
    guessed = ("severity", "service", "start") if by else ("severity", "start")
    incident.record(
        Declared(
            title=page.title or "Untitled page",
            channel_name=channel_name(now, place.service or _UNKNOWN, new),
            by=by,
            team_id=by.team_id if by else "",
            enterprise_id=by.enterprise_id if by else None,
            service=place.service,
            service_how=place.how,
            environment=place.environment,
            cluster=environment.cluster if environment else "",
            region=environment.region if environment else "",
            guessed=guessed,
            nearest=place.nearest,
            from_channel=from_channel,
            happened_at=page.created_at,
        )
    )
    guess = proposal(tools, incident, page, by_person=by is not None)
    incident.record(SeverityProposed(severity=guess.severity, reason=guess.reason))
    return incident


def acknowledge(tools: Tools, incident_id: str, *, by: Person) -> None:
    """Asked for here; PagerDuty is told as this person by a reaction."""
    with tools.timeline.open(incident_id) as incident:
        incident.ask_to_acknowledge(by)


@reacts_to(Paged, name="read-alerts", lane=Lane.PAGE, key=lambda fact: _page_id(fact))
def read_alerts(tools: Tools, entry: Entry) -> Later | None:
    """The webhook carries no alerts: they are fetched once it is stored."""
    page_id = _page_id(entry.fact)
    if tools.pager is None:
        return None
    try:
        alerts = tools.pager.alerts(page_id)
        paged_now = tools.pager.paged_now(page_id)
    except VendorError as failed:
        return _unread(tools, entry, page_id, failed)
    with tools.timeline.open(entry.incident) as incident:
        incident.record(
            AlertsRead(page=page_id, alerts=alerts, paged_now=paged_now, joined=_joined(entry))
        )
        earliest = min((a.since for a in alerts if a.since), default=None)
        if earliest and (incident.started_at is None or earliest < incident.started_at):
            incident.estimate_start(earliest, how="the alert's own start")
    return None


def _unread(tools: Tools, entry: Entry, page_id: str, failed: VendorError) -> Later | None:
    with tools.timeline.open(entry.incident) as incident:
        state = incident.pages.get(page_id)
        if state is not None and not state.unread:
            incident.record(
                AlertsUnread(
                    page=page_id,
                    why=failed.why,
                    by_hand=f"Read them at {state.page.address}." if state.page.address else "",
                    joined=_joined(entry),
                )
            )
        old = tools.clock.now() - entry.at > timedelta(minutes=_ALERT_TRIES)
    if isinstance(failed, VendorDown) and not old:
        return Later(failed.retry_after or timedelta(seconds=30), why=failed.why)
    return None


@reacts_to(PageEscalated, name="read-paged-now", key=lambda fact: _page_id(fact))
def read_paged_now(tools: Tools, entry: Entry) -> Later | None:
    """Escalation stays PagerDuty's: the card only shows who is paged now, and who is next."""
    if tools.pager is None:
        return None
    page_id = _page_id(entry.fact)
    paged_now = tools.pager.paged_now(page_id)
    with tools.timeline.open(entry.incident) as incident:
        incident.record(PagedNowRead(page=page_id, paged_now=paged_now))
    return None


@reacts_to(AcknowledgeAsked, name="acknowledge-in-pager", lane=Lane.APPROVAL, gives_up=False)
def acknowledge_in_pager(tools: Tools, entry: Entry) -> Later | None:
    """As the person who clicked; what PagerDuty refuses is said with the link."""
    assert isinstance(entry.fact, AcknowledgeAsked)
    by = entry.fact.by
    waiting = [
        state.page
        for state in tools.timeline.read(entry.incident).pages.values()
        if state.status is PageStatus.TRIGGERED
    ]
    for page in waiting:
        trouble = _acknowledged(tools, page, by)
        with tools.timeline.open(entry.incident) as incident:
            if trouble is not None:
                incident.record(trouble)
            elif incident.pages[page.id].status is PageStatus.TRIGGERED:
                incident.record(PageAcknowledged(page=page.id, by=by, by_name=by.name))
    return None


def _acknowledged(tools: Tools, page: Page, by: Person) -> PagerActFailed | None:
    link = page.address
    doing = "acknowledge the page"
    by_hand = f"Acknowledge it at {link}." if link else "Acknowledge it in PagerDuty."
    if tools.pager is None:
        return PagerActFailed(
            page=page.id, doing=doing, why="PagerDuty is not configured", by_hand=by_hand, by=by
        )
    try:
        tools.gate.allow("acknowledge the page")
        tools.pager.acknowledge(page.id, as_email=email_as(tools, by, doing=doing, link=link))
    except Refused as refused:
        return PagerActFailed(page=page.id, doing=doing, why=str(refused), by_hand="", by=by)
    except VendorDown:
        raise
    except VendorError as failed:
        return PagerActFailed(page=page.id, doing=doing, why=failed.why, by_hand=by_hand, by=by)
    return None


def _joined(entry: Entry) -> bool:
    return isinstance(entry.fact, Paged) and entry.fact.joined


def _page_id(fact: object) -> str:
    match fact:
        case Paged(page=page):
            return page.id
        case PageEscalated(page=page_id):
            return page_id
    return ""
