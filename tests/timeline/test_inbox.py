"""What comes in is on the disk before anybody says thank you."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from bot.reactions import Lane
from bot.timeline.inbox import Handling, handling
from bot.timeline.owed import State
from bot.timeline.sqlite import SQLite
from bot.timeline.store import Store
from bot.timeline.writer import NotStored, Writer
from tests.timeline.ledgers import HandClock, Said, Small, small


def arrive(store: Store[Small], key: str | tuple[str, ...], body: bytes = b"{}") -> bool:
    return store.inbox.store(
        "page", key, body, headers={"x-id": "1"}, subject="P1", lane=Lane.PAGE
    )


def test_bytes_come_back_as_they_came(store: Store[Small], clock: HandClock) -> None:
    assert arrive(store, "k1", b"\x00\xff{")

    (waiting,) = store.inbox.unfinished()
    received = store.inbox.read(waiting.id)
    assert (received.kind, received.key, received.body) == ("page", "k1", b"\x00\xff{")
    assert (received.headers, received.at) == ({"x-id": "1"}, clock.now())


def test_bytes_are_the_same_however_often_they_are_read(store: Store[Small]) -> None:
    arrive(store, "k1", b"\x00\xff{")

    (waiting,) = store.inbox.unfinished()
    first, second = store.inbox.read(waiting.id), store.inbox.read(waiting.id)
    assert first == second


def test_a_flood_that_nobody_works_off_yet_comes_back_whole(store: Store[Small]) -> None:
    for number in range(300):
        arrive(store, f"k{number}", f"{number}".encode())
    arrive(store, "large", b"x" * 100_000)

    waiting = store.inbox.unfinished()
    assert [store.inbox.read(each.id).body for each in waiting[:-1]] == [
        f"{number}".encode() for number in range(300)
    ]
    assert len(store.inbox.read(waiting[-1].id).body) == 100_000


def test_the_same_key_again_is_not_stored_twice(store: Store[Small]) -> None:
    assert arrive(store, "k1") is True
    assert arrive(store, "k1") is False
    assert len(store.inbox.unfinished()) == 1


def test_the_second_of_two_keys_is_enough_to_know_it(store: Store[Small]) -> None:
    assert arrive(store, ("delivery-1", "event-1")) is True
    assert arrive(store, ("delivery-2", "event-1")) is False
    assert arrive(store, ("delivery-2", "event-2")) is True


def test_the_event_loop_stores_without_being_blocked(store: Store[Small]) -> None:
    async def many() -> list[bool]:
        return await asyncio.gather(
            *(
                store.inbox.store_async(
                    "page", f"k{n % 50}", b"{}", headers={}, subject="P1", lane=Lane.PAGE
                )
                for n in range(100)
            )
        )

    answers = asyncio.run(many())
    assert (answers.count(True), answers.count(False)) == (50, 50)
    assert len(store.inbox.unfinished()) == 50


def test_the_first_commit_of_its_handler_marks_an_input_done(store: Store[Small]) -> None:
    arrive(store, "k1")
    (waiting,) = store.inbox.unfinished()
    with handling(Handling(input=waiting.id)), store.open("i1") as incident:
        incident.record(Said(text="read"))

    assert store.inbox.unfinished() == []


def test_an_input_whose_decision_failed_is_still_waiting(store: Store[Small]) -> None:
    arrive(store, "k1")
    (waiting,) = store.inbox.unfinished()

    def decide() -> None:
        with handling(Handling(input=waiting.id)), store.open("i1") as incident:
            incident.record(Said(text="read"))
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        decide()

    assert [one.state for one in store.inbox.unfinished()] == [State.WAITING]


def test_a_second_commit_for_one_input_is_a_bug(store: Store[Small]) -> None:
    arrive(store, "k1")
    (waiting,) = store.inbox.unfinished()
    with handling(Handling(input=waiting.id)):
        with store.open("i1") as incident:
            incident.record(Said(text="one"))
        with pytest.raises(RuntimeError, match="one commit"), store.open("i2") as incident:
            incident.record(Said(text="two"))

    assert store.entries("i2") == []


def test_done_inputs_are_forgotten_only_after_their_time(
    store: Store[Small], clock: HandClock
) -> None:
    arrive(store, "old")
    store.inbox.finish(store.inbox.unfinished()[0].id).result()
    arrive(store, "old but waiting")
    clock.forward(timedelta(days=7))
    arrive(store, "new")
    store.inbox.finish(store.inbox.unfinished()[1].id).result()

    assert store.inbox.purge(clock.now() - timedelta(days=6)) == 1
    assert arrive(store, "old") is True
    assert arrive(store, "new") is False
    assert arrive(store, "old but waiting") is False


def test_a_closed_store_stores_nothing(file: Path, clock: HandClock) -> None:
    closed = Store.at(file, clock=clock, fold=small)
    closed.close()
    with pytest.raises(NotStored):
        arrive(closed, "k1")


def test_a_unit_that_fails_fails_alone(store: Store[Small], submit: Callable[..., Any]) -> None:
    gate = submit("begin")
    good, bad, better = submit("k1"), submit(ValueError("boom")), submit("k2")
    gate.set()

    assert good.result(5) == "k1"
    assert better.result(5) == "k2"
    with pytest.raises(ValueError, match="boom"):
        bad.result(5)
    assert {one.key for one in store.inbox.unfinished()} == {"k1", "k2"}


def test_a_lost_transaction_fails_everybody_in_it(
    store: Store[Small], submit: Callable[..., Any]
) -> None:
    gate = submit("begin")
    good, breaker = submit("k1"), submit("break the transaction")
    gate.set()

    for lost in (good, breaker):
        with pytest.raises(NotStored):
            lost.result(5)
    assert store.inbox.unfinished() == []
    assert arrive(store, "k1") is True


def test_a_caller_that_hangs_up_does_not_stop_the_writer(
    store: Store[Small], submit: Callable[..., Any]
) -> None:
    async def hang_up() -> None:
        gate = submit("begin")
        storing = asyncio.ensure_future(
            store.inbox.store_async("page", "k1", b"{}", headers={}, subject="P1", lane=Lane.PAGE)
        )
        await asyncio.sleep(0.01)
        storing.cancel()
        gate.set()

    asyncio.run(hang_up())
    assert arrive(store, "k2") is True
    assert {one.key for one in store.inbox.unfinished()} == {"k1", "k2"}


def test_a_writer_without_a_database_says_so_and_recovers(file: Path) -> None:
    base = SQLite(file)
    troubles = [OperationalError("connect", None, Exception("no disk"))]

    def connect() -> Connection:
        if troubles:
            raise troubles.pop()
        return base.writer()

    writer = Writer(connect)
    with pytest.raises(NotStored):
        writer.write(lambda _connection: "lost")
    assert writer.write(lambda _connection: "kept") == "kept"
    writer.close()
    base.close()


def test_an_error_never_carries_what_came_in(file: Path) -> None:
    base = SQLite(file)
    with base.writer() as connection, pytest.raises(OperationalError) as failed:
        connection.execute(text("insert into nowhere values (:body)"), {"body": "my password"})
    base.close()

    assert "my password" not in str(failed.value)
