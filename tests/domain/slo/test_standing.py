"""A row of the table: current over 24 h, budget over the rolling window, and what it makes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.slo import (
    Bucket,
    Counts,
    Health,
    NewRelicQuery,
    Objective,
    ObjectiveStatus,
    Read,
    Threshold,
    status,
)
from tests.domain.slo.series import HOUR, MINUTE, MONTH, START, objective, series

NOW = START + MONTH
DAY = timedelta(hours=24)
A_MINUTE = 1_000_000


def read(left: float, current: float, target: float, *, until: datetime = NOW) -> Read:
    """A month that leaves so much of its budget, and whose last day went so well."""
    each_hour = 60 * A_MINUTE
    day = Counts(each_hour, (1 - current) * each_hour)
    every = 720 * each_hour
    before = (1 - target) * (1 - left) * every - 24 * day.bad
    hours = [Counts(each_hour, before / 696)] * 696 + [day] * 24
    minutes = [Counts(A_MINUTE, (1 - current) * A_MINUTE)] * 1440
    return Read(
        hours=series(hours, start=until - MONTH),
        minutes=series(minutes, start=until - DAY, step=MINUTE),
        until=until,
        source="CloudWatch",
    )


def row(left: float = 0.72, current: float = 0.9994, target: float = 0.999) -> ObjectiveStatus:
    return status(objective(target), read(left, current, target), NOW)


@pytest.mark.parametrize(
    ("target", "current", "left", "health"),
    [
        (0.999, 0.9994, 0.72, Health.HEALTHY),
        (0.9995, 0.9997, 0.84, Health.HEALTHY),
        (0.9999, 0.99995, 0.95, Health.HEALTHY),
        (0.999, 0.9987, 0.43, Health.WARNING),
    ],
    ids=["LMS availability", "Video delivery", "Authentication", "Course enrollment"],
)
def test_the_rows_of_the_platform_come_out_as_they_are_written(target, current, left, health):
    found = row(left, current, target)
    assert found.sli == pytest.approx(current)
    assert found.left == pytest.approx(left)
    assert found.health is health


def latency(reading: float | None, below: float = 500) -> ObjectiveStatus:
    asked = Threshold(query=NewRelicQuery(nrql="p99"), below=below)
    found = Objective(name="api-latency", service="api-latency", indicator=asked)
    return status(found, Read(reading=reading, until=NOW, source="New Relic"), NOW)


def test_latency_has_a_reading_and_no_budget():
    found = latency(342)
    assert (found.reading, found.left, found.burn, found.sli) == (342, None, None, None)
    assert found.burns == (None, None, None)
    assert found.exhausted_in is None
    assert found.health is Health.HEALTHY


def test_latency_at_its_limit_is_a_warning_and_unread_it_is_no_data():
    assert latency(499.9).health is Health.HEALTHY
    assert latency(500).health is Health.WARNING
    assert latency(None).health is Health.NO_DATA


@pytest.mark.parametrize(
    ("left", "current", "health"),
    [
        (1.0, 1.0, Health.HEALTHY),
        (0.51, 1.0, Health.HEALTHY),
        (0.49, 1.0, Health.WARNING),
        (0.90, 0.99899, Health.WARNING),
        (0.90, 0.99901, Health.HEALTHY),
        (0.01, 1.0, Health.WARNING),
        (-0.01, 1.0, Health.EXHAUSTED),
        (-3.5, 1.0, Health.EXHAUSTED),
    ],
)
def test_health_is_by_what_is_left_and_by_the_burn_of_the_day(left, current, health):
    assert row(left, current).health is health


def test_a_budget_that_is_spent_to_the_last_event_is_exhausted():
    hours = series([Counts(1000, 1)] * 720)
    found = status(objective(), Read(hours=hours, until=NOW), NOW)
    assert found.left == 0
    assert found.health is Health.EXHAUSTED
    assert found.exhausted_in == timedelta()


def test_an_overspent_budget_is_shown_as_it_is():
    assert row(-0.25, 1.0).left == pytest.approx(-0.25)


def test_what_was_never_read_is_no_data_with_its_reason():
    found = status(objective(), Read(trouble="no New Relic is configured"), NOW)
    assert found.health is Health.NO_DATA
    assert (found.sli, found.left, found.blind) == (None, None, "no New Relic is configured")


def test_hours_without_a_total_are_no_data_and_no_success():
    hours = series([None] * 719 + [Counts(0, 0)])
    assert status(objective(), Read(hours=hours, until=NOW), NOW).health is Health.NO_DATA


def test_hours_that_nobody_could_tell_of_count_neither_way():
    told = series([Counts(1000, 0.5), None] * 360)
    assert status(objective(), Read(hours=told, until=NOW), NOW).left == pytest.approx(0.5)


def test_the_budget_ends_where_the_source_does_and_holds_the_minutes_of_the_running_hour():
    until = NOW + 17 * MINUTE
    hours = series([Counts(1000, 100), *[Counts(1000, 0)] * 719, Counts(283, 30)])
    found = status(objective(), Read(hours=hours, until=until), until)
    assert found.window == Counts(719_283, 30)


def test_a_burn_is_of_the_minutes_before_the_end_of_what_is_known():
    minutes = series(
        [Counts(100, 0)] * 1380 + [Counts(100, 1)] * 55 + [Counts(100, 2)] * 5,
        start=NOW - DAY,
        step=MINUTE,
    )
    found = status(objective(), Read(minutes=minutes, until=NOW), NOW + MINUTE)
    assert found.burns == pytest.approx((20, 65 / 6, 65 / 36))


def test_the_budget_is_gone_by_when_the_last_hour_says():
    minutes = series([Counts(100, 0.7)] * 1440, start=NOW - DAY, step=MINUTE)
    known = replace(read(0.28, 1.0, 0.999), minutes=minutes)
    found = status(objective(), known, NOW)
    assert found.exhausted_in / HOUR == pytest.approx(720 * 0.28 / 7)


def test_a_burn_that_lasts_the_window_runs_nothing_out():
    assert row(0.5, 0.9995).exhausted_in is None


def test_a_source_that_stays_silent_is_blind_since_then():
    known = replace(read(0.72, 0.9994, 0.999), lag=2 * MINUTE, source="New Relic")
    assert status(objective(), known, NOW + 11 * MINUTE).blind == ""
    assert status(objective(), known, NOW + 12 * MINUTE).blind == "New Relic blind since 00:00 UTC"


ZONES = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]


@given(zone=st.sampled_from(ZONES), minutes=st.integers(0, 60 * 24 * 40))
def test_the_row_is_the_same_in_every_time_zone_and_over_every_change_of_the_clock(zone, minutes):
    until = START + timedelta(minutes=minutes)
    known = Read(hours=HOURS, minutes=MINUTES, until=until)
    local = replace(known, until=until.astimezone(ZoneInfo(zone)))
    here, there = status(objective(), known, until), status(objective(), local, until)
    assert (there.window, there.current, there.burns) == (here.window, here.current, here.burns)


def lumpy(place: int) -> Counts:
    return Counts(1000 + place % 13, place % 5)


HOURS: list[Bucket] = series((lumpy(place) for place in range(1700)), start=START - MONTH)
MINUTES: list[Bucket] = series(
    (lumpy(place) for place in range(0, 60 * 24 * 41, 10)), start=START - DAY, step=10 * MINUTE
)
