"""The picture of an incident: what is on it, and what it says to those who cannot see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.slo import Counts, Course
from bot.domain.slo.curve import Moment, curve
from tests.domain.slo.series import MINUTE, START, objective, series

NOW = START + timedelta(hours=6)
BEGAN, OVER = START + timedelta(minutes=60), START + timedelta(minutes=80)
MOMENTS = (Moment(at=BEGAN, label="Began"), Moment(at=OVER, label="Mitigated"))


def course(*, bad: float = 110.0) -> Course:
    """Three hours, of which minutes 60 to 79 are bad."""
    counts = (Counts(1000, bad if 60 <= minute < 80 else 0) for minute in range(180))
    return Course(
        objective=objective(),
        minutes=series(counts, step=MINUTE),
        until=START + timedelta(hours=3),
        source="New Relic",
    )


def test_it_reaches_a_quarter_of_an_hour_beyond_its_moments():
    made = curve(course(), MOMENTS, now=NOW)
    assert made is not None
    assert made.points[0][0] == BEGAN - 15 * MINUTE
    assert made.points[-1][0] == OVER + 14 * MINUTE


def test_its_words_tell_the_target_the_worst_minute_and_the_moments():
    made = curve(course(), MOMENTS, now=NOW)
    assert made is not None
    assert made.alt == (
        "Line chart of lms-availability by minute (UTC), target 99.9%: lowest 89% at 01:00;"
        " began 01:00, mitigated 01:20."
    )


@pytest.mark.parametrize("bad", [0.01, 1.0])
def test_a_worst_minute_is_never_told_better_than_it_was(bad):
    made = curve(course(bad=bad), MOMENTS, now=NOW)
    assert made is not None
    assert ("lowest 99.99%" if bad < 1 else "lowest 99.9%") in made.alt


def test_it_ends_where_nothing_newer_is_known():
    made = curve(course(), MOMENTS, now=OVER)
    assert made is not None
    assert made.points[-1][0] == OVER - MINUTE


def test_the_end_is_marked_though_the_counts_of_its_minute_are_still_to_come():
    late = (*MOMENTS, Moment(at=OVER + 10 * MINUTE, label="Resolved"))
    made = curve(course(), late, now=OVER + 5 * MINUTE)
    assert made is not None
    assert made.alt.endswith("mitigated 01:20, resolved 01:30.")


def test_a_long_incident_is_shown_by_its_first_half_day():
    late = (*MOMENTS, Moment(at=START + timedelta(days=3), label="Resolved"))
    made = curve(course(), late, now=START + timedelta(days=4))
    assert made is not None
    assert [each.label for each in made.moments] == ["Began", "Mitigated"]


def test_nothing_known_is_no_picture():
    empty = Course(objective=objective(), minutes=(), until=NOW, source="New Relic")
    assert curve(empty, MOMENTS, now=NOW) is None
    assert curve(course(), (), now=NOW) is None
