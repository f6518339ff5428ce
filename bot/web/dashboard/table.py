"""The rows of the SLO table: the journeys first, then the services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.catalog import Catalog
from bot.domain.slo import Health, ObjectiveStatus
from bot.flow import figures

MARKS = {
    Health.HEALTHY: "●",
    Health.WARNING: "▲",
    Health.EXHAUSTED: "■",
    Health.NO_DATA: "○",
}
"""By shape: nobody has to tell green from red."""
_WORST = (Health.EXHAUSTED, Health.WARNING, Health.HEALTHY, Health.NO_DATA)


@dataclass(frozen=True, kw_only=True)
class Row:
    """Every cell as it is written."""

    name: str
    service: str
    target: str
    current: str
    left: str
    health: Health
    mark: str
    source: str
    """Where the figure is from and how old it is, or since when nobody can say."""
    blind: bool
    charted: bool
    """A threshold has no budget, so nothing of it burns down."""


@dataclass(frozen=True, kw_only=True)
class Group:
    title: str
    rows: tuple[Row, ...]


def groups(statuses: Sequence[ObjectiveStatus], catalog: Catalog) -> list[Group]:
    """In the order of the catalog; a group without rows is left out."""
    parted: tuple[list[Row], list[Row]] = ([], [])
    for each in statuses:
        parted[catalog.journey(each.objective.service) is None].append(row(each))
    titles = ("Journeys", "Services")
    return [
        Group(title=title, rows=tuple(rows))
        for title, rows in zip(titles, parted, strict=True)
        if rows
    ]


def row(now: ObjectiveStatus) -> Row:
    health = now.health
    return Row(
        name=now.objective.name,
        service=now.objective.label,
        target=figures.target(now.objective),
        current=figures.current(now),
        left=figures.left(now),
        health=health,
        mark=MARKS[health],
        source=_source(now),
        blind=bool(now.blind),
        charted=now.objective.has_budget,
    )


def worst(statuses: Iterable[ObjectiveStatus]) -> ObjectiveStatus | None:
    """Of those with a budget: the most pressing, and among equals the one with the least left."""
    with_budget = [each for each in statuses if each.objective.has_budget]
    return min(with_budget, key=_pressing, default=None)


def _pressing(now: ObjectiveStatus) -> tuple[int, float]:
    return _WORST.index(now.health), 1.0 if now.left is None else now.left


def _source(now: ObjectiveStatus) -> str:
    if now.blind:
        return now.blind
    return f"{now.source}, {_ago(now.until, now.at)}" if now.until else ""


def _ago(until: datetime, at: datetime) -> str:
    return f"{figures.age(at - until)} ago"
