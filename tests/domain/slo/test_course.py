"""What an objective's minutes say of a fix: hit before, well since, and the numbers on both sides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.slo import Bucket, Counts, Course
from tests.domain.slo.series import objective

FIX = datetime(2026, 3, 10, 14, 7, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def course(bad: dict[str, float], *, total: float = 1000.0, blind: str = "") -> Course:
    """Two hours of minutes up to 14:20 with one bad event each, but for these ("14:03": 110)."""
    end = FIX.replace(minute=20, second=0)
    minutes = []
    for back in range(120, 0, -1):
        at = end - back * MINUTE
        counts = Counts(total, bad.get(f"{at:%H:%M}", 1.0))
        minutes.append(Bucket(at=at, step=MINUTE, counts=counts))
    return Course(
        objective=objective(), minutes=minutes, until=end, source="CloudWatch", blind=blind
    )


ILL = {f"14:{minute:02d}": 110.0 for minute in range(2, 8)}


def test_users_were_hit_when_minutes_shortly_before_were_bad():
    assert course(ILL).hit(FIX)


def test_one_bad_minute_alone_is_nobodys_incident():
    assert not course({"14:05": 110.0}).hit(FIX)


def test_what_was_bad_long_before_the_fix_was_not_ended_by_it():
    assert not course({"13:30": 110.0, "13:31": 110.0}).hit(FIX)


def test_they_are_well_from_the_end_of_the_last_bad_minute():
    since = course(ILL).well_since()
    assert since == FIX.replace(minute=8, second=0)


def test_where_nothing_was_bad_nothing_became_well():
    assert course({}).well_since() is None


def test_the_number_before_is_of_five_bad_minutes_though_the_fix_helped_at_once():
    quick = {f"14:{minute:02d}": 110.0 for minute in range(5)}
    before = course(quick).before(FIX)
    assert before.error_ratio == pytest.approx(0.11)
    assert before.requests == 5000


def test_the_number_after_is_of_whole_minutes():
    seen = course(ILL)
    after = seen.measure(FIX.replace(minute=10, second=0), seen.until)
    assert after.error_ratio == pytest.approx(0.001)
    assert after.per_minute == pytest.approx(1000)


def test_a_blind_source_says_so_in_its_numbers():
    seen = course(ILL, blind="CloudWatch blind since 14:09 UTC")
    assert seen.measure(FIX, seen.until).blind == "CloudWatch blind since 14:09 UTC"


def test_normal_is_the_hour_before_it_began():
    assert course(ILL).normal(FIX) == pytest.approx(0.001)


def test_the_picture_holds_the_latest_minutes_and_those_without_data_leave_no_bar():
    seen = course(ILL)
    bars = seen.picture(FIX - 5 * MINUTE, seen.until)
    assert bars[:5] == (0.11,) * 5
    assert len(seen.picture(FIX - timedelta(hours=2), seen.until)) == 24


@pytest.mark.parametrize(
    ("target", "noise"), [(0.9999, 0.0006), (0.999, 0.006), (0.99, 0.01), (0.95, 0.05)]
)
def test_the_noise_of_a_quiet_day_is_small_under_a_modest_promise_too(target, noise):
    seen = Course(objective=objective(target), minutes=(), until=FIX, source="CloudWatch")
    assert seen.tolerated == pytest.approx(noise)
