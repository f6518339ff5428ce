"""Whether somebody walked through a runbook lately, and what has none to walk through."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.domain.catalog import Catalog, Kind, MigrationStage, Resource, Service
from bot.domain.runbook import Runbook

UNSAID = "180d"
"""How often a runbook is reviewed that does not say it."""
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_CENTURY = 36_500
_SOON = timedelta(days=30)


class Freshness(StrEnum):
    """In the order in which somebody should look at them."""

    OVERDUE = "overdue"
    UNDATED = "no date"
    SOON = "due soon"
    FRESH = "fresh"


@dataclass(frozen=True, kw_only=True)
class Review:
    """`reviewed` is None where nobody wrote a date, or none that can be read."""

    reviewed: date | None
    every: timedelta

    @property
    def due(self) -> date | None:
        return self.reviewed + self.every if self.reviewed else None

    def freshness(self, today: date) -> Freshness:
        if self.due is None:
            return Freshness.UNDATED
        if self.due < today:
            return Freshness.OVERDUE
        soon = min(_SOON, self.every / 4)
        return Freshness.SOON if self.due - today <= soon else Freshness.FRESH


def span(written: str) -> timedelta | None:
    """`180d`, `26w`, `6m`, `1y`; None for anything else, and for more than a century."""
    found = re.fullmatch(r"(\d{1,5})\s*([dwmy])", written)
    days = int(found[1]) * _DAYS[found[2]] if found else _CENTURY + 1
    return timedelta(days=days) if days <= _CENTURY else None


def review(book: Runbook) -> Review:
    """A time that cannot be read counts as unsaid."""
    every = span(book.front.get("review_every", UNSAID)) or span(UNSAID)
    assert every is not None
    return Review(reviewed=_day(book.front.get("last_reviewed", "")), every=every)


def uncovered(catalog: Catalog, books: Iterable[Runbook]) -> list[Service | Resource]:
    """What pages and has no runbook of its own, the most important first.

    Workers and jobs follow what they are part of; what was switched off needs none.
    """
    written = list(books)
    paths = {each.path for each in written}
    named = {name for each in written for name in each.services}
    paging: list[Service | Resource] = [
        each for each in catalog.services if not each.part_of and not _gone(each)
    ]
    paging += [each for each in catalog.resources if each.pagerduty]
    bare = [
        each for each in paging if each.name not in named and not paths.intersection(each.runbooks)
    ]
    return sorted(bare, key=lambda each: each.tier)


def _gone(service: Service) -> bool:
    return service.kind is Kind.LEGACY and service.migration is MigrationStage.DECOMMISSIONED


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        return None
