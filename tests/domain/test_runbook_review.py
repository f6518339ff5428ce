"""When a runbook wants a review, and what has none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.domain.catalog import Catalog, Kind, MigrationStage, Resource, Service
from bot.domain.runbook import Runbook
from bot.domain.runbook_review import Freshness, review, span, uncovered

TODAY = date(2026, 3, 2)


def book(path: str = "a.md", *, services: tuple[str, ...] = (), **front: str) -> Runbook:
    return Runbook(path=path, title=path, body="", services=services, front=front)


@pytest.mark.parametrize(
    ("reviewed", "every", "stands"),
    [
        ("2026-02-01", "30d", Freshness.SOON),
        ("2026-02-01", "28d", Freshness.OVERDUE),
        ("2026-01-01", "1y", Freshness.FRESH),
        ("2026-01-31 08:00:00", "30d", Freshness.SOON),
        ("in spring", "30d", Freshness.UNDATED),
    ],
)
def test_a_runbook_is_as_fresh_as_its_own_words_say(
    reviewed: str, every: str, stands: Freshness
) -> None:
    made = review(book(last_reviewed=reviewed, review_every=every))
    assert made.freshness(TODAY) is stands


def test_a_runbook_that_says_nothing_has_no_date_and_half_a_year() -> None:
    made = review(book())
    assert (made.due, made.every) == (None, timedelta(days=180))


@pytest.mark.parametrize("written", ["soon", "9y d", "-3d", "9999y"])
def test_what_is_no_time_is_none(written: str) -> None:
    assert span(written) is None


def test_what_pages_and_is_in_no_runbook_is_uncovered_the_most_important_first() -> None:
    catalog = Catalog(
        services=(
            Service(name="games", tier=3),
            Service(name="lms", tier=1),
            Service(name="forums", tier=2),
            Service(name="notes", tier=2, runbooks=("notes.md",)),
            Service(name="lms-worker", part_of="lms", tier=1),
            Service(name="old", kind=Kind.LEGACY, migration=MigrationStage.DECOMMISSIONED),
        ),
        resources=(
            Resource(name="mysql", pagerduty=(("production", "P1"),)),
            Resource(name="charts"),
        ),
    )
    books = [book(services=("forums",)), book("notes.md")]
    assert [each.name for each in uncovered(catalog, books)] == ["lms", "mysql", "games"]


def test_a_runbook_that_the_catalog_names_and_nobody_wrote_covers_nothing() -> None:
    catalog = Catalog(services=(Service(name="notes", runbooks=("notes.md",)),))
    assert [each.name for each in uncovered(catalog, [])] == ["notes"]
