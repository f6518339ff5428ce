"""500 inputs, 20 SIGKILLs at random instants: nothing lost, nothing doubled, nothing half made."""

from __future__ import annotations

import random
import time
from collections import Counter
from pprint import pformat

import pytest

from bot.domain.incident import Incident
from bot.integrations.clock import SystemClock
from bot.timeline.store import Store
from tests.chaos.crowd import Crowd
from tests.chaos.reckoning import Books
from tests.living import Life

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

SEED = 20260310
KILLS, PAGES, PEOPLE = 20, 400, 100
SPEED = 2


def test_nothing_is_lost_doubled_or_half_made_by_twenty_kills(life: Life) -> None:
    world, chance = life.world, random.Random(SEED)
    world.post("/clock", {"speed": SPEED})
    crowd = Crowd(world, life.bot, SEED, pages=PAGES, people=PEOPLE)
    crowd.start()
    for _ in range(KILLS):
        crowd.allow((PAGES + PEOPLE) // KILLS)
        # One in four strikes while the bot is still starting.
        if chance.random() < 0.75:
            life.bot.wait_ready()
        time.sleep(chance.uniform(0.1, 3.0))
        life.bot.kill()
        life.bot.start(ready=False)
    life.bot.wait_ready()
    crowd.allow(PAGES + PEOPLE)
    crowd.join()
    come_to_rest(life)
    books = Books(world.state(), world.log())
    life.bot.stop()
    print(report(crowd, books))
    wrong = {
        "half made": books.half_made(),
        "doubled channels": books.doubled_channels(),
        "doubled messages": books.doubled_messages(),
        "lost or doubled pages": pages_not_in_one_incident(crowd, books),
        "lost or doubled declarations": sentences_without_one_channel(crowd, books),
        "lost or doubled notes": notes_not_written_once(crowd, life),
        "repeated writes to PagerDuty": repeated_writes(books),
        "never delivered": books.pagerduty["undelivered"],
    }
    found = {what: those for what, those in wrong.items() if those}
    assert not found, pformat(found)
    assert len({one["key"] for one in books.deliveries("pagerduty")}) >= PAGES


def come_to_rest(life: Life) -> None:
    """PagerDuty and Slack send again what the dead bot missed: in their own, virtual time."""
    life.world.post("/clock", {"speed": 1})
    for _ in range(60):
        life.world.advance(60)
        life.settle(60)
        if not life.world.state()["pagerduty"]["owed"] and not life.bot.metric(
            'tocsin_owed{state="parked"}'
        ):
            break
    life.world.advance(400)
    life.settle(60)
    life.world.advance(15)
    life.settle(60)


def pages_not_in_one_incident(crowd: Crowd, books: Books) -> dict[str, list[str]]:
    found = {title: books.rooms_that_say(title) for title in crowd.titles.values()}
    return {title: rooms for title, rooms in found.items() if len(rooms) != 1}


def sentences_without_one_channel(crowd: Crowd, books: Books) -> dict[str, list[str]]:
    """One channel where Slack took the command, at most one where it did not."""
    wrong = {}
    for said in crowd.said:
        if said.verb == "declare":
            rooms = books.rooms_that_say(said.words)
            if len(rooms) != 1 and (said.taken or rooms):
                wrong[said.words] = rooms
    return wrong


def notes_not_written_once(crowd: Crowd, life: Life) -> dict[str, int]:
    """As they stand on the timelines."""
    path = life.bot.folder / "bot" / "tocsin.db"
    store: Store[Incident] = Store.at(path, clock=SystemClock(), fold=lambda one: Incident(id=one))
    try:
        rows = store.summaries(limit=1000)
        told = [str(entry.fact) for row in rows for entry in store.entries(row.id)]
        assert store.audit() == []
    finally:
        store.close()
    written = Counter(
        {s.words: sum(s.words in t for t in told) for s in crowd.said if s.verb == "note"}
    )
    taken = {said.words: said.taken for said in crowd.said}
    return {w: n for w, n in written.items() if n > 1 or (taken[w] and n != 1)}


def repeated_writes(books: Books) -> dict[str, int]:
    """More than one write of the same thing to the same page through the API."""
    writes = Counter(
        (one["path"], str(one["request"]), one["response"] is not None and one["status"] == 200)
        for one in books.called("pagerduty")
        if one["method"] in {"PUT", "POST"}
    )
    return {str(what): number for what, number in writes.items() if number > 1}


def report(crowd: Crowd, books: Books) -> str:
    late = sum(1 for said in crowd.said if not said.taken)
    return (
        f"{len(books.deliveries('pagerduty'))} webhook deliveries for {len(crowd.titles)} pages,"
        f" {len(crowd.said)} requests of people ({late} not taken: the bot was down),"
        f" {len(books.incident_rooms)} incidents, {KILLS} kills; refused by Slack: {crowd.refused}"
    )
