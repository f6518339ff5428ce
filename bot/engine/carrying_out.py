"""Runs one piece of work: a reaction, a keeper, or the handler of an input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.facts import Entry
from bot.engine.work import Work
from bot.reactions import Keeper, Later, Reaction, serving, trying
from bot.timeline.inbox import Handling, Input, Received, handling
from bot.timeline.owed import Owed
from bot.timeline.store import Store
from bot.tools import Tools

Handler = Callable[[Tools, Received], None]


@dataclass(frozen=True, kw_only=True)
class Ran:
    """It returned. A board has shown everything up to the fact `shown`."""

    later: Later | None = None
    shown: int = 0


class Carrier:
    """Knows by name who answers to what; lets every exception fly to the engine."""

    def __init__(
        self,
        tools: Tools,
        store: Store[Any],
        answers: Mapping[str, Reaction | Keeper],
        handlers: Mapping[str, Handler],
    ) -> None:
        self._tools, self._store = tools, store
        self._answers, self._handlers = answers, handlers

    def answer(self, name: str) -> Reaction | Keeper | None:
        return self._answers.get(name)

    def knows(self, work: Work) -> bool:
        names = self._handlers if isinstance(work.subject, Input) else self._answers
        return work.name in names

    def gives_up(self, work: Work) -> bool:
        """A board never does; an input always may."""
        match self._answers.get(work.name):
            case Reaction(gives_up=gives_up):
                return gives_up
            case Keeper():
                return False
            case None:
                return True

    def owed(self, work: Work, owed: Owed) -> Ran:
        with trying(again=work.again), serving(owed.incident):
            match self._answers[owed.reaction]:
                case Reaction(run=run):
                    return Ran(later=run(self._tools, self._entry(owed)), shown=owed.seq)
                case Keeper(run=run):
                    incident = self._store.read(owed.incident)
                    return Ran(later=run(self._tools, incident), shown=incident.seq)

    def input(self, work: Work, this: Handling) -> None:
        received = self._store.inbox.read(this.input)
        with handling(this), trying(again=work.again):
            self._handlers[received.kind](self._tools, received)

    def _entry(self, owed: Owed) -> Entry:
        if owed.entry is not None:
            return owed.entry
        return self._store.entries(owed.incident, after=owed.seq - 1)[0]
