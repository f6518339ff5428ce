"""What is guessed when an incident opens, with the reason, and how a person puts it right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import Refused, VendorError
from bot.domain.events import Declared, ServiceNamed
from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.domain.page import Page
from bot.domain.people import Person
from bot.domain.severity import Proposal, Signs, propose
from bot.reactions import reacts_to
from bot.tools import Tools


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where it is broken, as far as is known when it opens; `how` says how it is known."""

    service: str = ""
    environment: str = "production"
    nearest: tuple[str, ...] = ()
    how: str = ""
    pager_service: str = ""

    @property
    def lock(self) -> str:
        """One open incident per service and environment; an unknown one goes by its pager service."""
        return f"{self.environment}/{self.service or f'?{self.pager_service}'}"


def place_of(tools: Tools, page: Page) -> Place:
    """By the mapping rules: PagerDuty service first, then patterns over what the alerts say."""
    fields = {"title": page.title, "service": page.service_name, "urgency": page.urgency}
    match = tools.catalog.match_page(page.service_id, fields)
    if match is None and tools.pager is not None and tools.catalog.paging:
        match = tools.catalog.match_page(page.service_id, fields | _alert_fields(tools, page))
    if match:
        return Place(
            service=match.service, environment=match.environment, pager_service=page.service_id
        )
    return Place(
        environment="production",
        nearest=_nearest(tools, f"{page.service_name} {page.title}"),
        pager_service=page.service_id,
        how="no mapping rule knows this page",
    )


def _alert_fields(tools: Tools, page: Page) -> dict[str, str]:
    """What the alerts add to the page's own words; nothing where they cannot be read now."""
    assert tools.pager is not None
    try:
        alerts = tools.pager.alerts(page.id)
    except VendorError:
        return {}
    fields: dict[str, str] = {}
    for alert in reversed(alerts):
        fields |= dict(alert.labels)
        fields |= {"alert": alert.name, "entity": alert.entity, "summary": alert.summary}
    return fields


def place_in_text(tools: Tools, text: str) -> Place:
    """A service named in the sentence, and an environment where one is named too."""
    words = set(re.findall(r"[a-z0-9-]+", text.lower()))
    default = tools.catalog.production
    said = next((e.name for e in tools.catalog.environments if e.name in words), "")
    environment = said or (default.name if default else "production")
    where = "" if said else f", {environment} because it names no environment"
    for word in sorted(words, key=len, reverse=True):
        service = tools.catalog.service(word)
        if service is not None:
            return Place(
                service=service.name,
                environment=environment,
                nearest=_nearest(tools, text, besides=service.name),
                how=f"the sentence says “{word}”{where}",
            )
    return Place(
        environment=environment,
        nearest=_nearest(tools, text),
        how="the sentence names none that the catalog knows",
    )


def _nearest(tools: Tools, words: str, *, besides: str = "") -> tuple[str, ...]:
    """The three that are offered with one tap."""
    names = [service.name for service in tools.catalog.nearest(words, 4)]
    return tuple([name for name in names if name != besides][:3])


def proposal(tools: Tools, incident: Incident, page: Page, *, by_person: bool) -> Proposal:
    service = tools.catalog.service(incident.service)
    journeys = tools.catalog.journeys_at_risk(incident.service) if service else ()
    return propose(
        Signs(
            priority=page.priority,
            urgency=page.urgency,
            tier=service.tier if service else 2,
            production=tools.catalog.is_production(incident.environment),
            environment=incident.environment,
            core_journeys=tuple(risk.journey.label for risk in journeys),
            by_person=by_person,
        )
    )


def name_service(
    tools: Tools, incident_id: str, service: str, environment: str, *, by: Person
) -> None:
    known = tools.catalog.service(service)
    if known is None:
        near = ", ".join(s.name for s in tools.catalog.nearest(service, 3))
        raise Refused(f"The catalog has no service “{service}”. Nearest: {near or 'none'}.")
    place = tools.catalog.environment(environment)
    if place is None and tools.catalog.environments:
        names = ", ".join(e.name for e in tools.catalog.environments)
        raise Refused(f"There is no environment “{environment}”: {names}.")
    lock = f"{environment}/{known.name}"
    with tools.timeline.desk() as desk:
        incident = desk.open(incident_id)
        incident.name_service(
            known.name,
            environment,
            by=by,
            cluster=place.cluster if place else "",
            region=place.region if place else "",
        )
        if desk.claimed("open", lock) is None:
            incident.claim("open", lock)
        page = next((s.page for s in incident.pages.values()), Page(id=""))
        incident.propose_severity(
            proposal(tools, incident, page, by_person=incident.declared_by is not None)
        )


def set_start(tools: Tools, incident_id: str, start: datetime, *, by: Person) -> None:
    """Since when users are hit, by who knows it better than the page."""
    with tools.timeline.open(incident_id) as incident:
        incident.set_start(start, by=by)


@reacts_to(ServiceNamed, name="release-old-place")
def release_old_place(tools: Tools, entry: Entry) -> None:
    """The place that was guessed before belongs to nobody any more."""
    known = tools.timeline.read(entry.incident)
    keep = f"{known.environment}/{known.service}"
    for earlier in tools.timeline.entries(entry.incident):
        match earlier.fact:
            case (
                Declared(service=service, environment=environment)
                | ServiceNamed(service=service, environment=environment)
            ) if service:
                lock = f"{environment}/{service}"
                if lock != keep and tools.timeline.claimed("open", lock) == entry.incident:
                    with tools.timeline.open(entry.incident) as incident:
                        incident.release("open", lock)
            case _:
                continue
