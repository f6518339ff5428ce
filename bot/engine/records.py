"""Writes down how a piece of work ended, whichever table it came from."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Any

import structlog

from bot.domain.errors import Refused
from bot.domain.facts import Fact
from bot.engine.status import Parked
from bot.engine.work import Work
from bot.timeline.inbox import Input
from bot.timeline.owed import Owed, State, Trouble
from bot.timeline.store import Store
from bot.timeline.writer import NotStored

log = structlog.get_logger()


class Records:
    """Nobody waits for these writes: a row that could not be changed is simply owed again."""

    def __init__(self, store: Store[Any]) -> None:
        self._store, self._owed, self._inbox = store, store.owed, store.inbox

    def show(self, work: Work, fact: Fact) -> None:
        """On the incident's own timeline, so that its card can say what is not done."""
        if not isinstance(work.subject, Owed):
            return
        try:
            with self._store.open(work.subject.incident) as incident:
                incident.record(fact)
        except (NotStored, Refused) as refused:
            log.error("not shown on the incident", work=work.name, why=str(refused))

    def finish(self, work: Work, shown: int) -> None:
        match work.subject:
            case Owed() as owed:
                _unwatched(lambda: self._owed.finish(owed, shown))
            case Input(id=number):
                _unwatched(lambda: self._inbox.finish(number))

    def unreadable(self, work: Work, why: str) -> None:
        match work.subject:
            case Input(id=number):
                _unwatched(lambda: self._inbox.finish(number, State.UNREADABLE, why))

    def postpone(self, work: Work, due: datetime, trouble: Trouble) -> None:
        """Attempts are committed before the next one starts, because the writer keeps order
        and the next one's own writes come after."""
        match work.subject:
            case Owed() as owed:
                _unwatched(
                    lambda: self._owed.postpone(owed, due, attempts=work.attempts, trouble=trouble)
                )
            case Input(id=number):
                _unwatched(
                    lambda: self._inbox.postpone(
                        number, due, attempts=work.attempts, trouble=trouble
                    )
                )

    def park(self, work: Work, trouble: Trouble) -> None:
        match work.subject:
            case Owed() as owed:
                _unwatched(lambda: self._owed.park(owed, attempts=work.attempts, trouble=trouble))
            case Input(id=number):
                _unwatched(
                    lambda: self._inbox.park(number, attempts=work.attempts, trouble=trouble)
                )


def work_of(row: Owed | Input) -> Work:
    match row:
        case Owed():
            return Work(
                name=row.reaction,
                line=(row.incident, row.reaction, row.key),
                order=row.seq,
                lane=row.lane,
                due=row.due,
                subject=row,
                attempts=row.attempts,
                armed=row.armed,
                vendor=row.vendor,
            )
        case Input():
            return Work(
                name=row.kind,
                line=("inbox", row.subject),
                order=row.id,
                lane=row.lane,
                due=row.due,
                subject=row,
                attempts=row.attempts,
                vendor=row.vendor,
            )


def parked_of(row: Owed | Input) -> Parked:
    match row:
        case Owed():
            return Parked(
                name=row.reaction,
                incident=row.incident,
                why=row.why,
                vendor=row.vendor,
                since=row.since,
            )
        case Input():
            return Parked(name=row.kind, incident="", why=row.why, vendor=row.vendor, since=row.at)


def _unwatched(write: Callable[[], Future[None]]) -> None:
    try:
        written = write()
    except NotStored:
        log.info("the store closed before the end of this work was written")
        return
    written.add_done_callback(_look)


def _look(written: Future[None]) -> None:
    error = written.exception()
    if error is not None:
        log.error("the end of this work was not written", error=type(error).__name__)
