"""What others tell of changes: kept once, the newest word of each, for a week."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.timeline.store import Store
from tests.timeline.ledgers import NOON, HandClock, Small, small

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
Told = Callable[..., bool]


@pytest.fixture
def told(store: Store[Small]) -> Told:
    def one(key: str, body: bytes, began: datetime | None = None) -> bool:
        return asyncio.run(store.changes.store_async(key, began, body))

    return one


def bodies(store: Store[Small], since: datetime = NOON - DAY) -> list[bytes]:
    found = store.changes_told(since=since, until=NOON + DAY)
    return [each.body for each in found]


def test_what_was_told_is_there_after_a_restart(
    store: Store[Small], told: Told, file: Path, clock: HandClock
) -> None:
    assert told("run-1", b"one")
    store.close()
    again = Store.at(file, clock=clock, fold=small)
    assert bodies(again) == [b"one"]
    again.close()


def test_the_same_message_again_is_known_and_told_once(store: Store[Small], told: Told) -> None:
    assert told("run-1", b"one") is True
    assert told("run-1", b"one") is False
    assert bodies(store) == [b"one"]


def test_a_later_word_on_a_change_replaces_the_earlier_one(
    store: Store[Small], told: Told
) -> None:
    told("run-1", b"running")
    told("run-2", b"another")
    told("run-1", b"done")
    assert sorted(bodies(store)) == [b"another", b"done"]


def test_an_old_message_sent_again_does_not_undo_the_later_one(
    store: Store[Small], told: Told
) -> None:
    told("run-1", b"running")
    told("run-1", b"done")
    told("run-1", b"running")
    assert bodies(store) == [b"done"]


def test_a_change_began_when_it_was_first_heard_of_unless_it_says_when(
    store: Store[Small], told: Told, clock: HandClock
) -> None:
    told("run-1", b"running")
    clock.forward(HOUR)
    told("run-1", b"done")
    told("run-2", b"another", NOON - 2 * HOUR)
    found = store.changes_told(since=NOON - DAY, until=NOON + DAY)
    assert [(each.id, each.at) for each in found] == [
        ("run-2", NOON - 2 * HOUR),
        ("run-1", NOON),
    ]


def test_a_clock_that_is_ahead_does_not_hide_a_change(store: Store[Small], told: Told) -> None:
    told("run-1", b"one", NOON + 3 * HOUR)
    (found,) = store.changes_told(since=NOON, until=NOON)
    assert found.at == NOON


def test_only_what_began_in_the_window_is_told(store: Store[Small], told: Told) -> None:
    told("run-1", b"early", NOON - 2 * HOUR)
    told("run-2", b"late", NOON - HOUR)
    assert bodies(store, since=NOON - HOUR) == [b"late"]


def test_what_came_in_before_a_time_can_be_forgotten(
    store: Store[Small], told: Told, clock: HandClock
) -> None:
    told("run-1", b"old")
    clock.forward(HOUR)
    told("run-2", b"new")
    store.purge(NOON + timedelta(minutes=1))
    assert bodies(store) == [b"new"]
