"""How one part of the bot answers another: by what is owed after a fact, never by a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Any, TypeVar

from bot.domain.facts import Fact


class Lane(IntEnum):
    """Who goes first when the engine is busy; a row rises one lane a minute."""

    PAGE = 0
    APPROVAL = 1
    DECISION = 2
    BOARD = 3
    CHATTER = 4


@dataclass(frozen=True)
class Later:
    """Not yet: owed again after this long. The only timer in the house; survives a restart."""

    after: timedelta
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Board:
    """Something kept equal to the newest fold (a card, a topic): owed at most once per incident."""

    needs_channel: bool = True
    calm: timedelta = timedelta(seconds=10)
    lane: Lane = Lane.BOARD


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """Owed once for each of its facts, in fact order per `key`. `run(tools, entry)`."""

    name: str
    facts: tuple[type[Fact], ...]
    run: Callable[..., Later | None]
    lane: Lane = Lane.DECISION
    key: Callable[[Fact], str] = lambda _fact: ""
    needs_channel: bool = False
    gives_up: bool = True


@dataclass(frozen=True, kw_only=True)
class Keeper:
    """Owed whenever a fact came since it last ran. `run(tools, incident)`."""

    name: str
    board: Board
    run: Callable[..., Later | None]


Function = TypeVar("Function", bound=Callable[..., Any])
_MARK = "_tocsin_owed"


def reacts_to(
    *facts: type[Fact],
    name: str,
    lane: Lane = Lane.DECISION,
    key: Callable[[Fact], str] = lambda _fact: "",
    needs_channel: bool = False,
    gives_up: bool = True,
) -> Callable[[Function], Function]:
    """Owe this function, called with (tools, entry), for each such fact until it returns.

    `name` is stored: it never changes. Returning `Later` owes it again at that time.
    `gives_up=False` keeps it owed for ever instead of parking it after many failures.
    """

    def mark(function: Function) -> Function:
        made = Reaction(
            name=name,
            facts=facts,
            run=function,
            lane=lane,
            key=key,
            needs_channel=needs_channel,
            gives_up=gives_up,
        )
        setattr(function, _MARK, made)
        return function

    return mark


def keeps(board: Board, *, name: str) -> Callable[[Function], Function]:
    """Owe this function, called with (tools, incident), whenever the incident moved on."""

    def mark(function: Function) -> Function:
        setattr(function, _MARK, Keeper(name=name, board=board, run=function))
        return function

    return mark


def collect(*holders: object) -> Iterator[Reaction | Keeper]:
    """Every marked function of these modules or objects; methods come bound to their object."""
    for holder in holders:
        for attribute in vars(holder) if not isinstance(holder, type) else ():
            yield from _marked(getattr(holder, attribute))
        if not hasattr(holder, "__file__"):
            for attribute in vars(type(holder)):
                yield from _marked(getattr(holder, attribute))


def _marked(found: object) -> Iterable[Reaction | Keeper]:
    owed = getattr(found, _MARK, None)
    match owed:
        case Reaction() | Keeper():
            yield _bound(owed, found)
        case _:
            return


def _bound(owed: Reaction | Keeper, found: Any) -> Reaction | Keeper:
    return type(owed)(**{**vars(owed), "run": found})


_deciding: ContextVar[bool] = ContextVar("deciding", default=False)
_again: ContextVar[bool] = ContextVar("again", default=False)


@contextmanager
def deciding() -> Iterator[None]:
    """Marks the inside of `timeline.open()`: no vendor call, no wait, no nesting in here."""
    if _deciding.get():
        raise RuntimeError("a decision is already open: record what follows in one block")
    token = _deciding.set(True)
    try:
        yield
    finally:
        _deciding.reset(token)


def outside_decisions() -> None:
    """Vendor clients call this first: a lock may not be held over a network call."""
    if _deciding.get():
        raise RuntimeError("a vendor was called inside timeline.open(): decide first, act later")


@contextmanager
def trying(*, again: bool) -> Iterator[None]:
    """Marks one run of an owed row; `again` when an earlier run may have done something."""
    token = _again.set(again)
    try:
        yield
    finally:
        _again.reset(token)


def again() -> bool:
    """Whether an earlier attempt may already have done it: look before you create."""
    return _again.get()


_serving: ContextVar[str] = ContextVar("serving", default="")


@contextmanager
def serving(incident: str) -> Iterator[None]:
    """Marks what is done for an incident, so that a vendor's own audit trail can name it."""
    token = _serving.set(incident)
    try:
        yield
    finally:
        _serving.reset(token)


def served() -> str:
    """The incident that is worked on here; empty outside of one."""
    return _serving.get()
