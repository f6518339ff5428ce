"""What others tell of changes is on the disk before they are thanked, and kept for a week."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.change import ChangeNotice
from bot.timeline import schema
from bot.timeline.inbox import Clock
from bot.timeline.writer import NotStored, Writer

_changes = schema.changes


class ChangeBook:
    """By the sender's id. A later message of the same id replaces the earlier one in what is told."""

    def __init__(self, writer: Writer, readers: Engine, clock: Clock) -> None:
        self._writer, self._readers, self._clock = writer, readers, clock

    async def store_async(self, key: str, began: datetime | None, body: bytes) -> bool:
        """False when these very bytes were told before; `NotStored` when nothing was kept.

        Who does not say when it began is taken to mean the time when it was first heard of.
        """
        now = self._clock.now()
        stored = self._writer.submit(lambda connection: _kept(connection, key, began, body, now))
        try:
            # Shielded: a client that hangs up does not take back what it sent.
            return await asyncio.shield(asyncio.wrap_future(stored))
        except SQLAlchemyError as error:
            raise NotStored(str(error)) from error

    def between(self, since: datetime, until: datetime) -> list[ChangeNotice]:
        """What began then, each change once, oldest first."""
        newest = select(func.max(_changes.c.number)).group_by(_changes.c.id)
        wanted = (
            select(_changes.c.id, _changes.c.at, _changes.c.body)
            .where(_changes.c.at.between(since, until), _changes.c.number.in_(newest))
            .order_by(_changes.c.at, _changes.c.number)
        )
        with self._readers.connect() as connection:
            found = connection.execute(wanted).all()
        return [ChangeNotice(id=row.id, at=row.at, body=row.body) for row in found]

    def purge(self, before: datetime) -> int:
        """Forget what came in before that time. Returns how many messages."""
        old = delete(_changes).where(_changes.c.received < before)
        return self._writer.write(lambda connection: connection.execute(old).rowcount)


def _kept(
    connection: Connection, key: str, began: datetime | None, body: bytes, now: datetime
) -> bool:
    digest = hashlib.sha256(body).digest()
    same = select(_changes.c.digest, _changes.c.at).where(_changes.c.id == key)
    known = connection.execute(same).all()
    if any(row.digest == digest for row in known):
        return False
    # A sender whose clock is ahead would otherwise not be heard before that time comes.
    at = min(began, now) if began else min((row.at for row in known), default=now)
    connection.execute(
        insert(_changes).values(id=key, digest=digest, at=at, received=now, body=body)
    )
    return True
