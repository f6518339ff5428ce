"""What others are told: inside on the severity's clock, outside on the status page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.errors import Refused, VendorDown, VendorError
from bot.domain.events import (
    PublicUpdateAsked,
    PublicUpdateFailed,
    PublicUpdatePosted,
)
from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.redaction import redact
from bot.domain.update import ComponentState, PublicStatus, PublicUpdate, Update
from bot.flow.people import must_belong
from bot.flow.staff import update_due
from bot.reactions import Lane, reacts_to
from bot.tools import StatusPage, Tools

_DEFAULT_PUBLIC = timedelta(minutes=30)


def post_update(tools: Tools, incident_id: str, update: Update, *, by: Person) -> None:
    """The next time is filled in from the severity where nobody said one."""
    incident = tools.timeline.read(incident_id)
    if update.next_at is None:
        update = replace(update, next_at=next_time(tools, incident))
    clean = replace(
        update,
        impact=redact(update.impact).text,
        changed=redact(update.changed).text,
        doing=redact(update.doing).text,
        risk=redact(update.risk).text,
    )
    with tools.timeline.open(incident_id) as incident:
        incident.post_update(clean, by=by)


def next_time(tools: Tools, incident: Incident) -> datetime:
    severity = incident.severity.value if incident.severity else "sev3"
    every = tools.policy.rhythm(severity).internal_update or timedelta(hours=1)
    return tools.clock.now() + every


def snooze(tools: Tools, incident_id: str, *, by: Person) -> None:
    with tools.timeline.open(incident_id) as incident:
        assert incident.now is not None
        later, due = incident.now + tools.policy.snooze, update_due(tools, incident)
        incident.snooze_update(later if due is None else max(later, due), by=by)


@dataclass(frozen=True, kw_only=True)
class PublicDraft:
    """What the form starts from. `subscribers` is how many would be e-mailed, if it is known."""

    update: PublicUpdate
    components: tuple[ComponentState, ...]
    subscribers: int | None
    next_at: datetime
    trouble: str = ""


def draft_public(
    tools: Tools, incident_id: str, status: PublicStatus | None = None
) -> PublicDraft:
    """From the template of the status: no internal names, no cause before it is confirmed."""
    if tools.status_page is None:
        raise Refused("No status page is configured: tell customers by your usual way.")
    incident = tools.timeline.read(incident_id)
    wanted = status or _next_status(incident)
    components, trouble = _components(tools.status_page)
    service = tools.catalog.service(incident.service)
    touched = [
        c for c in components if service and {c.id, c.name} & set(service.status_components)
    ]
    next_at = _next_public(tools, incident)
    what = service.label if service else "the platform"
    affected = [c.name for c in touched] or [what]
    body = _public_body(tools, incident, wanted, affected=affected, next_at=next_at)
    state = _component_status(incident, wanted)
    update = PublicUpdate(
        title=f"Problems with {', '.join(affected)}",
        status=wanted,
        body=body.strip(),
        components=tuple(replace(c, status=state) for c in touched),
        impact="major" if incident.severity and incident.severity.rank == 1 else "minor",
    )
    return PublicDraft(
        update=update,
        components=components,
        subscribers=_subscribers(tools.status_page),
        next_at=next_at,
        trouble=trouble,
    )


def _components(page: StatusPage) -> tuple[tuple[ComponentState, ...], str]:
    """And why they could not be read."""
    try:
        return page.components(), ""
    except VendorError as failed:
        return (), f"Components could not be read ({failed.why})."


def _subscribers(page: StatusPage) -> int | None:
    try:
        return page.subscribers()
    except VendorError:
        return None


def _public_body(
    tools: Tools,
    incident: Incident,
    status: PublicStatus,
    *,
    affected: list[str],
    next_at: datetime,
) -> str:
    return tools.templates.render(
        f"statuspage/{status.value}.md.j2",
        {
            "title": incident.title,
            "affected": affected,
            "impact": incident.updates[-1][2].impact if incident.updates else "",
            "workaround": "",
            "started": _clock(incident.impact_start),
            "ended": _clock(incident.mitigated_at or incident.resolved_at),
            "next_update": _clock(next_at),
        },
    )


def _clock(at: datetime | None) -> str:
    return f"{at:%H:%M} UTC" if at else ""


def _next_status(incident: Incident) -> PublicStatus:
    if incident.resolved_at or incident.public_suggested == "resolved":
        return PublicStatus.RESOLVED
    if incident.mitigated_at:
        return PublicStatus.MONITORING
    if incident.public_post and incident.mitigations:
        return PublicStatus.IDENTIFIED
    return PublicStatus.INVESTIGATING


def _component_status(incident: Incident, status: PublicStatus) -> str:
    if status in {PublicStatus.RESOLVED, PublicStatus.MONITORING}:
        return "operational"
    rank = incident.severity.rank if incident.severity else 3
    return {1: "major_outage", 2: "partial_outage"}.get(rank, "degraded_performance")


def _next_public(tools: Tools, incident: Incident) -> datetime:
    severity = incident.severity.value if incident.severity else "sev2"
    return tools.clock.now() + (tools.policy.rhythm(severity).public_update or _DEFAULT_PUBLIC)


def publish(
    tools: Tools,
    incident_id: str,
    update: PublicUpdate,
    *,
    by: Person,
    next_at: datetime | None,
) -> str:
    """By comms, commander or on-call; the post itself is sent by a reaction, once."""
    if tools.status_page is None:
        raise Refused("No status page is configured.")
    must_belong(tools, tools.timeline.read(incident_id), by, "statuspage")
    clean = replace(update, body=redact(update.body).text, title=redact(update.title).text)
    with tools.timeline.open(incident_id) as incident:
        return incident.publish(clean, by=by, next_at=next_at)


@reacts_to(
    PublicUpdateAsked,
    name="post-publicly",
    lane=Lane.DECISION,
)
def post_publicly(tools: Tools, entry: Entry) -> None:
    """Looks for our incident by its marker before it makes one."""
    asked = entry.fact
    assert isinstance(asked, PublicUpdateAsked)
    incident = tools.timeline.read(entry.incident)
    held = next(p for p in incident.public if p.id == asked.id)
    if held.posted_at is not None or tools.status_page is None:
        return
    fact: PublicUpdatePosted | PublicUpdateFailed
    by_hand = "Post it in Statuspage yourself; the text is on the timeline."
    try:
        tools.gate.allow("post to the status page")
        post = tools.status_page.publish(
            asked.update, marker=entry.incident, post=incident.public_post
        )
        fact = PublicUpdatePosted(id=asked.id, post=post)
    except Refused as refused:
        fact = PublicUpdateFailed(id=asked.id, why=str(refused), by_hand="")
    except VendorDown:
        raise
    except VendorError as failed:
        fact = PublicUpdateFailed(id=asked.id, why=failed.why, by_hand=failed.by_hand or by_hand)
    with tools.timeline.open(entry.incident) as incident:
        incident.record(fact)
