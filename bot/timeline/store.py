"""The timeline itself: facts, claims and owed work, committed together or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Generic

from sqlalchemy import Connection

from bot.domain.change import ChangeNotice
from bot.domain.facts import Entry
from bot.domain.incident import Summary
from bot.reactions import Keeper, Reaction, deciding
from bot.timeline import index
from bot.timeline.audit import AuditProblem, audit, redact, redaction
from bot.timeline.changes import ChangeBook
from bot.timeline.codec import Codec
from bot.timeline.commit import Commit, Sealed, holder_of, seal
from bot.timeline.database import Database, database
from bot.timeline.desk import Desk
from bot.timeline.folds import Folded, Folds, L, incident_ids
from bot.timeline.inbox import Clock, Inbox, current
from bot.timeline.migrate import NewerDatabase, migrate
from bot.timeline.owed import Owed, OwedBook
from bot.timeline.samples import SampleBook
from bot.timeline.writer import Writer


class Locked(Exception):
    """Another process runs the engine of this database."""


class Store(Generic[L]):
    """Open one with `Store.at`. `owed`, `inbox` and `changes` are the engine's and the doors' side."""

    def __init__(self, base: Database, *, clock: Clock, fold: Callable[[str], L]) -> None:
        self._database, self._clock = base, clock
        self._codec = Codec()
        self._folds: Folds[L] = Folds(base.readers, self._codec, fold)
        self._writer = Writer(base.writer)
        self._counter = threading.Lock()
        self._answers: tuple[Reaction | Keeper, ...] = ()
        self._wake: Callable[[list[Owed]], None] = lambda _owed: None
        self.owed = OwedBook(self._writer, base.readers)
        self.inbox = Inbox(self._writer, base.readers, clock)
        self.changes = ChangeBook(self._writer, base.readers, clock)
        self.samples = SampleBook(self._writer, base.readers)

    @classmethod
    def at(
        cls, where: str | Path | Database, *, clock: Clock, fold: Callable[[str], L]
    ) -> Store[L]:
        """By URL, path or database. Takes its lock (`Locked` if another holds it) and migrates."""
        base = database(where) if isinstance(where, str | Path) else where
        if not base.lock.wait(timeout=0):
            base.close()
            raise Locked("Another Tocsin runs on this database; this one waits for its lock.")
        try:
            with base.writer() as connection, connection.begin():
                migrate(connection)
        except NewerDatabase:
            base.close()
            raise
        return cls(base, clock=clock, fold=fold)

    def answers(
        self, answers: Sequence[Reaction | Keeper], wake: Callable[[list[Owed]], None]
    ) -> None:
        """Who is owed from now on; `wake` hears of it in the writer's thread, after the commit."""
        self._answers, self._wake = tuple(answers), wake

    @contextmanager
    def open(self, incident_id: str) -> Iterator[L]:
        """Decide: one commit on clean exit, nothing on an exception. No vendor call in here."""
        with deciding(), self._folds.locked(incident_id) as before:
            incident = self._working(before)
            yield incident
            self._commit([(before, incident)])

    @contextmanager
    def desk(self) -> Iterator[Desk[L]]:
        """As `open`, for what spans incidents. One visitor at a time."""
        with deciding(), self._counter:
            desk = Desk(self._folds.acquire, self.claimed, self._working)
            try:
                yield desk
                self._commit([(desk.before[one], desk.changed[one]) for one in desk.changed])
            finally:
                for incident_id in desk.before:
                    self._folds.release(incident_id)

    def read(self, incident_id: str) -> L:
        """The newest committed state."""
        return self._folds.newest(incident_id).ledger.snapshot()

    def entries(self, incident_id: str, after: int = 0) -> list[Entry]:
        return self._folds.entries(incident_id, after)

    def head_hash(self, incident_id: str) -> str:
        return self._folds.newest(incident_id).head.hex()

    def summaries(
        self, *, open_only: bool = False, limit: int = 50, before: datetime | None = None
    ) -> list[Summary]:
        """Newest first."""
        readers = self._database.readers
        return index.summaries(readers, open_only=open_only, limit=limit, before=before)

    def in_channel(self, channel: str) -> str | None:
        """The incident whose channel this is."""
        return index.in_channel(self._database.readers, channel)

    def claimed(self, kind: str, key: str) -> str | None:
        """Which incident holds this place by the newest commit."""
        with self._database.readers.connect() as connection:
            return holder_of(connection, kind, key)

    def changes_told(self, *, since: datetime, until: datetime) -> list[ChangeNotice]:
        """What others told of changes that began between the two, oldest first."""
        return self.changes.between(since, until)

    def purge(self, before: datetime) -> None:
        """Forget inputs that were done and changes that were told before that time, and old counts."""
        self.inbox.purge(before)
        self.changes.purge(before)
        self.samples.purge(self._clock.now())

    def rebuild_index(self) -> int:
        """Make the index anew from the folds. Returns how many incidents it holds."""
        found = [index.index_row(self._folds.newest(one).ledger) for one in self._incidents()]
        made = [row for row in found if row is not None]
        self._writer.write(lambda connection: index.replace_all(connection, made))
        return len(made)

    def audit(self, anchors: Iterable[tuple[str, str]] = ()) -> list[AuditProblem]:
        """What is not as it was committed; `anchors` are (incident, hash) pairs kept elsewhere."""
        with self._database.readers.connect() as connection:
            return audit(connection, self._codec, anchors)

    def redact(
        self, incident_id: str, seq: int, fields: tuple[str, ...], *, by: str, why: str
    ) -> None:
        """Take fields (or with none named, the whole body) out of an entry, for good."""
        with deciding(), self._folds.locked(incident_id) as before:
            incident = self._working(before)
            incident.record(redaction(seq, fields, by=by, why=why))
            sealed = seal(self._codec, self._answers, before, incident)
            assert sealed is not None
            commit = Commit(sealed=(sealed,), input=None)

            def work(connection: Connection) -> list[Owed]:
                redact(connection, self._codec, (incident_id, seq), fields)
                return commit.write(connection)

            def then(owed: list[Owed]) -> None:
                self._folds.forget(incident_id)
                self.inbox.forget()
                self._wake(owed)

            self._writer.write(work, then)
        # The index may hold what was just taken out: a title, a name.
        self.rebuild_index()

    def backup(self, path: Path) -> None:
        self._database.backup(path)

    def on_retry(self, reread: Callable[[], None]) -> None:
        """Called when another process (`app.py owed retry`) has changed what is owed."""
        self._database.doorbell.listen(reread)

    def close(self) -> None:
        self._writer.close()
        self._database.close()

    def _working(self, folded: Folded[L]) -> L:
        now = self._clock.now()
        last = folded.ledger.last_at
        return folded.ledger.snapshot(now=now if last is None else max(now, last))

    def _incidents(self) -> list[str]:
        with self._database.readers.connect() as connection:
            return incident_ids(connection)

    def _commit(self, changes: Sequence[tuple[Folded[L], L]]) -> None:
        sealed = [seal(self._codec, self._answers, before, after) for before, after in changes]
        parts = tuple(part for part in sealed if part is not None)
        if not parts:
            return
        this = current()
        if this is not None and this.committed:
            raise RuntimeError("one input, one commit: this handler has already decided")
        commit = Commit(sealed=parts, input=None if this is None else this.input)
        self._writer.write(commit.write, lambda owed: self._committed(parts, owed))
        if this is not None:
            this.committed = True

    def _committed(self, parts: tuple[Sealed[L], ...], owed: list[Owed]) -> None:
        for part in parts:
            self._folds.keep(part.after)
        self._wake(owed)
