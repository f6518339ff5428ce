"""A hundred declare at once while Slack allows twenty channels a minute: none is lost, and each is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bot.demo import Ports
from bot.domain.events import Declared
from tests.chaos.ledger import timelines
from tests.chaos.reckoning import Books
from tests.living import Bot, Life, World, free_port
from tests.stories.walking import people, shown

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

DECLARED = 100
PEOPLE = ("ana", "ben", "kenji", "maya", "tom", "rita")
SPEED = 20


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Life]:
    """With the rate limits of every vendor on."""
    ports = Ports(bot=free_port(), sandbox=free_port())
    world = World(ports=ports, folder=tmp_path, strict=True)
    bot = Bot(ports=ports, folder=tmp_path)
    world.start()
    try:
        bot.start()
        yield Life(world=world, bot=bot)
    finally:
        bot.stop()
        world.stop()


def limited(world: World) -> Counter[str]:
    """How often Slack said 429, by method."""
    books = Books(world.state(), world.log())
    return Counter(one["name"] for one in books.called("slack") if one["status"] == 429)


def test_of_a_hundred_declared_at_once_under_slacks_limits_none_is_lost(strict: Life) -> None:
    world = strict.world
    sentences = {n: f"learners of school {n:03d} cannot log in" for n in range(DECLARED)}

    def declare(number: int) -> dict[str, Any]:
        who = PEOPLE[number % len(PEOPLE)]
        said: dict[str, Any] = world.act(
            "command", who, channel="general", text=f"/incident {sentences[number]}"
        )
        return said

    with ThreadPoolExecutor(DECLARED) as crowd:
        answers = list(crowd.map(declare, sentences))
    assert [answer for answer in answers if not answer["ok"]] == []
    # On a slow machine faster minutes would let all of them through.
    strict.until(lambda: limited(world)["conversations.create"], "Slack to say no", 60)
    world.post("/clock", {"speed": SPEED})
    # Slack's minutes run fast; that we wait as long as we were told to is real time.
    strict.until(lambda: complete(world), "every channel with all that belongs to it", 150)
    world.post("/clock", {"speed": 1})
    strict.settle(60)
    books = Books(world.state(), world.log())
    assert limited(world)["conversations.create"] > 0
    assert books.half_made() == []
    assert books.doubled_channels() == []
    assert books.doubled_messages() == []
    assert {words: len(books.rooms_that_say(words)) for words in sentences.values()} == (
        dict.fromkeys(sentences.values(), 1)
    )
    assert not_told(books, sentences) == []
    assert strict.bot.ready()["warnings"] == []
    strict.bot.stop()
    opened = [
        entry.fact.title
        for entries in timelines(strict)
        for entry in entries
        if isinstance(entry.fact, Declared)
    ]
    assert sorted(opened) == sorted(sentences.values())


def complete(world: World) -> bool:
    books = Books(world.state(), [])
    return len(books.incident_rooms) == DECLARED and not books.half_made()


def not_told(books: Books, sentences: dict[int, str]) -> list[str]:
    """Sentences whose declarer was not given the name of its channel, or is not in it."""
    ids = {person["handle"]: person["id"] for person in people(books.slack)}
    missing = []
    for number, words in sentences.items():
        who = ids[PEOPLE[number % len(PEOPLE)]]
        heard = [shown(one) for one in books.slack["ephemerals"] if one["user"] == who]
        (room,) = (r for r in books.incident_rooms if words in str(r))
        if not any(room["name"] in said for said in heard) or who not in room["members"]:
            missing.append(words)
    return missing
