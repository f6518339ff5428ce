"""What came in is handled: in order per subject, once, and nothing of it is dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.errors import VendorDown
from bot.reactions import Lane, again
from bot.timeline.inbox import Received, Unreadable
from tests.engine.conftest import House
from tests.timeline.ledgers import Said

Start = Callable[..., House]


def store_input(here: House, key: str, *, subject: str = "a") -> None:
    here.store.inbox.store(
        "say", key, key.encode(), headers={}, subject=subject, lane=Lane.DECISION
    )


def test_an_input_is_handled_and_done(house: Start) -> None:
    def say(tools: Any, received: Received) -> None:
        with tools.open("i1") as incident:
            incident.record(Said(text=received.body.decode()))

    here = house(handlers={"say": say})
    for number in range(3):
        store_input(here, str(number))
    here.rest()

    assert here.store.read("i1").said == ("0", "1", "2")
    assert here.store.inbox.unfinished() == []


def test_an_input_waiting_at_the_start_is_handled(house: Start) -> None:
    seen: list[tuple[str, bool]] = []

    def say(tools: Any, received: Received) -> None:
        seen.append((received.key, again()))

    store_input(house(), "1")
    here = house(handlers={"say": say})
    here.rest()

    assert seen == [("1", True)]
    assert here.store.inbox.unfinished() == []


def test_an_unreadable_input_is_kept_and_counted(house: Start) -> None:
    def say(tools: Any, received: Received) -> None:
        raise Unreadable("not JSON")

    here = house(handlers={"say": say})
    store_input(here, "1")
    here.rest()
    assert here.engine.status().unreadable == 1

    here = house(handlers={"say": say})
    assert here.engine.status().unreadable == 1


def test_an_input_that_decided_and_then_failed_is_not_handled_twice(house: Start) -> None:
    def say(tools: Any, received: Received) -> None:
        with tools.open("i1") as incident:
            incident.record(Said(text="decided"))
        raise VendorDown("Slack", "answer", "it is away")

    here = house(handlers={"say": say})
    store_input(here, "1")
    here.forward(minutes=5)

    assert here.store.read("i1").said == ("decided",)
    assert here.store.inbox.unfinished() == []


def test_an_input_tries_again_and_its_subject_waits_for_it(house: Start) -> None:
    seen: list[str] = []

    def say(tools: Any, received: Received) -> None:
        if not seen and received.attempts == 0 and received.key == "1":
            raise VendorDown("Slack", "answer", "it is away")
        seen.append(received.key)

    here = house(handlers={"say": say})
    store_input(here, "1")
    store_input(here, "2")
    store_input(here, "other", subject="b")
    here.rest()
    assert seen == ["other"]
