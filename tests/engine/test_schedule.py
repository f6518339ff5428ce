"""Who is next."""

from __future__ import annotations

from datetime import timedelta

from bot.engine.schedule import Schedule
from bot.engine.work import Work
from bot.reactions import Lane
from tests.timeline.ledgers import NOON


def work(name: str, lane: Lane = Lane.DECISION, *, order: int = 1, seconds: float = 0) -> Work:
    due = NOON + timedelta(seconds=seconds)
    return Work(name=name, line=(name.split("-")[0],), order=order, lane=lane, due=due)


def drained(schedule: Schedule, *, seconds: float) -> list[str]:
    now = NOON + timedelta(seconds=seconds)
    schedule.advance(now)
    names = []
    while (taken := schedule.take(now)) is not None:
        names.append(taken.name)
        schedule.finished(taken)
        schedule.advance(now)
    return names


def test_a_higher_lane_goes_first() -> None:
    schedule = Schedule(9)
    for name, lane in [("c", Lane.CHATTER), ("b", Lane.BOARD), ("a", Lane.PAGE)]:
        schedule.add(work(name, lane))

    assert drained(schedule, seconds=0) == ["a", "b", "c"]


def test_in_one_lane_the_longest_due_goes_first() -> None:
    schedule = Schedule(9)
    for name, seconds in [("b", 2), ("a", 1), ("c", 3)]:
        schedule.add(work(name, seconds=seconds))

    assert drained(schedule, seconds=5) == ["a", "b", "c"]


def test_work_rises_one_lane_a_minute() -> None:
    schedule = Schedule(9)
    schedule.add(work("patient", Lane.CHATTER, seconds=0))
    schedule.add(work("page", Lane.PAGE, seconds=239))
    assert drained(schedule, seconds=239) == ["page", "patient"]

    schedule.add(work("patient", Lane.CHATTER, seconds=0))
    schedule.add(work("page", Lane.PAGE, seconds=240))
    assert drained(schedule, seconds=240) == ["patient", "page"]


def test_one_of_a_line_runs_at_a_time() -> None:
    schedule = Schedule(9)
    schedule.add(work("a-1", order=1))
    schedule.add(work("a-2", order=2))
    schedule.advance(NOON)

    first = schedule.take(NOON)
    assert first is not None
    assert schedule.take(NOON) is None
    schedule.finished(first)
    schedule.advance(NOON)
    second = schedule.take(NOON)
    assert (first.name, second and second.name) == ("a-1", "a-2")


def test_the_line_waits_for_its_first_one() -> None:
    schedule = Schedule(9)
    schedule.add(work("a-1", order=1, seconds=60))
    schedule.add(work("a-2", order=2, seconds=0))

    assert drained(schedule, seconds=59) == []
    assert drained(schedule, seconds=60) == ["a-1", "a-2"]


def test_what_comes_back_takes_its_old_place_in_the_line() -> None:
    schedule = Schedule(9)
    schedule.add(work("a-2", order=2))
    schedule.add(work("a-3", order=3))
    schedule.add(work("a-1", order=1))

    assert drained(schedule, seconds=0) == ["a-1", "a-2", "a-3"]


def test_no_more_run_than_the_limit_allows() -> None:
    schedule = Schedule(2)
    for name in "abc":
        schedule.add(work(name))
    schedule.advance(NOON)
    taken = [schedule.take(NOON) for _try in range(3)]

    assert [one and one.name for one in taken] == ["a", "b", None]


def test_a_due_time_can_be_brought_forward() -> None:
    schedule = Schedule(9)
    moved = work("a", seconds=60)
    schedule.add(moved)
    schedule.moved(moved, NOON)

    assert schedule.next_due() == NOON
    assert drained(schedule, seconds=0) == ["a"]
    assert schedule.next_due() is None


def test_what_rises_while_it_waits_is_taken_once_and_takes_nobody_with_it() -> None:
    schedule = Schedule(9)
    card, other = work("card", Lane.CHATTER), work("other", Lane.BOARD, seconds=1)
    schedule.add(card)
    schedule.add(other)
    schedule.advance(NOON + timedelta(seconds=1))
    card.lane = Lane.BOARD

    assert drained(schedule, seconds=1) == ["card", "other"]
