"""What the catalog says of that which is unwell: who owns it, what it carries and what it needs."""

from __future__ import annotations

from datetime import datetime

from bot.domain.catalog import Deployment, Resource, Service
from bot.domain.events import Finding, NotChecked, Question
from bot.domain.incident import Incident
from bot.tools import Tools

_SHOWN = 5


def introduced(tools: Tools, incident: Incident, now: datetime) -> Finding | NotChecked:
    service = tools.catalog.service(incident.service)
    if service is not None:
        return _finding(tools, service.name, _service(tools, service, incident), now)
    resource = tools.catalog.resource(incident.service)
    if resource is not None:
        return _finding(tools, resource.name, _resource(resource, incident), now)
    empty = tools.catalog.empty
    return NotChecked(
        question=Question.SERVICE,
        source="catalog",
        why="the catalog is empty" if empty else "no service is named yet",
        by_hand="A mapping in catalog/ would add owner, deploys, error rate and rollback."
        if empty
        else "Name the service to see its owner, deploys, error rate and rollback.",
    )


def _service(tools: Tools, service: Service, incident: Incident) -> str:
    deployment = tools.catalog.deployment(service.name, incident.environment)
    where = _where(deployment) if deployment else "not deployed here"
    return f"{service.label}: tier {service.tier}, owned by {service.owner or 'nobody'}, {where}"


def _where(deployment: Deployment) -> str:
    further = [each.site for each in deployment.everywhere if each.site]
    return f"runs in {deployment.cluster}" + (f" and in {', '.join(further)}" if further else "")


def _resource(resource: Resource, incident: Incident) -> str:
    here = dict(resource.identifiers).get(incident.environment, "")
    named = f", in the cloud {here}" if here else ""
    owner = resource.owner or "nobody"
    return f"{resource.label} ({resource.kind}): tier {resource.tier}, owned by {owner}{named}"


def _finding(tools: Tools, name: str, text: str, now: datetime) -> Finding:
    reach = tools.catalog.dependants(name)
    journeys = tools.catalog.journeys_at_risk(name)
    nearest = [r.name for r in tools.catalog.dependencies(name) if r.distance == 1]
    details = [f"Stands on {_some(nearest)}", f"Needed by {_some([r.name for r in reach])}"]
    if journeys:
        details.insert(0, f"At risk: {_some([j.journey.label for j in journeys])}")
    return Finding(
        question=Question.SERVICE,
        text=text,
        source="catalog",
        as_of=now,
        details=tuple(details),
    )


def _some(names: list[str]) -> str:
    if not names:
        return "nothing"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
