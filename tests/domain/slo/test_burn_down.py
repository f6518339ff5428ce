"""The line of the chart: it agrees with the table at every point."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.slo import Counts, Read, between, budget_left, burn_down, rolling, status, summed
from tests.domain.slo.series import HOUR, MONTH, START, about, bucketed, objective, series, targets

DAY = timedelta(days=1)


@given(bucketed, targets)
def test_the_burn_down_only_falls(counts, target):
    hours = series(counts)
    line = burn_down(hours, target, since=START, until=hours[-1].until)
    known = [each.left for each in line if each.left is not None]
    assert all(after <= before for before, after in pairwise(known))


@given(bucketed, targets)
def test_its_last_point_is_what_is_left_of_the_window(counts, target):
    hours = series(counts)
    last = burn_down(hours, target, since=START, until=hours[-1].until)[-1]
    assert last.at == hours[-1].until
    assert last.left == about(budget_left(summed(hours), target))


@pytest.mark.parametrize("minute", [0, 1, 29, 59])
def test_its_last_point_is_the_cell_of_the_table_in_the_middle_of_an_hour_too(minute):
    until = START + 60 * DAY + timedelta(minutes=minute)
    hours = series([Counts(1000 + place % 7, place % 3) for place in range(60 * 24 + 1)])
    hours = [each for each in hours if each.at < until]
    row = status(objective(), Read(hours=hours, until=until), until)
    down = burn_down(hours, 0.999, since=until - MONTH, until=until)[-1]
    rolled = rolling(hours, 0.999, window=MONTH, since=until - MONTH, until=until)[-1]
    assert down.at == rolled.at == until
    assert row.left == pytest.approx(down.left) == pytest.approx(rolled.left)


def test_nothing_is_said_of_the_time_before_the_first_count():
    hours = series([None, None, Counts(1000, 0), None, Counts(1000, 1)])
    line = burn_down(hours, 0.999, since=START, until=hours[-1].until)
    assert [each.left for each in line] == [None, None, 1, 1, pytest.approx(0.5)]


def test_a_window_without_traffic_has_no_line():
    hours = series([None, Counts(), None])
    line = burn_down(hours, 0.999, since=START, until=hours[-1].until)
    assert [each.left for each in line] == [None, None, None]
    assert burn_down([], 0.999, since=START, until=START + HOUR) == []


def test_an_overspent_budget_goes_on_below_zero():
    hours = series([Counts(1000, 1), Counts(1000, 4), Counts(1000, 0)])
    line = burn_down(hours, 0.999, since=START, until=hours[-1].until)
    assert [each.left for each in line] == pytest.approx([2 / 3, -2 / 3, -2 / 3])


def test_what_lies_outside_of_the_window_is_not_in_the_line():
    hours = series([Counts(1000, 900), Counts(1000, 1), Counts(1000, 900)])
    line = burn_down(hours, 0.999, since=START + HOUR, until=START + 2 * HOUR)
    assert [each.left for each in line] == [0]


@given(bucketed, targets, st.integers(1, 30))
@example([Counts(0.1, 0.1), Counts(0.2, 0.2), Counts(0.3, 0.3)] + [Counts()] * 4, 0.99, 2)
@example([Counts(1e7, 1e7), Counts(0.1, 0.0), Counts(), Counts(), Counts()], 0.99, 2)
def test_the_rolling_line_is_the_table_of_each_moment(counts, target, width):
    hours, window = series(counts), width * HOUR
    line = rolling(hours, target, window=window, since=START, until=hours[-1].until)
    assert len(line) == len(hours)
    for each in line:
        begun = each.at - window
        left = budget_left(between(hours, begun, each.at), target) if begun >= START else None
        assert each.left == about(left)


def test_an_hour_without_traffic_is_no_data_however_much_went_before():
    busy = [Counts(total / 10, total / 30) for total in (1, 7, 11, 13)]
    hours = series([*busy, *[Counts()] * 8])
    line = rolling(hours, 0.999, window=4 * HOUR, since=START, until=hours[-1].until)
    assert [each.left for each in line[-5:]] == [None] * 5


def test_the_rolling_line_rises_when_bad_hours_leave_the_window():
    hours = series([Counts(1000, 2), *[Counts(1000, 0)] * 4])
    line = rolling(hours, 0.999, window=2 * HOUR, since=START, until=hours[-1].until)
    assert [each.left for each in line] == [None, 0, 1, 1, 1]


def test_the_rolling_line_says_nothing_where_its_window_is_not_whole():
    hours = series([Counts(1000, 0)] * 5)
    line = rolling(hours, 0.999, window=3 * HOUR, since=START, until=hours[-1].until)
    assert [each.left is None for each in line] == [True, True, False, False, False]


def test_the_rolling_line_begins_where_it_is_asked_to_and_knows_what_was_before():
    hours = series([Counts(1000, 1)] * 6)
    line = rolling(hours, 0.999, window=2 * HOUR, since=START + 4 * HOUR, until=START + 6 * HOUR)
    assert [(each.at, each.left) for each in line] == [
        (START + 5 * HOUR, 0),
        (START + 6 * HOUR, 0),
    ]


def test_a_window_shorter_than_a_bucket_holds_nothing():
    hours = series([Counts(1000, 1)] * 3)
    line = rolling(hours, 0.999, window=HOUR / 2, since=START, until=START + 3 * HOUR)
    assert [each.left for each in line] == [None, None, None]
    assert rolling([], 0.999, window=HOUR, since=START, until=START + HOUR) == []
