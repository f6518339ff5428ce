"""The SLO table as the platform's engineers know it, cell by cell, and how its numbers are written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.slo import Counts, Health, ObjectiveStatus, as_of
from bot.flow import figures as written
from bot.web.dashboard.table import groups, row, worst
from tests.doubles.house import House
from tests.timeline.ledgers import NOON
from tests.web.doors import (
    AUTH,
    DAY,
    ENROLLMENT,
    FORUMS,
    LATENCY,
    LMS,
    PLATFORM,
    Doors,
    Measured,
    Reader,
    figures,
    measured,
    tools_of,
)

PLATFORM_TABLE = [
    ("LMS availability", "99.9%", "99.94%", "72%", "healthy"),
    ("API latency P99", "< 500 ms", "342 ms", "N/A", "healthy"),
    ("Video delivery", "99.95%", "99.97%", "84%", "healthy"),
    ("Authentication", "99.99%", "99.995%", "95%", "healthy"),
    ("Course enrollment", "99.9%", "99.87%", "43%", "warning"),
]
WINDOW = Counts(30_000_000, 8_400)


def cells(page: str) -> list[tuple[str, ...]]:
    """The tables of a page as they are read, without small type and marks."""
    found = []
    for line in re.findall(r'<tr role="row" data-objective.*?</tr>', page, re.S):
        bare = re.sub(r"<small.*?</small>|<span aria-hidden.*?</span>", "", line)
        raw = re.findall(r"<t[hd] .*?>(.*?)</t[hd]>", bare, re.S)
        found.append(tuple(re.sub(r"<.*?>|&lt;", _tag, each).strip() for each in raw))
    return found


def _tag(found: re.Match[str]) -> str:
    return "<" if found[0] == "&lt;" else ""


def lms(**more: object) -> ObjectiveStatus:
    return as_of(LMS, figures(window=WINDOW, **more), NOON)


def test_the_table_is_the_platforms_and_what_is_no_journey_comes_after_it(reader: Reader) -> None:
    found = cells(reader.get("/").text)
    assert found[:5] == PLATFORM_TABLE
    assert found[5:] == [("Forums availability", "99%", "98%", "-12%", "exhausted")]


def test_the_columns_state_their_windows(reader: Reader) -> None:
    heads = re.findall(r'<th role="columnheader" scope="col">(.*?)</th>', reader.get("/").text)
    assert heads[:5] == [
        "Service",
        "Target",
        "Current (24 h)",
        "Error budget left (30 days)",
        "Status",
    ]


def test_journeys_come_before_services_whatever_the_order_of_the_catalog() -> None:
    found = groups([as_of(each, figures(), NOON) for each in (FORUMS, LMS, AUTH)], PLATFORM)
    assert [(each.title, [row.name for row in each.rows]) for each in found] == [
        ("Journeys", ["lms-availability", "authentication"]),
        ("Services", ["forums-availability"]),
    ]


def test_what_nobody_measured_is_no_data_in_words(house: House) -> None:
    page = Reader(Doors(tools_of(house, samples=Measured())).app()).get("/").text
    assert cells(page)[0] == ("LMS availability", "99.9%", "no data", "no data", "no data")
    assert cells(page)[1] == ("API latency P99", "< 500 ms", "no data", "N/A", "no data")
    assert "nothing is measured yet" in page


def test_a_blind_source_is_named_with_the_time_since_when(house: House) -> None:
    kept = measured()
    silent = NOON - timedelta(hours=8, minutes=56)
    kept.known[AUTH.name] = replace(kept.known[AUTH.name], until=silent, source="New Relic")
    page = Reader(Doors(tools_of(house, samples=kept)).app()).get("/").text
    assert "New Relic blind since 03:04 UTC" in page


def test_a_figure_says_where_it_is_from_and_how_old_it_is() -> None:
    assert row(lms()).source == "CloudWatch, 2 min ago"


def test_every_health_has_a_mark_of_its_own_shape() -> None:
    healthy, bad = row(lms(current=Counts(1000, 0))), row(lms(current=Counts(1000, 500)))
    assert (healthy.health, bad.health) == (Health.HEALTHY, Health.WARNING)
    assert healthy.mark != bad.mark


@pytest.mark.parametrize(
    ("bad", "shown"),
    [(600, "99.94%"), (0, "100%"), (1, "99.9999%"), (1000, "99.9%"), (1004, "99.8996%")],
)
def test_rounding_never_lifts_a_figure_onto_its_target_or_to_perfection(
    bad: float, shown: str
) -> None:
    assert written.current(lms(current=Counts(1_000_000, bad))) == shown


@pytest.mark.parametrize(
    ("left", "shown"),
    [(0.72, "72%"), (-0.124, "-12%"), (-3.5, "-350%"), (0.997, "99.7%"), (0.004, "0.4%")],
)
def test_a_budget_is_whole_percents_and_never_clipped(left: float, shown: str) -> None:
    assert written.budget(left) == shown


def test_a_threshold_just_missed_is_not_written_as_its_limit() -> None:
    now = as_of(LATENCY, figures(reading=500.4), NOON)
    assert (written.current(now), now.health) == ("500 ms", Health.WARNING)
    below = as_of(LATENCY, figures(reading=499.6), NOON)
    assert written.current(below) == "499.6 ms"


def test_the_chart_is_of_the_objective_that_is_worst_off() -> None:
    kept = measured()
    found = [as_of(each, kept.known[each.name], NOON) for each in (LMS, LATENCY, ENROLLMENT)]
    chosen = worst(found)
    assert chosen is not None
    assert chosen.objective is ENROLLMENT


def test_days_are_counted_from_two_on() -> None:
    assert (written.age(DAY), written.age(3 * DAY)) == ("24 h 00 min", "3 d")
