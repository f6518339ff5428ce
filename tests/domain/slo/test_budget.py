"""Error budgets. Formulas and figures: the Google SRE workbook, "Implementing SLOs"."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.slo import (
    Counts,
    between,
    budget_left,
    budget_spent,
    burn_rate,
    exhausted_in,
    summed,
)
from tests.domain.slo.series import MINUTE, START, about, bucketed, counted, series, targets

TEN_MINUTES = timedelta(minutes=10)


def test_three_million_requests_at_999_may_fail_three_thousand_times():
    # "Implementing SLOs": 3,663,253 requests in four weeks at 97% are a budget of 109,897 errors.
    window = Counts(3_663_253, 109_897)
    assert budget_left(window, 0.97) == pytest.approx(0, abs=1e-5)
    assert budget_left(Counts(3_000_000, 3_000), 0.999) == 0


@pytest.mark.parametrize(
    ("target", "bad", "total"),
    [(0.999, 1, 1000), (0.95, 5, 100), (0.9995, 5, 10_000), (0.9, 1, 10)],
)
def test_a_budget_that_is_spent_to_the_last_event_is_exactly_zero(target, bad, total):
    assert budget_left(Counts(total, bad), target) == 0
    assert burn_rate(Counts(total, bad), target) == 1


def test_a_budget_that_is_overspent_is_negative_and_never_clipped():
    assert budget_left(Counts(1000, 5), 0.999) == pytest.approx(-4)
    assert budget_left(Counts(1000, 1000), 0.999) == pytest.approx(-999)


def test_without_events_there_is_no_data_and_no_success():
    nothing = Counts()
    assert nothing.sli is None
    assert burn_rate(nothing, 0.999) is None
    assert budget_left(nothing, 0.999) is None
    assert budget_spent(3, nothing, 0.999) is None


def test_an_hour_that_nobody_could_tell_of_counts_as_nothing():
    hours = series([Counts(100, 1), None, Counts(100, 1), None])
    assert summed(hours) == Counts(200, 2)
    assert summed(hours).sli == pytest.approx(0.99)


def test_a_window_holds_the_buckets_that_lie_in_it_whole():
    minutes = series([Counts(1, 0)] * 10, step=MINUTE)
    assert between(minutes, START + 2 * MINUTE, START + 5 * MINUTE).total == 3
    assert between(minutes, START + 2.5 * MINUTE, START + 5.5 * MINUTE).total == 2


@given(counted(), targets)
def test_left_and_burnt_are_one_budget(counts, target):
    left, burn = budget_left(counts, target), burn_rate(counts, target)
    if counts.total <= 0:
        assert left is burn is None
    else:
        assert left + burn == pytest.approx(1)
        assert (left < 0) == (burn > 1)


@given(counted(), targets)
def test_the_worst_burn_is_a_total_outage(counts, target):
    burn = burn_rate(counts, target)
    assert burn is None or 0 <= burn <= burn_rate(Counts(1, 1), target) * (1 + 1e-9)


@given(bucketed, targets)
def test_what_its_parts_cost_is_what_the_window_cost(parts, target):
    window = summed(series(parts))
    if window.total > 0:
        cost = sum(budget_spent(each.bad, window, target) for each in parts if each)
        assert cost == pytest.approx(1 - budget_left(window, target), rel=1e-6, abs=1e-9)


@given(counted(), st.floats(1, 1000), targets)
def test_more_traffic_of_the_same_quality_changes_no_budget(counts, times, target):
    more = Counts(counts.total * times, counts.bad * times)
    assert budget_left(more, target) == about(budget_left(counts, target))


def test_an_incident_tells_its_cost_as_part_of_the_whole_window():
    assert budget_spent(330, Counts(3_000_000, 900), 0.999) == pytest.approx(0.11)


def test_at_a_burn_of_one_the_budget_lasts_the_window():
    assert exhausted_in(1, 1) == timedelta(days=30)
    # "Alerting on SLOs", table 5-4: burn rates and the time to exhaustion in 30 days.
    assert exhausted_in(1, 2) == timedelta(days=15)
    assert exhausted_in(1, 10) == timedelta(days=3)
    assert exhausted_in(1, 1000).total_seconds() / 60 == pytest.approx(43.2)


def test_a_budget_that_is_gone_is_gone_now_and_one_that_nothing_burns_stays():
    assert exhausted_in(0, 3) == exhausted_in(-0.4, 0) == timedelta()
    assert exhausted_in(0.5, 0) is None


@given(st.floats(0.001, 1), st.floats(0.01, 1000))
def test_at_that_burn_exactly_what_is_left_is_spent_by_then(left, burn):
    lasts = exhausted_in(left, burn)
    assert burn * (lasts / timedelta(days=30)) == pytest.approx(left, rel=1e-3)
