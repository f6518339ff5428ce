"""Where the burn-down's points lie: it ends at the table's number and goes below zero where overspent."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.slo import Bucket, Counts, Read, reckon
from bot.flow.figures import budget
from bot.web.dashboard.chart import HEIGHT, Chart, Happened, Line, chart, span
from tests.timeline.ledgers import NOON
from tests.web.doors import DAY, ENROLLMENT, HOUR, LATENCY, LMS, month

OVER = span(LMS, NOON)


def drawn(left: float, **more: object) -> Chart:
    found = chart(LMS, month(LMS, left), OVER, **more)  # type: ignore[arg-type]
    assert found is not None
    return found


def ends(found: Chart) -> tuple[tuple[float, float], tuple[float, float]]:
    """The first and the last point of the line."""
    pairs = [tuple(map(float, each.split(","))) for each in found.path.split()]
    return (pairs[0][0], pairs[0][1]), (pairs[-1][0], pairs[-1][1])


def test_the_line_begins_at_all_of_the_budget_and_ends_at_what_is_left() -> None:
    first, last = ends(drawn(0.43))
    assert first == (0, 0)
    assert last == (1000, pytest.approx(HEIGHT * 0.57, abs=0.01))


def test_an_untouched_scale_shows_the_quarters() -> None:
    found = drawn(0.72)
    rows = {tick.label: tick.at for tick in found.rows}
    assert rows == {"100%": 0, "75%": 60, "50%": 120, "25%": 180, "0%": HEIGHT}
    assert [tick.label for tick in found.columns if not tick.roomy] == [
        "Day 1",
        "Day 10",
        "Day 20",
        "Day 30",
    ]


def test_what_is_overspent_lies_below_zero_on_a_longer_scale() -> None:
    found = drawn(-0.4)
    rows = {tick.label: tick.at for tick in found.rows}
    assert rows["-50%"] == HEIGHT
    assert rows["0%"] < ends(found)[1][1] < HEIGHT
    assert found.last.left == "-40%"


def test_a_budget_that_is_overspent_many_times_keeps_its_labels_apart() -> None:
    found = drawn(-60.0)
    at = sorted(tick.at for tick in found.rows)
    assert {"0%", "100%"} & {tick.label for tick in found.rows}
    assert min(b - a for a, b in pairwise(at)) >= 15
    assert max(at) == HEIGHT
    assert ends(found)[1][1] <= HEIGHT


def test_each_day_that_is_known_has_a_point() -> None:
    found = drawn(0.72)
    assert [each.day for each in found.points] == list(range(1, 31))
    assert found.last.x == 100
    late = chart(LMS, [h for h in month(LMS, 0.72) if h.at >= NOON - 3 * DAY], OVER)
    assert late is not None
    assert [each.day for each in late.points] == [28, 29, 30]


@given(
    bad=st.lists(st.floats(0, 40), min_size=1, max_size=60),
    minute=st.integers(0, 59),
    gap=st.integers(0, 60),
)
def test_the_last_point_is_what_the_table_says(bad: list[float], minute: int, gap: int) -> None:
    until = NOON + timedelta(minutes=minute)
    begun = until.replace(minute=0)
    hours = [
        Bucket(at=begun - n * 13 * HOUR, step=HOUR, counts=None if n == gap else Counts(1000, b))
        for n, b in reversed(list(enumerate(bad)))
    ]
    row = reckon(LMS, Read(hours=hours, until=until))
    found = chart(LMS, hours, span(LMS, until))
    if row.window.total == 0:
        assert found is None
        return
    assert found is not None
    assert found.last.left == budget(1 - row.window.bad / (0.001 * row.window.total))


def test_the_rolling_line_rises_where_the_cumulative_one_only_falls() -> None:
    def heights(line: Line) -> list[float]:
        return [float(each.split(",")[1]) for each in drawn(0.3, line=line).path.split()]

    falls, moves = heights(Line.CUMULATIVE), heights(Line.ROLLING)
    assert falls == sorted(falls)
    assert moves != sorted(moves)
    assert drawn(0.3, line=Line.ROLLING).last.left == drawn(0.3).last.left == "30%"


def test_a_rolling_line_without_the_month_before_is_not_drawn() -> None:
    newer = [hour for hour in month(LMS, 0.72) if hour.at >= OVER.since]
    assert chart(LMS, newer[24:], OVER, line=Line.ROLLING) is None


def test_incidents_of_the_window_are_marked_where_they_began() -> None:
    happened = [
        Happened(id="a", title="Videos stop", at=NOON - 15 * DAY),
        Happened(id="b", title="Long ago", at=NOON - 31 * DAY),
    ]
    (mark,) = drawn(0.72, incidents=happened).marks
    assert (mark.id, mark.x) == ("a", 50)
    assert "Videos stop" in mark.says


def test_nothing_is_drawn_of_a_threshold_or_without_data() -> None:
    assert chart(LATENCY, month(LMS, 0.72), OVER) is None
    assert chart(ENROLLMENT, [], OVER) is None
