"""The runbooks as a librarian sees them: which want a review, which are read, and what has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.incident import Summary
from bot.domain.runbook import Runbook
from bot.domain.runbook_review import Freshness, Review, review, uncovered
from bot.tools import Tools
from bot.web.dashboard.words import plain

_LISTED = 30
_MARKS = {
    Freshness.OVERDUE: ("■", "exhausted"),
    Freshness.UNDATED: ("○", "no-data"),
    Freshness.SOON: ("▲", "warning"),
    Freshness.FRESH: ("●", "healthy"),
}
"""A shape besides the colour, as everywhere on the dashboard."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """How many of a sort there are, or how one of them stands."""

    word: str
    mark: str
    colour: str
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Book:
    title: str
    path: str
    owner: str
    stands: Told
    reviewed: str
    used: str
    """When somebody last opened it in an incident; empty where nobody is known to have."""
    used_in: str
    """The id of that incident."""


@dataclass(frozen=True, kw_only=True)
class Bare:
    """Something without a runbook; `name` is its place on the map."""

    name: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question that no runbook fitted, how often it was asked, and the last incident that did."""

    text: str
    times: int
    incident: str


@dataclass(frozen=True, kw_only=True)
class Shelf:
    every: int
    counts: tuple[Told, ...]
    wanting: tuple[Book, ...]
    """Those that somebody should look at, the stalest first."""
    fresh: tuple[Book, ...]
    bare: tuple[Bare, ...]
    asked: tuple[Asked, ...]


def shelf(tools: Tools, every: Sequence[Summary], lately: Sequence[Summary]) -> Shelf:
    """Of all incidents, and of those of the last months; each the newest first."""
    today, books = tools.clock.now().date(), tools.runbooks.all()
    known = sorted(((review(each), each) for each in books), key=lambda one: _stale(one[0], today))
    used = _last_used(every)
    rows = [(made.freshness(today), _row(each, made, used, today)) for made, each in known]
    counts = Counter(freshness for freshness, _ in rows)
    return Shelf(
        every=len(books),
        counts=tuple(_told(each, counts[each]) for each in Freshness if counts[each]),
        wanting=tuple(row for freshness, row in rows if freshness is not Freshness.FRESH),
        fresh=tuple(row for freshness, row in rows if freshness is Freshness.FRESH),
        bare=tuple(
            Bare(name=each.name, title=each.label) for each in uncovered(tools.catalog, books)
        ),
        asked=tuple(_asked(tools, lately)),
    )


def _stale(made: Review, today: date) -> tuple[int, date]:
    order = tuple(Freshness)
    return order.index(made.freshness(today)), made.due or today


def _row(book: Runbook, made: Review, used: dict[str, Summary], today: date) -> Book:
    last = used.get(book.path)
    return Book(
        title=book.title,
        path=book.path,
        owner=book.front.get("owner", "") or "nobody in particular",
        stands=_told(made.freshness(today)),
        reviewed=_reviewed(made, today),
        used=f"{last.opened_at:%d %b %Y}" if last else "",
        used_in=last.id if last else "",
    )


def _reviewed(made: Review, today: date) -> str:
    if made.reviewed is None or made.due is None:
        return "it does not say when somebody reviewed it last"
    said = f"reviewed {made.reviewed:%d %b %Y}, "
    late = (today - made.due).days
    if late > 0:
        return f"{said}due again {late} day{'' if late == 1 else 's'} ago"
    return f"{said}due again {made.due:%d %b %Y}"


def _last_used(found: Iterable[Summary]) -> dict[str, Summary]:
    """`found` is newest first."""
    last: dict[str, Summary] = {}
    for each in found:
        if each.runbook:
            last.setdefault(each.runbook, each)
    return last


def _asked(tools: Tools, lately: Iterable[Summary]) -> list[Asked]:
    """What is asked most often first."""
    found: dict[str, list[str]] = {}
    for each in lately:
        if each.no_runbook:
            found.setdefault(plain(each.no_runbook, tools.catalog), []).append(each.id)
    made = [Asked(text=text, times=len(ids), incident=ids[0]) for text, ids in found.items()]
    return sorted(made, key=lambda each: -each.times)[:_LISTED]


def _told(freshness: Freshness, count: int = 1) -> Told:
    mark, colour = _MARKS[freshness]
    return Told(word=freshness.value, mark=mark, colour=colour, count=count)
