"""An update of Argo Rollouts: how it is told, when an abort of it is through, which steps a way back takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.progressive import (
    Progressive,
    Step,
    Strategy,
    course,
    fast_back,
    holds_no_abort,
    not_back,
)

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
STEPS = (Step(text="20 % of the traffic"), Step(text="a pause of 10m"), Step(text="an analysis"))
CANARY = Progressive(
    strategy=Strategy.CANARY,
    current="new",
    stable="old",
    weight=20,
    step=1,
    steps=STEPS,
    pods=5,
    updated=1,
)
BLUE = Progressive(
    strategy=Strategy.BLUE_GREEN, current="new", stable="old", active="old", auto=False, pods=5
)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (CANARY, "canary at 20 %, at step 2 of 3"),
        (replace(CANARY, pauses=("CanaryPauseStep",)), "canary at 20 %, paused at step 2 of 3"),
        (replace(CANARY, held=True, step=3), "canary at 20 %, paused"),
        (replace(CANARY, aborted=True, weight=0), "canary aborted, at 0 %"),
        (replace(CANARY, seen=False), "waiting for Argo Rollouts to see the change"),
        (replace(CANARY, stable="new", updated=5), "5 of 5 pods are new"),
        (replace(BLUE, pauses=("BlueGreenPause",)), "blue-green at 0 %, paused"),
        (replace(BLUE, active="new"), "blue-green with all traffic on the new pods"),
    ],
)
def test_how_far_it_is_fits_one_line(now: Progressive, words: str) -> None:
    assert now.words == words


def test_before_the_first_promotion_nothing_can_be_gone_back_to() -> None:
    assert not replace(CANARY, stable="").under_way


ABORTED = replace(CANARY, aborted=True, aborted_at=NOON, weight=0)


@pytest.mark.parametrize(
    ("now", "ready", "why"),
    [
        (ABORTED, 5, ""),
        (ABORTED, 4, "4 of 5 pods of the stable revision are ready"),
        (replace(ABORTED, weight=10), 5, "the new pods still get 10 % of the traffic"),
        (replace(ABORTED, aborted_at=None), 5, "waiting for Argo Rollouts to see the abort"),
        (
            replace(BLUE, aborted=True, aborted_at=NOON, active="new"),
            5,
            "the traffic is still on the new pods",
        ),
        (replace(BLUE, aborted=True, aborted_at=NOON), 5, ""),
    ],
)
def test_an_abort_is_through_when_stable_pods_have_all_the_traffic(
    now: Progressive, ready: int, why: str
) -> None:
    assert not_back(now, ready=ready) == why


@pytest.mark.parametrize(
    ("now", "fast", "why"),
    [
        (CANARY, False, ""),
        (CANARY, True, "it lies within the rollback window"),
        (replace(CANARY, promoting=True), False, "it is being promoted in full"),
    ],
)
def test_what_takes_an_abort_back_at_once_is_named(now: Progressive, fast: bool, why: str) -> None:
    assert holds_no_abort(now, fast=fast) == why


def made(count: int) -> list[datetime | None]:
    return [NOON + timedelta(hours=number) for number in range(count)]


@pytest.mark.parametrize(
    ("window", "target", "fast"),
    [(3, 3, True), (3, 2, True), (3, 1, True), (3, 0, False), (0, 3, False), (3, 4, False)],
)
def test_the_rollback_window_counts_the_revisions_between(
    window: int, target: int, fast: bool
) -> None:
    known = made(5)

    assert fast_back(window, known[target], known[4], known) is fast


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))
def test_a_wider_window_never_takes_a_quick_way_back_away(
    window: int, more: int, target: int, stable: int
) -> None:
    known = made(7)
    narrow = fast_back(window, known[target], known[stable], known)

    assert not narrow or fast_back(window + more, known[target], known[stable], known)
    assert not (narrow and target >= stable)


def way(now: Progressive, **more: bool) -> tuple[str, bool, bool]:
    given_ = {"to_stable": False, "fast": False, "still_up": False, **more}
    found = course(now, "3.9", **given_)
    return found.text, found.waits, found.at_once


def test_to_the_stable_revision_no_step_is_gone_through() -> None:
    text = "Argo Rollouts skips its steps: 3.9 is its stable revision"

    assert way(CANARY, to_stable=True) == (text, False, True)


def test_within_the_window_no_step_is_gone_through() -> None:
    text = "Argo Rollouts skips its steps: 3.9 is within its rollback window of 3 revisions"

    assert way(replace(CANARY, window=3), fast=True) == (text, False, True)


def test_otherwise_a_canary_goes_through_all_its_steps_and_may_wait_for_a_person() -> None:
    text, waits, at_once = way(replace(CANARY, steps=(*STEPS, Step(text="a pause", waits=True))))

    assert text.endswith(
        "4 steps again: 20 % of the traffic → a pause of 10m → an analysis → a pause"
    )
    assert (waits, at_once) == (True, False)


def test_of_many_steps_the_first_are_named_and_the_others_counted() -> None:
    text, _waits, _at_once = way(replace(CANARY, steps=STEPS * 3))

    assert text.endswith("→ and 3 more")


def test_a_canary_without_steps_just_rolls() -> None:
    assert way(replace(CANARY, steps=()))[0].endswith("it has no steps")


@pytest.mark.parametrize(
    ("auto", "still_up", "said", "waits"),
    [
        (False, False, "waits for a person to promote them", True),
        (True, False, "then switches the traffic", False),
        (False, True, "switches at once: the pods of 3.9 are still up", False),
    ],
)
def test_a_blue_green_update_switches_by_itself_or_waits(
    auto: bool, still_up: bool, said: str, waits: bool
) -> None:
    text, waiting, _at_once = way(replace(BLUE, auto=auto), still_up=still_up)

    assert said in text
    assert waiting is waits
