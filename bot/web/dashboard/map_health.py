"""How everything on the map stands: by the objectives of it, and by what is open on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.catalog import Catalog
from bot.domain.incident import Summary
from bot.domain.slo import Health, ObjectiveStatus
from bot.flow.objectives import statuses
from bot.tools import Tools
from bot.web.dashboard.incidents import visible
from bot.web.dashboard.table import MARKS
from bot.web.dashboard.words import plain


class State(StrEnum):
    """The worst first."""

    INCIDENT = "incident open"
    EXHAUSTED = "exhausted"
    WARNING = "warning"
    NO_DATA = "no data"
    HEALTHY = "healthy"
    UNMEASURED = "not measured"

    @property
    def mark(self) -> str:
        match self:
            case State.INCIDENT:
                return "◆"
            case State.UNMEASURED:
                return ""
        return MARKS[Health(self.value)]

    @property
    def well(self) -> bool:
        return self in {State.HEALTHY, State.UNMEASURED}


_ORDER = tuple(State)


@dataclass(frozen=True, kw_only=True)
class OpenOn:
    """An incident that is open on something."""

    id: str
    title: str
    severity: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Of everything that has an objective or an incident; the rest is not measured."""

    measured: Mapping[str, State]
    incidents: Mapping[str, tuple[OpenOn, ...]]

    def of(self, name: str) -> State:
        if self.incidents.get(name):
            return State.INCIDENT
        return self.measured.get(name, State.UNMEASURED)

    def on(self, name: str) -> tuple[OpenOn, ...]:
        return self.incidents.get(name, ())


def standing(tools: Tools) -> Standing:
    """In production: neither an incident nor an objective of staging says anything here."""
    catalog = tools.catalog
    found = [each for each in statuses(tools) if _production(catalog, each)]
    opened = [
        each
        for each in visible(tools, open_only=True)
        if each.service and catalog.is_production(each.environment)
    ]
    return Standing(measured=_measured(catalog, found), incidents=_on(catalog, opened))


def counted(states: Iterable[State]) -> list[tuple[State, int]]:
    """The worst first; without those that nothing is in."""
    counts = Counter(states)
    return [(each, counts[each]) for each in _ORDER if counts[each]]


def _production(catalog: Catalog, now: ObjectiveStatus) -> bool:
    return catalog.is_production(now.objective.environment)


def _measured(catalog: Catalog, found: Sequence[ObjectiveStatus]) -> dict[str, State]:
    """By its own objectives. A journey of one member alone tells of that member, too."""
    alone = {each.name: each.members[0] for each in catalog.journeys if len(each.members) == 1}
    worst: dict[str, State] = {}
    for each in found:
        of = each.objective.service
        for name in filter(None, (of, alone.get(of))):
            worst[name] = min(
                State(each.health.value), worst.get(name, State.UNMEASURED), key=_ORDER.index
            )
    return worst


def _on(catalog: Catalog, opened: Sequence[Summary]) -> dict[str, tuple[OpenOn, ...]]:
    found: dict[str, tuple[OpenOn, ...]] = {}
    for each in sorted(opened, key=lambda one: one.severity or "SEV9"):
        known = catalog.service(each.service)
        name = known.name if known else each.service
        told = OpenOn(
            id=each.id, title=plain(each.title, catalog), severity=each.severity or "SEV?"
        )
        found[name] = (*found.get(name, ()), told)
    return found
