"""What could be done about an incident, and where: by the catalog and the policy alone, nobody is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.catalog import Deployment
from bot.domain.incident import Incident
from bot.domain.mitigation import Offer
from bot.tools import Tools


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """A mitigation that could make sense at a place, by the catalog and the policy alone."""

    mitigation: str
    label: str
    free: str
    deployment: Deployment


def remedies(tools: Tools, incident: Incident) -> tuple[Remedy, ...]:
    """What could be done here: on the service first, then below it, then on what ships with it."""
    granted = {
        name: kind
        for name, kind in tools.mitigations.items()
        if tools.policy.may_act(incident.environment, name)
    }
    return tuple(
        Remedy(mitigation=name, label=kind.label, free=kind.free, deployment=place)
        for place in _places(tools, incident)
        for name, kind in granted.items()
        if kind.fits(place)
    )


def _places(tools: Tools, incident: Incident) -> list[Deployment]:
    """Where it may be mended: what changed lately and belongs to it, and what it stands on."""
    catalog, service = tools.catalog, incident.service
    names = [service, *(suspect.change.service for suspect in incident.suspects)]
    names += [r.name for r in catalog.dependencies(service) if catalog.resource(r.name)]
    names += [each.name for each in catalog.components(service)]
    found = (catalog.deployment(name, incident.environment) for name in dict.fromkeys(names))
    return [place for place in found if place is not None]


def undoing(incident: Incident, place: Deployment, found: Sequence[Offer]) -> list[Offer]:
    """Where an offer takes the likeliest suspect there back exactly, that one is the suggestion."""
    wanted = [
        suspect.change.target
        for suspect in incident.suspects
        if suspect.change.service == place.service
    ]
    best = next(
        (offer.target for target in wanted for offer in found if offer.target == target), ""
    )
    if not best:
        return list(found)
    return [replace(offer, suggested=offer.target == best) for offer in found]
