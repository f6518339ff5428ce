"""When numbers prove a fix, when they disprove it, and when they say nothing yet."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.mitigation import Healthy, Measure, TooEarly, Unhealthy
from bot.domain.recovery import Number, Recovery, judge, no_worse, together

FIXED = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
BEFORE = Measure(source="m", at=FIXED, error_ratio=0.114, requests=5000)


def after(minutes: float, ratio: float | None = 0.002, requests: int = 4000, **more):
    now = FIXED + timedelta(minutes=minutes)
    judged = more.pop("judged", judge)
    recent = Measure(source="m", at=now, error_ratio=ratio, requests=requests)
    whole = Measure(source="m", at=now, error_ratio=more.pop("whole", ratio), requests=requests)
    case = Recovery(since=FIXED, now=now, before=more.pop("before", BEFORE), normal=0.002, **more)
    return judged(case, recent=recent, whole=whole)


def test_ten_good_minutes_are_proof_with_numbers():
    verdict = after(10)
    assert isinstance(verdict, Healthy)
    assert verdict.evidence == "error rate 11.4% → 0.2%, stable 10 min"


def test_three_good_minutes_are_named_and_watched_on():
    assert after(4) == TooEarly(
        progress="recovered: error rate 11.4% → 0.2% (14:01–14:04 UTC);"
        " watching until it was stable for 10 min"
    )


def test_stable_is_never_said_of_a_bad_minute_in_between():
    assert isinstance(after(10, 0.002, whole=0.03), TooEarly)


def test_less_than_three_minutes_are_too_early():
    assert after(2) == TooEarly(progress="error rate 11.4% → 0.2%, 2 min since the fix")


def test_errors_that_stay_are_not_recovered():
    verdict = after(6, 0.112)
    assert isinstance(verdict, Unhealthy)
    assert verdict.why == "still 11.2% after 6 min (11.4% before, normal is 0.2%)"


def test_errors_right_after_the_fix_get_a_few_minutes():
    assert after(2, 0.112) == TooEarly(progress="still 11.2%, 2 min since the fix")


def test_errors_that_fall_get_longer():
    assert after(6, 0.03) == TooEarly(progress="falling 3.0%, 6 min since the fix")
    assert isinstance(after(11, 0.03), Unhealthy)


def test_few_requests_tell_nothing_yet():
    assert after(5, 0.0, 14) == TooEarly(progress="cannot tell yet: 14 requests")


def test_after_ten_minutes_few_requests_have_to_do_and_are_named():
    verdict = after(10, 0.0, 14)
    assert isinstance(verdict, Healthy)
    assert verdict.evidence == "error rate 11.4% → 0.0% (14 requests only), stable 10 min"


def test_no_requests_at_all_never_prove_anything():
    assert after(30, None, 0) == TooEarly(progress="cannot tell yet: no requests")


@pytest.mark.parametrize("side", ["recent", "whole"])
def test_a_blind_source_is_said_to_be_blind(side):
    good = Measure(source="m", at=FIXED, error_ratio=0.0, requests=5000)
    blind = Measure(source="m", at=FIXED, blind="New Relic silent since 03:04 UTC")
    case = Recovery(since=FIXED, now=FIXED + timedelta(minutes=20))
    told = {"recent": good, "whole": good, side: blind}
    assert judge(case, **told) == TooEarly(
        progress="blind: New Relic silent since 03:04 UTC", blind=True
    )


def test_good_is_twice_the_normal_or_one_percent():
    assert Recovery(since=FIXED, now=FIXED, normal=0.03).good == 0.06
    assert Recovery(since=FIXED, now=FIXED, normal=0.001).good == 0.01
    assert Recovery(since=FIXED, now=FIXED).good == 0.01


def test_without_a_measure_from_before_it_says_so():
    verdict = after(10, before=None)
    assert isinstance(verdict, Healthy)
    assert "not known before" in verdict.evidence


def test_a_window_never_reaches_back_before_the_fix():
    case = Recovery(since=FIXED, now=FIXED + timedelta(minutes=2))
    assert case.window(timedelta(minutes=3)) == (FIXED, case.now)


def test_numbers_that_were_good_before_are_said_to_prove_nothing():
    calm = Measure(source="m", at=FIXED, error_ratio=0.002, requests=5000)
    assert "does not prove it" in after(10, before=calm).evidence
    assert "does not prove it" not in after(10).evidence


LOW = Measure(source="m", at=FIXED, error_ratio=0.002, requests=7500, per_minute=1500.0)


def in_traffic(minutes: float, rate: float, *, ratio: float = 0.002, before: Measure = LOW):
    """The errors were normal all along; what had fallen was the number of requests."""
    now = FIXED + timedelta(minutes=minutes)
    seen = Measure(source="m", at=now, error_ratio=ratio, requests=4000, per_minute=rate)
    case = Recovery(since=FIXED, now=now, before=before, normal=0.002, usual=4200.0)
    return judge(case, recent=seen, whole=seen)


def test_requests_that_came_back_are_proof_where_they_had_fallen():
    verdict = in_traffic(10, 4100.0)
    assert isinstance(verdict, Healthy)
    assert verdict.evidence == "1500 → 4100 requests a minute (usually 4200), stable 10 min"


def test_requests_that_stay_away_are_not_recovered():
    assert in_traffic(4, 1600.0) == TooEarly(
        progress="still 1600 requests a minute (usually 4200), 4 min since the fix"
    )
    verdict = in_traffic(6, 1600.0)
    assert isinstance(verdict, Unhealthy)
    assert verdict.why == "still 1600 requests a minute after 6 min (1500 before, usually 4200)"


def test_errors_are_looked_at_first_even_where_requests_had_fallen():
    verdict = in_traffic(6, 4100.0, ratio=0.2)
    assert isinstance(verdict, Unhealthy)
    assert "worse: 20.0%" in verdict.why
    assert verdict.worse


def test_a_service_with_few_requests_is_never_judged_by_their_number():
    few = Measure(source="m", at=FIXED, error_ratio=0.002, requests=20, per_minute=4.0)
    now = FIXED + timedelta(minutes=10)
    seen = Measure(source="m", at=now, error_ratio=0.0, requests=40, per_minute=4.0)
    case = Recovery(since=FIXED, now=now, before=few, normal=0.002, usual=9.0)
    assert isinstance(judge(case, recent=seen, whole=seen), Healthy)


def test_a_step_of_several_need_not_help_yet():
    verdict = after(4, 0.09, judged=no_worse)
    assert verdict.evidence == "no worse: error rate 11.4% → 9.0%"


def test_a_step_that_makes_it_worse_is_said_to():
    verdict = after(4, 0.4, judged=no_worse)
    assert isinstance(verdict, Unhealthy)
    assert verdict.why == "worse: error rate 11.4% → 40.0%"


def test_a_step_is_looked_at_for_three_minutes():
    assert after(1, judged=no_worse) == TooEarly(
        progress="through; watching for 3 min before the next"
    )


def test_a_step_whose_numbers_are_blind_is_no_reason_to_go_on():
    blind = Measure(source="m", at=FIXED, blind="New Relic silent since 03:04")
    case = Recovery(since=FIXED, now=FIXED + timedelta(minutes=5), before=BEFORE)
    verdict = no_worse(case, recent=blind, whole=blind)
    assert verdict == TooEarly(progress="blind: New Relic silent since 03:04", blind=True)


SLI = Number(
    name="LMS availability", tells=lambda bad: f"{100 - bad * 100:.1f}%", better="rising, now"
)


def test_a_number_of_good_events_is_told_as_what_was_promised():
    verdict = after(10, number=SLI)
    assert isinstance(verdict, Healthy)
    assert verdict.evidence == "LMS availability 88.6% → 99.8%, stable 10 min"
    assert after(2, 0.112, number=SLI) == TooEarly(
        progress="LMS availability still 88.8%, 2 min since the fix"
    )


def test_more_errors_than_before_are_called_worse():
    early = after(2, 0.3)
    assert isinstance(early, TooEarly)
    assert early.progress == "worse: 30.0%, 2 min since the fix"
    late = after(6, 0.3)
    assert isinstance(late, Unhealthy)
    assert late.worse
    assert late.why == "worse: 30.0% after 6 min (11.4% before, normal is 0.2%)"


def test_errors_that_only_stay_are_not_called_worse():
    verdict = after(6, 0.12)
    assert isinstance(verdict, Unhealthy)
    assert not verdict.worse


BLIND = TooEarly(progress="blind: CloudWatch blind since 03:04 UTC", blind=True)
GOOD = Healthy(evidence="LMS availability 88.6% → 99.8%", since=FIXED)
EARLY = TooEarly(progress="cannot tell yet: 14 requests")
BAD = Unhealthy(why="still 11.2%")


def test_one_number_that_is_bad_is_not_made_good_by_another():
    assert together([GOOD, BAD]) == BAD


def test_one_number_that_cannot_tell_yet_is_waited_for():
    assert together([GOOD, EARLY]) == EARLY


def test_a_blind_source_leaves_the_verdict_to_one_that_sees_and_is_named():
    verdict = together([BLIND, GOOD])
    assert isinstance(verdict, Healthy)
    assert verdict.evidence == (
        "LMS availability 88.6% → 99.8%; blind: CloudWatch blind since 03:04 UTC"
    )


def test_no_recovery_is_claimed_where_every_source_is_blind():
    assert together([BLIND, BLIND]) == BLIND


def test_users_are_well_once_the_last_of_the_numbers_is():
    later = Healthy(evidence="enrollment 97% → 99.9%", since=FIXED + timedelta(minutes=2))
    verdict = together([GOOD, later])
    assert isinstance(verdict, Healthy)
    assert verdict.since == later.since
