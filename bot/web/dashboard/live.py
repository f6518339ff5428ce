"""Tells the open pages that something changed: one look for all of them, and none while nobody looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar

from starlette.requests import Request

from bot.domain.incident import HOUSE, Summary
from bot.flow.objectives import statuses
from bot.tools import Tools
from bot.web.dashboard.eyes import ANYBODY, Eyes
from bot.web.dashboard.incidents import kept_private, one, visible

FRONT = ""
"""The page of everything; the others are the ids of their incidents."""
_EVERY = 2.0
_STILL_HERE = 15.0
MOST = 200
"""So many may look at once; the others read the page again by themselves."""

P = TypeVar("P", bound=Hashable)


class Place(NamedTuple):
    """A page as somebody has it open."""

    page: str
    eyes: Eyes = ANYBODY


def look_as(tools: Tools, places: frozenset[Place]) -> dict[Place, Hashable]:
    """One look for everybody, and beside it the private incidents that each may see."""
    shared = look(tools, frozenset(place.page for place in places))
    named = [place for place in places if place.eyes.person is not None]
    private = kept_private(tools) if named else []
    marks: dict[Place, Hashable] = {place: (shared.get(place.page), None) for place in places}
    for place in named:
        marks[place] = (shared.get(place.page), _private(tools, place, private))
    return marks


def _private(tools: Tools, place: Place, known: Sequence[Summary]) -> Hashable:
    if place.page == FRONT:
        return tuple(each for each in known if place.eyes.see(each))
    found = one(tools, place.page, place.eyes)
    return found.seq if found is not None else None


def look(tools: Tools, pages: frozenset[str]) -> dict[str, Hashable]:
    """By page: something that is another when the page is."""
    found = [one(tools, each) for each in pages if each != FRONT]
    marks: dict[str, Hashable] = {each.id: each.seq for each in found if each is not None}
    if FRONT in pages:
        rows = [(each.until, each.health, each.blind) for each in statuses(tools)]
        frozen = tools.timeline.read(HOUSE).frozen_at
        marks[FRONT] = (tuple(visible(tools, open_only=True)), tuple(rows), frozen)
    return marks


class Watcher(Generic[P]):
    def __init__(self, page: P) -> None:
        self.page = page
        self.mark: Hashable = None
        self.news = asyncio.Event()


class Live(Generic[P]):
    """`looking` reads the store: it is called in a thread, for the pages that somebody has open."""

    def __init__(
        self, looking: Callable[[frozenset[P]], Mapping[P, Hashable]], *, every: float = _EVERY
    ) -> None:
        self._looking, self._every = looking, every
        self._watchers: set[Watcher[P]] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def full(self) -> bool:
        return len(self._watchers) >= MOST

    async def events(
        self, request: Request, page: P, *, may: Callable[[], bool] = lambda: True
    ) -> AsyncIterator[str]:
        """Ends when the browser goes away, or may not look any more."""
        yield "retry: 3000\n\n"
        with self._watching(page) as watcher:
            while may() and not await request.is_disconnected():
                try:
                    await asyncio.wait_for(watcher.news.wait(), _STILL_HERE)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                watcher.news.clear()
                yield "event: changed\ndata: {}\n\n"

    @contextmanager
    def _watching(self, page: P) -> Iterator[Watcher[P]]:
        watcher = Watcher(page)
        self._watchers.add(watcher)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    async def _follow(self) -> None:
        while self._watchers:
            pages = frozenset(each.page for each in self._watchers)
            marks = await asyncio.to_thread(self._looking, pages)
            for each in self._watchers:
                seen = marks.get(each.page)
                if each.mark is not None and seen != each.mark:
                    each.news.set()
                each.mark = seen if seen is not None else each.mark
            await asyncio.sleep(self._every)
