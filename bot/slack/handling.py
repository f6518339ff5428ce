"""What a handler is: a function of (tools, ask) that knows nothing of Slack's envelope."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import ModuleType
from typing import Any, TypeVar

from bot.domain.errors import Refused
from bot.domain.people import Person
from bot.slack.blocks import Blocks, View
from bot.tools import Tools


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A message of a channel as Slack shows it now."""

    ts: str
    text: str
    author: Person
    at: datetime
    link: str = ""
    files: tuple[str, ...] = ()


ReadMessage = Callable[[str, str], Spoken | None]


def _unread(_channel: str, _ts: str) -> Spoken | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One thing a person asked for, however they did it.

    `incident` is the one of the channel, the button or the form; empty outside of any. `text` is
    what came after the subcommand, `value` what a button or menu carried besides the incident,
    `fields` a form's answers by action id (a tuple where several could be chosen), `block` the
    block of what was pressed. `event` is Slack's own event where one was delivered, for the files
    that follow reactions and joins; `read_message` reads a message by channel and ts. `commands`
    is what help is made from.
    """

    person: Person
    key: str
    incident: str = ""
    channel: str = ""
    thread: str = ""
    text: str = ""
    value: str = ""
    message: str = ""
    message_text: str = ""
    message_author: str = ""
    link: str = ""
    fields: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    response_url: str = ""
    trigger: str = ""
    view: str = ""
    block: str = ""
    event: Mapping[str, Any] = field(default_factory=dict)
    read_message: ReadMessage = _unread
    commands: tuple[Handles, ...] = ()

    def one(self, name: str) -> str:
        """A form's answer as text, empty where nothing was chosen."""
        found = self.fields.get(name, "")
        return found if isinstance(found, str) else ", ".join(found)

    def many(self, name: str) -> tuple[str, ...]:
        found = self.fields.get(name, ())
        return (found,) if isinstance(found, str) else found

    def here(self) -> str:
        """The incident this was asked in; teaches where there is none."""
        if not self.incident:
            raise Elsewhere()
        return self.incident


class Elsewhere(Refused):
    """Asked outside an incident: the answer offers the asker's open incidents as buttons."""

    def __init__(self) -> None:
        super().__init__("This works inside an incident's channel.")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer for the asker alone: help, their own mistakes, catch-up; never state."""

    text: str
    blocks: Blocks = ()


@dataclass(frozen=True, kw_only=True)
class Home:
    """What the asker's App Home shows."""

    blocks: Blocks


Answer = Reply | Home | None
Handler = Callable[[Tools, Ask], Answer]
Opener = Callable[[Tools, Ask], View | None]
Check = Callable[[str, Mapping[str, str | tuple[str, ...]]], Mapping[str, str]]


def _all_well(_carried: str, _fields: Mapping[str, str | tuple[str, ...]]) -> Mapping[str, str]:
    return {}


class Kind(StrEnum):
    COMMAND = "command"
    BUTTON = "button"
    FORM = "form"
    OPENER = "opener"
    SHORTCUT = "shortcut"
    EVENT = "event"


@dataclass(frozen=True, kw_only=True)
class Handles:
    """What a function answers to. `act` is what policy calls it for guests and outsiders."""

    kind: Kind
    name: str
    act: str
    usage: str = ""
    explains: str = ""
    check: Check = _all_well
    run: Callable[..., Any] = field(default=lambda: None)


_MARK = "_tocsin_handles"
Function = TypeVar("Function", bound=Callable[..., Any])


def _mark(function: Function, *handled: Handles) -> Function:
    setattr(function, _MARK, (*getattr(function, _MARK, ()), *handled))
    return function


def command(
    name: str, *, usage: str, explains: str, act: str = ""
) -> Callable[[Function], Function]:
    """`/incident NAME …` and `@bot NAME …`. `usage` and `explains` make the help text."""
    made = Handles(kind=Kind.COMMAND, name=name, act=act or name, usage=usage, explains=explains)
    return lambda function: _mark(function, made)


def button(name: str, *, act: str = "") -> Callable[[Function], Function]:
    """A button, menu or checkbox whose action id starts with `name`."""
    made = Handles(kind=Kind.BUTTON, name=name, act=act or name)
    return lambda function: _mark(function, made)


def form(name: str, *, act: str = "", check: Check = _all_well) -> Callable[[Function], Function]:
    """The submission of the form with this callback id. `check` is pure: what the form
    carries and what stands in it, to errors by block id."""
    made = Handles(kind=Kind.FORM, name=name, act=act or name, check=check)
    return lambda function: _mark(function, made)


def opens(*names: str, act: str = "") -> Callable[[Function], Function]:
    """Buttons, shortcuts and subcommands that open a form: runs before storing, decides nothing.

    The function returns the view from local knowledge alone, or None to have the request stored
    and answered as usual; a view that needs a vendor says that it is loading and has a `fill`.
    """
    made = [Handles(kind=Kind.OPENER, name=name, act=act or name) for name in names]
    return lambda function: _mark(function, *made)


def shortcut(name: str, *, act: str = "") -> Callable[[Function], Function]:
    made = Handles(kind=Kind.SHORTCUT, name=name, act=act or name)
    return lambda function: _mark(function, made)


def collect(*modules: ModuleType) -> Iterator[Handles]:
    """Everything that the functions of these modules answer to."""
    for module in modules:
        for found in vars(module).values():
            if getattr(found, "__module__", "") != module.__name__:
                continue
            for handled in getattr(found, _MARK, ()):
                yield Handles(**{**vars(handled), "run": found})


def event(name: str) -> Callable[[Function], Function]:
    """A Slack event of this type (`message.message_changed` with its subtype)."""
    made = Handles(kind=Kind.EVENT, name=name, act=name)
    return lambda function: _mark(function, made)


@dataclass(frozen=True)
class Book:
    """All handlers by what they answer to."""

    entries: tuple[Handles, ...]

    def find(self, kind: Kind, name: str) -> Handles | None:
        """Buttons match by the part of their action id before the first `:`."""
        wanted = name.split(":", 1)[0]
        for handled in self.entries:
            if handled.kind is kind and handled.name == wanted:
                return handled
        return None

    def commands(self) -> tuple[Handles, ...]:
        return tuple(h for h in self.entries if h.kind is Kind.COMMAND)

    def meant(self, word: str) -> str:
        """The command that a mistyped word was most likely meant to be, if any."""
        names = [h.name for h in self.commands()]
        return next(iter(difflib.get_close_matches(word, names, n=1, cutoff=0.75)), "")
