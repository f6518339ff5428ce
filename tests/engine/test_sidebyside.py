"""Several vendors asked at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.domain.errors import VendorDown
from bot.engine.sidebyside import SideBySide
from bot.reactions import again, trying
from bot.tools import Failed, TooSlow

SOON, PATIENT = timedelta(seconds=0.1), timedelta(seconds=5)


@pytest.fixture
def beside() -> Iterator[SideBySide]:
    made = SideBySide()
    yield made
    made.close()


def test_all_are_asked_at_the_same_time(beside: SideBySide) -> None:
    everybody = threading.Barrier(8)
    answers = beside.together(
        {str(n): lambda: everybody.wait(5) >= 0 for n in range(8)}, deadline=PATIENT
    )

    assert answers == {str(n): True for n in range(8)}


def test_who_is_too_slow_does_not_hold_up_the_others(beside: SideBySide) -> None:
    release = threading.Event()
    began = time.monotonic()
    answers = beside.together(
        {"slow": lambda: release.wait(5), "quick": lambda: "here"}, deadline=SOON
    )
    release.set()

    assert answers == {"slow": TooSlow(after=SOON), "quick": "here"}
    assert time.monotonic() - began < 2


def test_a_vendors_failure_is_an_answer(beside: SideBySide) -> None:
    def fail() -> str:
        raise VendorDown("New Relic", "measure", "it is away")

    answers = beside.together({"metrics": fail, "owner": lambda: "lms"}, deadline=PATIENT)
    assert answers == {
        "metrics": Failed(why="New Relic: could not measure: it is away"),
        "owner": "lms",
    }


def test_a_bug_flies_as_it_would_alone(beside: SideBySide) -> None:
    with pytest.raises(ZeroDivisionError):
        beside.together({"bug": lambda: 1 / 0}, deadline=PATIENT)


def test_the_calls_know_that_it_is_a_second_attempt(beside: SideBySide) -> None:
    with trying(again=True):
        answers = beside.together({"one": again}, deadline=PATIENT)
    assert answers == {"one": True}
