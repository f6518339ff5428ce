"""What goes down with something, and what it goes down with: a walk over the catalog, both ways."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.catalog import Catalog, JourneyRisk, Reach, Service
from bot.domain.slo import Objective


@dataclass(frozen=True, kw_only=True)
class BlastRadius:
    """Of one service, resource or journey. `standing_on_it` and `needs` are the nearest first."""

    of: str
    parts: tuple[Service, ...] = ()
    """The workers and jobs that ship with it."""
    standing_on_it: tuple[Reach, ...] = ()
    """Without its own parts."""
    needs: tuple[Reach, ...] = ()
    journeys: tuple[JourneyRisk, ...] = ()
    objectives: tuple[Objective, ...] = ()
    """At risk: its own, those of the journeys, those of what stands on it; the nearest first."""

    @property
    def names(self) -> frozenset[str]:
        """Everything that is touched, itself included."""
        return frozenset(
            {
                self.of,
                *(each.name for each in self.parts),
                *(each.name for each in self.standing_on_it),
                *(each.name for each in self.needs),
                *(each.journey.name for each in self.journeys),
            }
        )


def blast_radius(catalog: Catalog, name: str) -> BlastRadius | None:
    """None for what the catalog does not know. A name that people use for a service counts too."""
    if journey := catalog.journey(name):
        return _of_journey(catalog, journey.name, journey.members)
    known = catalog.service(name) or catalog.resource(name)
    if known is None:
        return None
    parts = catalog.components(known.name)
    own = {each.name for each in parts}
    standing = tuple(each for each in catalog.dependants(known.name) if each.name not in own)
    journeys = catalog.journeys_at_risk(known.name)
    order = [known.name, *(each.journey.name for each in journeys), *own]
    return BlastRadius(
        of=known.name,
        parts=parts,
        standing_on_it=standing,
        needs=catalog.dependencies(known.name),
        journeys=journeys,
        objectives=_objectives(catalog, [*order, *(each.name for each in standing)]),
    )


def _of_journey(catalog: Catalog, name: str, members: tuple[str, ...]) -> BlastRadius:
    """Nothing stands on a journey; it stands on its members and on what they stand on."""
    found = {each: Reach(name=each, distance=1, via=name) for each in members}
    for member in members:
        for each in catalog.dependencies(member):
            further = Reach(name=each.name, distance=each.distance + 1, via=each.via)
            nearest = found.get(each.name)
            if nearest is None or further.distance < nearest.distance:
                found[each.name] = further
    needs = tuple(sorted(found.values(), key=lambda each: each.distance))
    return BlastRadius(of=name, needs=needs, objectives=_objectives(catalog, [name]))


def _objectives(catalog: Catalog, names: list[str]) -> tuple[Objective, ...]:
    place = {name: at for at, name in reversed(list(enumerate(names)))}
    found = [each for each in catalog.objectives if each.service in place]
    return tuple(sorted(found, key=lambda each: place[each.service]))
