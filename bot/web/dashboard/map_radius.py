"""What stands beside the map once something on it is chosen: who goes down with it, and what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from bot.domain.blast import BlastRadius, blast_radius
from bot.domain.catalog import Catalog, Kind, Reach
from bot.flow import figures
from bot.flow.objectives import statuses
from bot.tools import Tools
from bot.web.dashboard.map_health import OpenOn, Standing, State
from bot.web.dashboard.table import MARKS

CHOSEN = "chosen"
_FIRST = 8


@dataclass(frozen=True, kw_only=True)
class Line:
    """Something that is touched. `state` is empty where it is not measured."""

    title: str
    link: str
    state: str
    mark: str
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """`more` is folded."""

    title: str
    first: tuple[Line, ...]
    more: tuple[Line, ...]
    nothing: str

    @property
    def count(self) -> int:
        return len(self.first) + len(self.more)


@dataclass(frozen=True, kw_only=True)
class Radius:
    name: str
    title: str
    about: str
    describes: str
    state: State
    incidents: tuple[OpenOn, ...]
    lists: tuple[Listed, ...]


def radius(tools: Tools, now: Standing, name: str) -> tuple[BlastRadius, Radius] | None:
    """None for what the catalog does not know."""
    found = blast_radius(tools.catalog, name)
    if found is None:
        return None
    catalog = tools.catalog
    shown = Radius(
        name=found.of,
        title=called(catalog, found.of),
        about=" · ".join(_about(catalog, found.of)),
        describes=_describes(catalog, found.of),
        state=now.of(found.of),
        incidents=now.on(found.of),
        lists=tuple(_lists(tools, now, found)),
    )
    return found, shown


def called(catalog: Catalog, name: str) -> str:
    journey = catalog.journey(name)
    return journey.label if journey else catalog.label(name)


def relations(catalog: Catalog, found: BlastRadius) -> dict[str, str]:
    """What each thing on the map has to do with the chosen one, in words."""
    title = called(catalog, found.of)
    said = {each.name: f"{title} stands on this{_via(catalog, each)}" for each in found.needs}
    for each in found.standing_on_it:
        line = f"stands on {title}{_via(catalog, each)}"
        said[each.name] = f"{line}, and it on this" if each.name in said else line
    said |= {each.name: f"ships with {title}" for each in found.parts}
    said |= {each.journey.name: _carried(catalog, found.of, each.via) for each in found.journeys}
    return {**said, found.of: CHOSEN}


def _lists(tools: Tools, now: Standing, found: BlastRadius) -> Iterable[Listed]:
    catalog = tools.catalog
    if catalog.journey(found.of) is None:
        standing = sorted(found.standing_on_it, key=lambda each: _rank(catalog, each.name))
        direct = [each for each in standing if each.distance == 1]
        others = [each for each in standing if each.distance > 1]
        yield _listed("Stands on it directly", _reached(catalog, now, direct), "Nothing does.")
        yield _listed("Stands on it through others", _reached(catalog, now, others), "Nothing.")
        parts = [_line(catalog, now, each.name) for each in found.parts]
        if parts:
            yield _listed("Ships with it", parts, "")
        journeys = [
            _line(catalog, now, each.journey.name, _carried(catalog, found.of, each.via))
            for each in found.journeys
        ]
        yield _listed("Journeys at risk", journeys, "None that the catalog knows.")
    yield _listed("Objectives at risk", _objectives(tools, found), "None is measured.")
    yield _listed("It stands on", _reached(catalog, now, found.needs), "Nothing else.")


def _listed(title: str, lines: Sequence[Line], nothing: str) -> Listed:
    # To fold a single line away would take as much room as the line.
    cut = _FIRST if len(lines) > _FIRST + 1 else len(lines)
    return Listed(title=title, first=tuple(lines[:cut]), more=tuple(lines[cut:]), nothing=nothing)


def _reached(catalog: Catalog, now: Standing, found: Iterable[Reach]) -> list[Line]:
    return [_line(catalog, now, each.name, _via(catalog, each).strip()) for each in found]


def _line(catalog: Catalog, now: Standing, name: str, about: str = "") -> Line:
    state = now.of(name)
    return Line(
        title=called(catalog, name),
        link=f"/map?of={quote(name)}#radius",
        # In a list of many the word would be all that one reads.
        state="" if state is State.UNMEASURED else state.value,
        mark=state.mark,
        about=about,
    )


def _objectives(tools: Tools, found: BlastRadius) -> list[Line]:
    known = {each.objective.name: each for each in statuses(tools)}
    lines = []
    for objective in found.objectives:
        if not tools.catalog.is_production(objective.environment):
            continue
        now = known[objective.name]
        left = f", {figures.left(now)} of the budget left" if now.left is not None else ""
        lines.append(
            Line(
                title=objective.label,
                link=f"/?objective={quote(objective.name)}",
                state=now.health.value,
                mark=MARKS[now.health],
                about=f"{figures.current(now)}, promised {figures.target(objective)}{left}",
            )
        )
    return lines


def _rank(catalog: Catalog, name: str) -> tuple[bool, int]:
    """By tier; a worker or a job follows what it is part of, and is listed after all of those."""
    known = catalog.service(name)
    if known is None:
        resource = catalog.resource(name)
        return False, resource.tier if resource else 0
    return bool(known.part_of), known.tier


def _via(catalog: Catalog, reach: Reach) -> str:
    return f" through {called(catalog, reach.via)}" if reach.distance > 1 else ""


def _carried(catalog: Catalog, of: str, via: str) -> str:
    return "a member of it" if via == of else f"through {called(catalog, via)}"


def _about(catalog: Catalog, name: str) -> Iterable[str]:
    if journey := catalog.journey(name):
        yield "journey"
        if journey.objective:
            yield journey.objective
        return
    service, resource = catalog.service(name), catalog.resource(name)
    if service is not None:
        yield "legacy service on EC2" if service.kind is Kind.LEGACY else service.kind.value
        yield f"tier {service.tier}"
        if service.migration is not None:
            yield f"migration: {service.migration.value}"
    elif resource is not None:
        yield resource.kind or "resource"
        yield f"tier {resource.tier}"
    if owner := _owner(catalog, name):
        yield owner


def _owner(catalog: Catalog, name: str) -> str:
    known = catalog.service(name) or catalog.resource(name)
    team = catalog.team(known.owner) if known else None
    return (team.title or team.name) if team else (known.owner if known else "")


def _describes(catalog: Catalog, name: str) -> str:
    known = catalog.service(name) or catalog.resource(name)
    return known.description if known and catalog.journey(name) is None else ""
