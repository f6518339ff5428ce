"""A board shows the newest state: at once when people wait for it, calmly otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.domain.errors import VendorDown, VendorRejected
from bot.domain.events.staff import ChannelOpened
from bot.reactions import Board, Later, again, keeps
from tests.engine.conftest import House
from tests.timeline.ledgers import Counted, Filed, Said, Small

Start = Callable[..., House]


class Card:
    """Writes down what it showed, and may fail or be held up."""

    def __init__(self, *, needs_channel: bool = False) -> None:
        self.shown: list[int] = []
        self.again: list[bool] = []
        self.failing: list[Exception] = []
        self.later: list[Later] = []
        self.hold: threading.Event | None = None
        self.inside = threading.Event()

        @keeps(Board(needs_channel=needs_channel), name="card")
        def card(tools: Any, incident: Small) -> Later | None:
            self.again.append(again())
            self.inside.set()
            if self.hold is not None:
                assert self.hold.wait(5)
            if self.failing:
                raise self.failing.pop()
            self.shown.append(incident.seq)
            return self.later.pop() if self.later else None

        self.card = card


def test_a_board_shows_the_newest_state_after_each_change(house: Start) -> None:
    card = Card()
    here = house(answers=[card.card])
    here.record(Said(text="1"))
    here.rest()
    here.record(Said(text="2"))
    here.rest()

    assert card.shown == [1, 2]
    assert here.store.owed.all() == []


def test_many_facts_in_one_commit_are_one_edit(house: Start) -> None:
    card = Card()
    here = house(answers=[card.card])
    here.record(*(Said(text=str(number)) for number in range(9)))
    here.rest()

    assert card.shown == [9]


def test_a_fact_that_came_while_the_board_was_drawn_is_shown_afterwards(house: Start) -> None:
    card = Card()
    card.hold = threading.Event()
    here = house(answers=[card.card])
    here.record(Said(text="1"))
    assert card.inside.wait(5)
    here.record(Said(text="2"))
    here.record(Said(text="3"))
    card.hold.set()
    here.rest()

    assert card.shown == [1, 3]
    assert here.store.owed.all() == []


def test_bookkeeping_moves_no_board(house: Start) -> None:
    card = Card()
    here = house(answers=[card.card])
    here.record(Filed(where="x"))
    here.rest()

    assert card.shown == []


def test_chatter_moves_a_board_once_in_ten_seconds(house: Start) -> None:
    card = Card()
    here = house(answers=[card.card])
    here.record(Said(text="1"))
    here.rest()
    for _second in range(25):
        here.record(Counted(number=1))
        here.forward(seconds=1)

    assert card.shown == [1, 11, 21]


def test_a_change_does_not_wait_for_the_calm_of_chatter(house: Start) -> None:
    card = Card()
    here = house(answers=[card.card])
    here.record(Said(text="1"))
    here.rest()
    here.record(Counted(number=1))
    here.rest()
    here.record(Said(text="2"))
    here.rest()

    assert card.shown == [1, 3]


def test_chatter_while_the_board_was_drawn_waits_for_its_calm(house: Start) -> None:
    card = Card()
    card.hold = threading.Event()
    here = house(answers=[card.card])
    here.record(Said(text="1"))
    assert card.inside.wait(5)
    here.record(Counted(number=1))
    card.hold.set()
    here.rest()
    assert card.shown == [1]

    here.forward(seconds=10)
    assert card.shown == [1, 2]


def test_a_board_that_needs_the_channel_is_drawn_once_it_is_there(house: Start) -> None:
    card = Card(needs_channel=True)
    here = house(answers=[card.card])
    here.record(Said(text="1"))
    here.rest()
    assert card.shown == []

    here.record(ChannelOpened(channel="C1", name="inc", card="1.1"))
    here.rest()
    assert card.shown == [2]


def test_a_board_never_gives_up(house: Start) -> None:
    card = Card()
    card.failing = [VendorRejected("Slack", "edit", "no"), *[ValueError("bug")] * 30]
    here = house(answers=[card.card])
    here.record(Said(text="1"))
    for _minute in range(35):
        here.forward(minutes=1)

    assert card.shown == [1]
    assert here.engine.status().parked == ()


def test_new_facts_do_not_cut_short_the_wait_that_a_vendor_asked_for(house: Start) -> None:
    card = Card()
    card.failing = [VendorDown("Slack", "edit", "slower", retry_after=timedelta(seconds=30))]
    here = house(answers=[card.card])
    here.record(Said(text="1"))
    here.rest()
    here.record(Said(text="2"))
    here.rest()
    assert card.shown == []

    here.forward(seconds=30)
    assert card.shown == [2]
    assert card.again == [False, True]


def test_a_board_may_ask_to_be_drawn_again(house: Start) -> None:
    card = Card()
    card.later = [Later(timedelta(seconds=30))]
    here = house(answers=[card.card])
    here.record(Said(text="1"))
    here.forward(seconds=29)
    assert card.shown == [1]

    here.forward(seconds=1)
    assert card.shown == [1, 1]
    assert here.store.owed.all() == []


def test_a_change_comes_before_a_redraw_that_was_asked_for(house: Start) -> None:
    card = Card()
    card.later = [Later(timedelta(seconds=30))]
    here = house(answers=[card.card])
    here.record(Said(text="1"))
    here.rest()
    here.record(Said(text="2"))
    here.rest()

    assert card.shown == [1, 2]


def test_a_board_owed_at_the_start_is_drawn_with_a_look_first(house: Start) -> None:
    card = Card()
    card.failing = [VendorDown("Slack", "edit", "away", retry_after=timedelta(hours=1))]
    first = house(answers=[card.card])
    first.record(Said(text="1"))
    first.rest()
    here = house(answers=[card.card])
    here.forward(hours=1)

    assert card.shown == [1]
    assert card.again == [False, True]
