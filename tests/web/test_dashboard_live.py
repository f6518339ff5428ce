"""Open pages hear of what changed, from one look for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable

from bot.web.dashboard.live import FRONT, Live, look
from tests.doubles.house import House
from tests.web.doors import PRIVATE, declare, tools_of


class Browser:
    """A request whose browser stays until it is closed."""

    gone = False

    async def is_disconnected(self) -> bool:
        return self.gone


async def until(told: AsyncIterator[str], word: str) -> str:
    async for line in told:
        if word in line:
            return line
    return ""


def test_every_page_hears_of_its_own_change_from_one_look() -> None:
    marks: dict[str, Hashable] = {FRONT: 1, "i1": 1}
    asked: list[frozenset[str]] = []

    def looking(pages: frozenset[str]) -> dict[str, Hashable]:
        asked.append(pages)
        return dict(marks)

    async def lived() -> None:
        live = Live(looking, every=0.01)
        browsers = [Browser(), Browser(), Browser()]
        pages = [FRONT, FRONT, "i1"]
        told = [live.events(b, p) for b, p in zip(browsers, pages, strict=True)]  # type: ignore[arg-type]
        waiting = [asyncio.create_task(until(each, "changed")) for each in told]
        await asyncio.sleep(0.1)
        assert not any(each.done() for each in waiting)
        marks[FRONT] = 2
        await asyncio.wait_for(asyncio.gather(*waiting[:2]), 5)
        assert not waiting[2].done()
        marks["i1"] = 2
        assert "event: changed" in await asyncio.wait_for(waiting[2], 5)

    asyncio.run(lived())
    assert asked[-1] == {FRONT, "i1"}


def test_nobody_looks_while_no_page_is_open() -> None:
    looks = []

    async def lived() -> None:
        live = Live(lambda pages: looks.append(pages) or {}, every=0.01)  # type: ignore[func-returns-value]
        told = live.events(Browser(), FRONT)  # type: ignore[arg-type]
        waiting = asyncio.create_task(until(told, "changed"))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await told.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(0.05)
        seen = len(looks)
        await asyncio.sleep(0.05)
        assert len(looks) == seen

    asyncio.run(lived())
    assert looks


def test_an_incidents_page_and_the_front_see_a_new_fact(house: House) -> None:
    tools = tools_of(house)
    declare(house, "i1", "Course pages fail")

    def seen() -> dict[str, Hashable]:
        return look(tools, frozenset((FRONT, "i1")))

    before = seen()
    assert seen() == before
    house.channel("i1")
    after = seen()
    assert after["i1"] != before["i1"]
    assert after[FRONT] != before[FRONT]


def test_a_private_incident_does_not_even_tell_that_it_moves(house: House) -> None:
    declare(house, "i1", "Somebody reads the mail of others", visibility=PRIVATE)
    before = look(tools_of(house), frozenset((FRONT, "i1")))
    house.channel("i1")
    assert look(tools_of(house), frozenset((FRONT, "i1"))) == before
    assert "i1" not in before
