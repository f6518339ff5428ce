"""What is read of a source, and how its answers add up to buckets."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.slo import CURRENT, Counts, NewRelicQuery, Ratio, burn_rate, summed
from bot.domain.slo.gathering import Span, buckets, heard, spans
from tests.domain.slo.series import HOUR, MINUTE, MONTH, START, series

QUERY = NewRelicQuery(nrql="a")
BAD = Ratio(total=(QUERY,), bad=(QUERY,))
GOOD = Ratio(total=(QUERY,), good=(QUERY,))
FIRST = Span(since=START, until=START + MINUTE, step=MINUTE)


def counted(ratio: Ratio, total: list[float | None], side: list[float | None]) -> Counts | None:
    """Of one minute, by query; None where the source left it out."""
    answers = [
        [{} if value is None else {START: value} for value in values] for values in (total, side)
    ]
    (one,) = buckets(FIRST, ratio, *answers)
    return one.counts


def test_a_missing_bad_is_none_and_a_missing_total_is_no_data():
    assert counted(BAD, [100], [None]) == Counts(100, 0)
    assert counted(BAD, [None], [None]) is None
    assert counted(BAD, [None], [3]) is None


def test_a_missing_good_is_all_bad():
    assert counted(GOOD, [100], [97]) == Counts(100, 3)
    assert counted(GOOD, [100], [None]) == Counts(100, 100)


def test_the_parts_of_a_side_are_summed_and_one_that_says_nothing_is_nothing():
    assert counted(BAD, [90, 10], [1, 2]) == Counts(100, 3)
    assert counted(BAD, [None, 10], [None, 2]) == Counts(10, 2)


def test_more_bad_than_there_were_is_all_of_them():
    assert counted(BAD, [10], [12]) == Counts(10, 10)
    assert counted(GOOD, [10], [12]) == Counts(10, 0)
    assert counted(BAD, [-1], [2]) == Counts(0, 0)


@given(st.integers(0, 90 * 24 * 60), st.one_of(st.none(), st.integers(0, 90 * 24 * 60)))
def test_what_is_read_has_no_holes_and_ends_now(ago, until):
    end = START + timedelta(minutes=ago)
    known = None if until is None else min(end, START + timedelta(minutes=until))
    read = [each for each in spans(known, end, window=MONTH) if each.since < each.until]
    for before, after in pairwise(read):
        assert before.until == after.since
    if read:
        assert read[-1].until == end
        assert read[0].since <= (end - MONTH if known is None else known)
    for each in read:
        assert (each.until - each.since) % each.step == timedelta()
        assert each.step == (MINUTE if each.until > end - CURRENT else HOUR)


def test_at_first_two_windows_are_read_and_then_the_tail():
    end = START + 90 * timedelta(days=1)
    assert spans(None, end, window=MONTH)[0].since == end - 2 * MONTH
    assert spans(end - 5 * MINUTE, end, window=MONTH) == [
        Span(since=end - 10 * MINUTE, until=end, step=MINUTE)
    ]


@pytest.mark.parametrize(("silent", "ends"), [(2, 60), (3, 57), (30, 30)])
def test_a_busy_source_that_says_nothing_for_three_minutes_was_last_heard_then(silent, ends):
    minutes = series([Counts(100, 0)] * (60 - silent) + [None] * silent, step=MINUTE)
    assert heard(minutes, START + HOUR, None) == START + ends * MINUTE


def test_a_quiet_source_may_say_nothing_for_a_while():
    minutes = series([Counts(1, 0), *[None] * 59], step=MINUTE)
    assert heard(minutes, START + HOUR, None) == START + HOUR


def test_what_was_not_told_changes_no_burn():
    told = series([Counts(100, 1)] * 5 + [None] * 5, step=MINUTE)
    assert burn_rate(summed(told), 0.99) == pytest.approx(1)
