"""500 inputs, 20 SIGKILLs at random instants: nothing lost, nothing doubled, nothing half made."""

from __future__ import annotations

import random
import time
from collections import Counter
from pprint import pformat

import pytest

from bot.domain.events import AcknowledgeAsked, Noted, Paged, SeveritySet
from bot.domain.facts import Entry
from tests.chaos.crowd import Crowd
from tests.chaos.ledger import timelines
from tests.chaos.reckoning import Books
from tests.living import Life

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

SEED = 20260310
KILLS, PAGES, PEOPLE = 20, 400, 100
SPEED = 2


def test_nothing_is_lost_doubled_or_half_made_by_twenty_kills(life: Life) -> None:
    world, chance = life.world, random.Random(SEED)
    life.bot.objectives = True
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
    kept = timelines(life)
    print(report(crowd, books))
    wrong = {
        "half made": books.half_made(),
        "doubled channels": books.doubled_channels(),
        "doubled messages": books.doubled_messages(),
        "lost or doubled pages": pages_not_in_one_incident(crowd, books),
        "lost or doubled declarations": sentences_without_one_channel(crowd, books),
        "lost or doubled notes": notes_not_written_once(crowd, kept),
        "repeated writes to PagerDuty": repeated_writes(books, kept),
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


def notes_not_written_once(crowd: Crowd, kept: list[list[Entry]]) -> dict[str, int]:
    """Exactly once where Slack took it, at most once where it did not."""
    told = [one.fact.text for entries in kept for one in entries if isinstance(one.fact, Noted)]
    notes = [said for said in crowd.said if said.verb == "note"]
    wrong = {}
    for words in {said.words for said in notes}:
        taken = any(said.taken for said in notes if said.words == words)
        if told.count(words) != 1 and (taken or told.count(words)):
            wrong[words] = told.count(words)
    return wrong


def repeated_writes(books: Books, kept: list[list[Entry]]) -> list[str]:
    """More writes to a page than people asked for."""
    writes: Counter[tuple[str, str]] = Counter()
    for one in books.called("pagerduty", "incidents.update"):
        if one["status"] == 200:
            kind = "priority" if "priority" in one["request"]["incident"] else "status"
            writes[(one["path"].rsplit("/", 1)[-1], kind)] += 1
    for entries in kept:
        asked = {
            "priority": sum(isinstance(one.fact, SeveritySet) for one in entries),
            "status": sum(isinstance(one.fact, AcknowledgeAsked) for one in entries),
        }
        for fact in (one.fact for one in entries):
            if isinstance(fact, Paged):
                for kind, many in asked.items():
                    writes[(fact.page.id, kind)] -= many
    return [
        f"{page}: {many} too many of {kind}" for (page, kind), many in writes.items() if many > 0
    ]


def report(crowd: Crowd, books: Books) -> str:
    late = sum(1 for said in crowd.said if not said.taken)
    return (
        f"{len(books.deliveries('pagerduty'))} webhook deliveries for {len(crowd.titles)} pages,"
        f" {len(crowd.said)} requests of people ({late} not taken: the bot was down),"
        f" {len(books.incident_rooms)} incidents, {KILLS} kills; refused by Slack: {crowd.refused}"
    )
