"""When a burning budget pages. The Google SRE workbook, "Alerting on SLOs", section 6,
"Multiwindow, Multi-Burn-Rate Alerts", table 5-8 and the rules of the text around it:
https://sre.google/workbook/alerting-on-slos/"""

from __future__ import annotations

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.slo import (
    BurnRule,
    Counts,
    budget_left,
    budget_spent,
    burn_rate,
    fastest,
    firing,
    rules,
    summed,
)
from tests.domain.slo.series import HOUR, MINUTE, MONTH, SECOND, START, series, targets

PAGE_FAST, PAGE_SLOW, TICKET_DAY, TICKET_DAYS = rules(0.999)


@pytest.mark.parametrize(
    ("rule", "burn", "share", "long", "short", "pages"),
    [
        (PAGE_FAST, 14.4, 0.02, HOUR, 5 * MINUTE, True),
        (PAGE_SLOW, 6, 0.05, 6 * HOUR, 30 * MINUTE, True),
        (TICKET_DAY, 3, 0.10, 24 * HOUR, 2 * HOUR, False),
        (TICKET_DAYS, 1, 0.10, 72 * HOUR, 6 * HOUR, False),
    ],
)
def test_the_rules_are_those_of_the_workbook(rule, burn, share, long, short, pages):
    assert (rule.threshold, rule.long, rule.short, rule.pages) == (burn, long, short, pages)
    spent = rule.threshold * (rule.long / MONTH)
    assert spent == pytest.approx(share)


def outage(lasted: timedelta, *, over: timedelta = HOUR) -> list:
    """Steady traffic by the second, of which the last part failed altogether."""
    well, ill = int((over - lasted) / SECOND), int(lasted / SECOND)
    return series([Counts(10, 0)] * well + [Counts(10, 10)] * ill, step=SECOND)


def test_a_total_outage_of_a_999_objective_pages_after_52_seconds():
    # 14.4 x 0.001 x 3600 s = 51.84 s
    assert not firing(PAGE_FAST, outage(51 * SECOND), 0.999, START + HOUR)
    assert firing(PAGE_FAST, outage(52 * SECOND), 0.999, START + HOUR)


def test_an_outage_that_is_over_pages_no_more_after_the_short_window():
    minutes = [Counts(600, 0)] * 50 + [Counts(600, 600)] * 4 + [Counts(600, 0)] * 6
    hour = series(minutes, step=MINUTE)
    assert burn_rate(summed(hour), 0.999) > PAGE_FAST.threshold
    assert not firing(PAGE_FAST, hour, 0.999, START + HOUR)
    assert firing(PAGE_FAST, hour[:-6], 0.999, START + 54 * MINUTE)


def test_two_percent_of_errors_for_three_hours_fire_what_the_workbook_says():
    minutes = series([Counts(100, 0)] * 2676 + [Counts(100, 2)] * 204, step=MINUTE)
    now = START + 2880 * MINUTE
    assert [firing(each, minutes, 0.999, now) for each in rules(0.999)[:3]] == [True, True, False]
    day = burn_rate(summed(minutes[-1440:]), 0.999)
    assert day == pytest.approx(2.83, abs=0.01)
    assert budget_spent(2 * 204, Counts(100 * 43_200), 0.999) == pytest.approx(0.0944, abs=1e-4)


def test_a_rule_that_no_outage_could_reach_is_left_out():
    assert fastest(0.9) == 10
    assert [each.threshold for each in rules(0.9)] == [6, 3, 1]
    assert [each.threshold for each in rules(0.5)] == [1]


def test_rules_scale_with_the_window_and_ask_for_no_more_than_a_sustainable_burn():
    assert [each.threshold for each in rules(0.999, timedelta(days=60))] == [28.8, 12, 6, 2]
    assert [each.threshold for each in rules(0.999, timedelta(days=7))] == [3.36, 1.4, 1, 1]
    assert [each.long for each in rules(0.999, timedelta(days=1))] == [HOUR, 6 * HOUR]


@given(targets, st.integers(1, 60))
def test_every_rule_can_fire_and_its_short_window_is_a_twelfth(target, days):
    window = timedelta(days=days)
    for rule in rules(target, window):
        assert 1 <= rule.threshold <= fastest(target)
        assert rule.short * 12 == rule.long < window
        total = series([Counts(10, 10)] * 72, step=HOUR)
        fine = series([Counts(10, 10)] * 720, start=START + 60 * HOUR, step=MINUTE)
        buckets = total if rule.short >= HOUR else fine
        assert firing(rule, buckets, target, START + 72 * HOUR)


def test_silence_fires_nothing():
    assert not firing(PAGE_FAST, [], 0.999, START)
    assert not firing(PAGE_FAST, series([None] * 60, step=MINUTE), 0.999, START + HOUR)


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_a_rule_fires_the_same_in_every_time_zone_on_the_night_of_the_change(zone):
    # New York goes from 02:00 to 03:00 on 8 March 2026, 07:00 UTC.
    start = START.replace(day=8, tzinfo=UTC)
    hours = series([Counts(100, 0)] * 4 + [Counts(100, 1)] * 4, start=start)
    rule = BurnRule(threshold=6, long=8 * HOUR, short=2 * HOUR, pages=True)
    exact = BurnRule(threshold=5, long=8 * HOUR, short=2 * HOUR, pages=True)
    now = (start + 8 * HOUR).astimezone(ZoneInfo(zone))
    assert not firing(rule, hours, 0.999, now)
    assert firing(exact, hours, 0.999, now)


def test_the_burn_of_the_budget_and_what_is_left_agree_over_a_month_of_trouble():
    month = [Counts(1000, 0)] * 716 + [Counts(1000, 20)] * 4
    assert budget_left(summed(series(month)), 0.999) == pytest.approx(1 - 80 / 720)
