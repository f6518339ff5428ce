"""What the facts of each incident add up to, kept at the newest commit, and who may change it."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, Row, bindparam, select

from bot.domain.facts import Entry
from bot.domain.incident.ledger import Ledger
from bot.timeline import schema
from bot.timeline.chain import GENESIS
from bot.timeline.codec import Codec

_facts = schema.facts
_ROWS = (
    select(_facts)
    .where(_facts.c.incident == bindparam("of"), _facts.c.seq > bindparam("after"))
    .order_by(_facts.c.seq)
)
_KEPT = 1000
L = TypeVar("L", bound=Ledger)


@dataclass(frozen=True, kw_only=True)
class Folded(Generic[L]):
    """A committed state (never handed out itself, only snapshots of it) and its newest hash."""

    ledger: L
    head: bytes


class Folds(Generic[L]):
    """Only a holder of an incident's lock and the writer's commits put a fold here."""

    def __init__(self, readers: Engine, codec: Codec, fold: Callable[[str], L]) -> None:
        self._readers, self._codec, self._fold = readers, codec, fold
        self._kept: OrderedDict[str, Folded[L]] = OrderedDict()
        self._guard = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    @contextmanager
    def locked(self, incident: str) -> Iterator[Folded[L]]:
        """Alone with this incident."""
        with self._lock(incident):
            yield self.newest_alone(incident)

    def acquire(self, incident: str) -> Folded[L]:
        """As `locked`, for who holds several; each `acquire` needs its `release`."""
        self._lock(incident).acquire()
        return self.newest_alone(incident)

    def release(self, incident: str) -> None:
        self._lock(incident).release()

    def newest(self, incident: str) -> Folded[L]:
        """Without a lock. What is not kept is read anew each time: a slow reader may not put
        back what a commit has overtaken meanwhile."""
        return self._known(incident) or self._load(incident)

    def newest_alone(self, incident: str) -> Folded[L]:
        found = self._known(incident)
        if found is None:
            found = self._load(incident)
            self.keep(found)
        return found

    def keep(self, folded: Folded[L]) -> None:
        with self._guard:
            self._kept[folded.ledger.id] = folded
            self._kept.move_to_end(folded.ledger.id)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)

    def forget(self, incident: str) -> None:
        with self._guard:
            self._kept.pop(incident, None)

    def entries(self, incident: str, after: int = 0) -> list[Entry]:
        with self._readers.connect() as connection:
            return [entry_of(row, self._codec) for row in fact_rows(connection, incident, after)]

    def _lock(self, incident: str) -> threading.Lock:
        with self._guard:
            return self._locks[incident]

    def _known(self, incident: str) -> Folded[L] | None:
        with self._guard:
            found = self._kept.get(incident)
            if found is not None:
                self._kept.move_to_end(incident)
            return found

    def _load(self, incident: str) -> Folded[L]:
        ledger, head = self._fold(incident), GENESIS
        with self._readers.connect() as connection:
            for row in fact_rows(connection, incident):
                ledger.fold(entry_of(row, self._codec))
                head = row.hash
        return Folded(ledger=ledger, head=head)


def fact_rows(connection: Connection, incident: str, after: int = 0) -> list[Row[Any]]:
    return list(connection.execute(_ROWS, {"of": incident, "after": after}))


def entry_of(row: Row[Any], codec: Codec) -> Entry:
    return Entry(
        incident=row.incident,
        seq=row.seq,
        at=datetime.fromisoformat(row.at),
        fact=codec.decode(row.type, row.body),
    )


def incident_ids(connection: Connection) -> list[str]:
    return list(connection.execute(select(_facts.c.incident).distinct()).scalars())
