"""How objectives are measured: all of the past once, then only the tail, and silence is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.events import SamplingBegan
from bot.domain.incident import HOUSE
from bot.domain.slo import CloudWatchQuery, Health, NewRelicQuery, ObjectiveStatus, Ratio
from bot.flow.objectives import hours_of, sides_of, statuses
from tests.doubles.house import House
from tests.doubles.meters import HOUR, MINUTE, available, fast, migrating
from tests.doubles.pages import at

DAY = 24 * HOUR


@pytest.fixture
def measured(house: House) -> House:
    house.world.objectives = (available(), fast())
    house.restart()
    house.record(HOUSE, SamplingBegan())
    return house


def row(house: House, name: str = "lms-availability") -> ObjectiveStatus:
    return next(each for each in statuses(house.tools) if each.objective.name == name)


def test_before_anything_is_measured_there_is_no_data(measured: House) -> None:
    assert row(measured).health is Health.NO_DATA
    assert row(measured).blind == "nothing is measured yet"


def test_the_first_time_two_windows_are_read(measured: House) -> None:
    measured.work()
    found = hours_of(measured.tools, row(measured).objective, since=at(0) - 62 * DAY)
    assert found[0].at == at(0) - 60 * DAY - HOUR
    assert sum(each.counts.total for each in found if each.counts) > 59 * 24 * 6000


def test_a_quiet_month_leaves_the_whole_budget(measured: House) -> None:
    measured.work()
    assert (row(measured).sli, row(measured).left, row(measured).health) == (1, 1, Health.HEALTHY)


def test_afterwards_only_the_tail_is_read(measured: House) -> None:
    measured.work()
    measured.world.meter.asked.clear()
    measured.forward(minutes=5)
    spans = {each.until - each.since for each in measured.world.meter.asked}
    assert spans == {10 * MINUTE}


def test_what_was_missed_while_it_was_off_is_filled_in(measured: House) -> None:
    measured.work()
    measured.world.meter.goes_bad(at(60), 50, at(120))
    measured.clock.forward(timedelta(days=3))
    measured.work()
    window = row(measured).window
    assert window.bad == pytest.approx(3000)
    assert window.total == pytest.approx(30 * 24 * 6000, rel=0.002)


def test_an_outage_shows_in_every_lookback(measured: House) -> None:
    measured.work()
    measured.world.meter.goes_bad(at(0), 2)
    measured.forward(minutes=65)
    five, one_hour, six = row(measured).burns
    assert five == pytest.approx(20)
    assert one_hour == pytest.approx(20, rel=0.05)
    assert six == pytest.approx(20 / 6, rel=0.1)


def test_a_source_that_fails_keeps_what_was_known_and_is_blind_soon(measured: House) -> None:
    measured.work()
    measured.world.meter.down = "it answered 503"
    measured.forward(minutes=30)
    assert row(measured).left == 1
    assert row(measured).blind == "New Relic blind since 11:58 UTC"


def test_a_busy_source_that_falls_silent_is_blind_and_no_success(measured: House) -> None:
    measured.work()
    measured.world.meter.silent_since = at(10)
    measured.forward(minutes=40)
    assert row(measured).until == at(10)
    assert row(measured).blind == "New Relic blind since 12:10 UTC"


def test_a_source_that_is_silent_for_days_stays_blind(measured: House) -> None:
    measured.work()
    measured.world.meter.silent_since = at(10)
    measured.forward(minutes=40)
    measured.clock.forward(timedelta(days=2))
    measured.work()
    assert row(measured).blind == "New Relic blind since 02 Mar 12:10 UTC"


def test_a_threshold_is_read_in_one_question_and_has_no_budget(measured: House) -> None:
    measured.work()
    found = row(measured, "api-latency")
    assert (found.reading, found.left, found.health) == (pytest.approx(342), None, Health.HEALTHY)
    measured.world.meter.reading = 0.512
    measured.forward(minutes=5)
    assert row(measured, "api-latency").health is Health.WARNING


def test_a_threshold_that_nobody_measured_is_no_data_and_not_the_old_value(
    measured: House,
) -> None:
    measured.work()
    measured.world.meter.reading = None
    measured.forward(minutes=5)
    found = row(measured, "api-latency")
    assert (found.reading, found.health) == (None, Health.NO_DATA)


def test_without_its_source_an_objective_says_what_is_missing(house: House) -> None:
    house.world.objectives = (available(environment="staging"),)
    house.restart()
    house.record(HOUSE, SamplingBegan())
    house.work()
    assert row(house).blind == "no New Relic is configured for staging"


def test_where_one_source_is_not_configured_the_other_way_is_taken(house: House) -> None:
    from_cloud = available().indicator
    house.world.objectives = (available(indicator=_cloud(), instead=from_cloud),)
    house.restart()
    house.record(HOUSE, SamplingBegan())
    house.work()
    assert (row(house).source, row(house).left) == ("New Relic", 1)


def _cloud() -> Ratio:
    one = CloudWatchQuery(namespace="AWS/ApplicationELB", metric="RequestCount")
    return Ratio(total=(one,), bad=(one,))


@pytest.fixture
def both_sides(house: House) -> House:
    """On the way from EC2 to EKS, where a fifth fails since half an hour."""
    house.world.objectives = (migrating(),)
    house.restart()
    house.record(HOUSE, SamplingBegan())
    house.world.meter.goes_bad(at(-32), 20)
    house.work()
    return house


def told(house: House) -> dict[str, tuple[float | None, ...]]:
    now = row(house, "discovery-availability")
    return {e.name: tuple(c.sli for c in e.counts) for e in sides_of(house.tools, now)}


def test_the_sides_of_a_migration_are_told_apart_and_the_objective_is_their_sum(
    both_sides: House,
) -> None:
    hour, hours = told(both_sides)["EKS side"]
    assert told(both_sides)["EC2 side"] == (1, 1)
    assert hour == pytest.approx(0.9)
    assert hours == pytest.approx(1 - 0.2 / 12)
    whole = row(both_sides, "discovery-availability").current
    assert (whole.total, whole.bad) == (24 * 60 * 200, 600)


def test_minutes_of_a_side_that_are_read_again_count_once(both_sides: House) -> None:
    both_sides.forward(minutes=30)
    found = sides_of(both_sides.tools, row(both_sides, "discovery-availability"))
    assert [each.counts[0].total for each in found] == [6000, 6000]
    assert found[1].counts[0].bad == pytest.approx(1200)


def test_a_way_that_does_not_tell_the_sides_apart_tells_of_none(house: House) -> None:
    through_cloudwatch = Ratio(
        total=tuple(
            CloudWatchQuery(namespace="AWS/ApplicationELB", metric="RequestCount", part=each)
            for each in ("EC2 side", "EKS side")
        ),
    )
    objective = available(indicator=through_cloudwatch, instead=available().indicator)
    house.world.objectives = (objective,)
    house.restart()
    house.record(HOUSE, SamplingBegan())
    house.work()
    now = row(house)
    assert now.sli == 1
    assert sides_of(house.tools, now) == []


def test_sides_that_are_counted_otherwise_are_forgotten(both_sides: House) -> None:
    ratio = Ratio(
        total=tuple(NewRelicQuery(nrql="total", part=each) for each in ("EC2 side", "EKS side")),
        bad=(NewRelicQuery(nrql="bad", part="EC2 side"),),
    )
    both_sides.world.objectives = (replace(migrating(), indicator=ratio),)
    both_sides.restart()
    both_sides.forward(minutes=5)
    assert told(both_sides)["EKS side"] == (1, 1)
