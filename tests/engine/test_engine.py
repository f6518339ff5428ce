"""What is owed is carried out: in order, until it returns, across restarts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.domain.errors import NotSent, Refused, VendorDown, VendorRejected
from bot.domain.events.staff import ChannelOpened
from bot.domain.facts import Entry
from bot.reactions import Later, again, reacts_to
from tests.engine.conftest import House
from tests.timeline.ledgers import Filed, Said

Start = Callable[..., House]


def down(after: timedelta | None = None) -> VendorDown:
    return VendorDown("Slack", "post", "it is away", retry_after=after)


class Failing:
    """Fails so often, then writes down what it heard."""

    def __init__(self, times: int, error: Exception, *, gives_up: bool = True) -> None:
        self.left, self.error = times, error
        self.heard: list[str] = []
        self.again: list[bool] = []

        @reacts_to(Said, name="hear", gives_up=gives_up)
        def hear(tools: Any, entry: Entry) -> None:
            self.again.append(again())
            if self.left:
                self.left -= 1
                raise self.error
            self.heard.append(entry.fact.text)

        self.hear = hear


def test_a_reaction_runs_once_for_each_of_its_facts_in_order(house: Start) -> None:
    heard: list[str] = []

    @reacts_to(Said, name="hear")
    def hear(tools: Any, entry: Entry) -> None:
        heard.append(entry.fact.text)

    here = house(answers=[hear])
    here.record(Said(text="1"), Filed(where="x"), Said(text="2"))
    here.record(Said(text="3"))
    here.rest()

    assert heard == ["1", "2", "3"]
    assert here.store.owed.all() == []


def test_facts_of_one_key_keep_their_order_and_keys_run_side_by_side(house: Start) -> None:
    heard: list[str] = []
    other = threading.Event()

    @reacts_to(Said, name="hear", key=lambda fact: fact.by)
    def hear(tools: Any, entry: Entry) -> None:
        if entry.fact.text == "a1":
            assert other.wait(5), "the other key has to run meanwhile"
        heard.append(entry.fact.text)
        if entry.fact.text == "b1":
            other.set()

    here = house(answers=[hear])
    here.record(Said(text="a1", by="a"), Said(text="a2", by="a"), Said(text="b1", by="b"))
    here.rest()

    assert heard == ["b1", "a1", "a2"]


def test_what_is_owed_survives_a_restart_and_is_told_so(house: Start) -> None:
    failing = Failing(1, down(timedelta(hours=1)))
    first = house(answers=[failing.hear])
    first.record(Said(text="1"))
    first.rest()
    assert failing.heard == []

    second = house(answers=[failing.hear])
    second.forward(hours=1)

    assert failing.heard == ["1"]
    assert failing.again == [False, True]


def test_an_attempt_is_counted_on_the_disk_before_the_next_one(house: Start) -> None:
    failing = Failing(1, down())
    here = house(answers=[failing.hear])
    here.record(Said(text="1"))
    here.rest()

    (row,) = here.store.owed.all()
    assert (row.attempts, row.vendor) == (1, "Slack")
    assert row.due == here.clock.now() + timedelta(seconds=1)


def test_a_first_attempt_writes_nothing_beforehand(house: Start) -> None:
    rows: list[int] = []

    @reacts_to(Said, name="hear")
    def hear(tools: Any, entry: Entry) -> None:
        rows.extend(row.attempts for row in tools.owed.all())

    here = house(answers=[hear])
    here.record(Said(text="1"))
    here.rest()

    assert rows == [0]


def test_a_vendor_names_its_own_wait(house: Start) -> None:
    failing = Failing(1, down(timedelta(seconds=37)))
    here = house(answers=[failing.hear])
    here.record(Said(text="1"))
    here.forward(seconds=36)
    assert failing.heard == []

    here.forward(seconds=1)
    assert failing.heard == ["1"]


def test_waits_between_attempts_double_up_to_a_minute(house: Start) -> None:
    failing = Failing(8, down())
    here = house(answers=[failing.hear])
    here.record(Said(text="1"))
    waits = []
    for _attempt in range(8):
        here.rest()
        (row,) = here.store.owed.all()
        waits.append((row.due - here.clock.now()).total_seconds())
        here.forward(seconds=waits[-1])

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert failing.heard == ["1"]


def test_later_is_kept_over_a_restart_and_runs_once_when_late(house: Start) -> None:
    ran: list[str] = []

    @reacts_to(Said, name="hear")
    def hear(tools: Any, entry: Entry) -> Later | None:
        ran.append("now")
        return Later(timedelta(minutes=5)) if len(ran) == 1 else None

    here = house(answers=[hear])
    here.record(Said(text="1"))
    here.forward(minutes=4)
    assert len(ran) == 1

    here = house(answers=[hear])
    here.rest()
    assert len(ran) == 1
    here.forward(hours=3)
    assert len(ran) == 2
    assert here.store.owed.all() == []


def test_what_needs_the_channel_waits_for_it_even_over_a_restart(house: Start) -> None:
    heard: list[str] = []

    @reacts_to(Said, name="hear", needs_channel=True)
    def hear(tools: Any, entry: Entry) -> None:
        heard.append(entry.fact.text)

    house(answers=[hear]).record(Said(text="1"))
    here = house(answers=[hear])
    here.record(Said(text="2"))
    here.rest()
    assert heard == []

    here.record(ChannelOpened(channel="C1", name="inc", card="1.1"))
    here.record(Said(text="3"))
    here.rest()
    assert heard == ["1", "2", "3"]


def test_a_rejection_parks_at_once_and_the_next_fact_goes_on(house: Start) -> None:
    failing = Failing(1, VendorRejected("Jira", "make the ticket", "the project is archived"))
    here = house(answers=[failing.hear])
    here.record(Said(text="1"), Said(text="2"))
    here.rest()

    (parked,) = here.engine.status().parked
    assert parked.name == "hear"
    assert "the project is archived" in parked.why
    assert failing.heard == ["2"]


def test_what_was_parked_and_what_was_taken_up_again_stands_on_the_incident(
    house: Start,
) -> None:
    failing = Failing(1, VendorRejected("Jira", "make the ticket", "the project is archived"))
    here = house(answers=[failing.hear])
    here.record(Said(text="1"))
    here.rest()
    assert _stored(here)[-1] == "work-parked"
    here.engine.retry()
    here.rest()
    assert "work-resumed" in _stored(here)


def _stored(here: House) -> list[str]:
    return [entry.fact.stored for entry in here.store.entries("i1")]


def test_a_parked_row_is_never_deleted_and_runs_again_when_retried(house: Start) -> None:
    failing = Failing(1, NotSent("Argo CD", "roll back", "refused"))
    house(answers=[failing.hear]).record(Said(text="1"))
    here = house(answers=[failing.hear])
    here.forward(days=30)
    assert failing.heard == []
    assert len(here.engine.status().parked) == 1

    assert here.engine.retry("hear") == 1
    here.rest()
    assert failing.heard == ["1"]
    assert failing.again[-1] is True
    assert here.engine.status().parked == ()


def test_an_outage_parks_only_after_a_quarter_of_an_hour(house: Start) -> None:
    failing = Failing(20, down())
    here = house(answers=[failing.hear])
    here.record(Said(text="1"))
    for _minute in range(14):
        here.forward(minutes=1)
    assert here.engine.status().parked == ()
    for _minute in range(10):
        here.forward(minutes=1)

    (parked,) = here.engine.status().parked
    assert parked.vendor == "Slack"


def test_what_may_not_give_up_is_never_parked(house: Start) -> None:
    failing = Failing(40, VendorRejected("Slack", "post", "no"), gives_up=False)
    here = house(answers=[failing.hear])
    here.record(Said(text="1"))
    for _minute in range(45):
        here.forward(minutes=1)

    assert failing.heard == ["1"]


def test_a_vendors_recovery_unparks_what_it_parked(house: Start) -> None:
    failing = Failing(20, down())
    here = house(answers=[failing.hear])
    here.record(Said(text="1"))
    for _minute in range(25):
        here.forward(minutes=1)
    assert here.engine.recovered("Jira") == 0
    assert here.engine.recovered("Slack") == 1
    here.rest()

    assert failing.heard == ["1"]


def test_success_after_a_vendors_failure_counts_as_its_recovery(house: Start) -> None:
    failing = Failing(20, down())
    tries: list[int] = []

    @reacts_to(Filed, name="file")
    def file(tools: Any, entry: Entry) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise down()

    here = house(answers=[failing.hear, file])
    here.record(Said(text="1"))
    for _minute in range(25):
        here.forward(minutes=1)
    assert len(here.engine.status().parked) == 1

    here.record(Filed(where="x"))
    here.forward(seconds=1)
    assert here.engine.status().parked == ()
    assert failing.heard == ["1"]


def test_a_bug_is_tried_five_times_then_parked(house: Start) -> None:
    failing = Failing(5, ZeroDivisionError("oops"))
    here = house(answers=[failing.hear])
    here.record(Said(text="1"))
    for _minute in range(6):
        here.forward(minutes=1)

    (parked,) = here.engine.status().parked
    assert parked.why == "ZeroDivisionError: oops"
    assert len(failing.again) == 5


def test_a_refusal_inside_a_reaction_ends_it(house: Start) -> None:
    failing = Failing(1, Refused("No."))
    here = house(answers=[failing.hear])
    here.record(Said(text="1"))
    here.rest()

    assert here.store.owed.all() == []
    assert here.engine.status().parked == ()


def test_a_name_that_nobody_answers_to_stays_and_is_named(house: Start) -> None:
    failing = Failing(9, down(timedelta(hours=9)))
    house(answers=[failing.hear]).record(Said(text="1"))

    here = house(answers=[])
    here.rest()
    assert here.engine.status().unanswered == ("hear",)
    assert not here.engine.status().ready
    assert [row.reaction for row in here.store.owed.all()] == ["hear"]


def test_stop_waits_for_what_runs_and_leaves_the_rest_owed(house: Start) -> None:
    inside, heard = threading.Event(), []

    @reacts_to(Said, name="hear")
    def hear(tools: Any, entry: Entry) -> None:
        inside.set()
        time.sleep(0.2)
        heard.append(entry.fact.text)

    here = house(answers=[hear])
    here.record(Said(text="1"), Said(text="2"))
    assert inside.wait(5)
    assert here.engine.stop(timedelta(seconds=5)) is True

    assert heard == ["1"]


def test_stop_does_not_wait_for_what_hangs(house: Start) -> None:
    inside, release = threading.Event(), threading.Event()

    @reacts_to(Said, name="hear")
    def hear(tools: Any, entry: Entry) -> None:
        inside.set()
        release.wait(10)

    here = house(answers=[hear])
    here.record(Said(text="1"))
    assert inside.wait(5)
    began = time.monotonic()
    assert here.engine.stop(timedelta(seconds=0.2)) is False
    assert time.monotonic() - began < 2
    release.set()
