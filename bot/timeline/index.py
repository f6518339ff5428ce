"""One row per incident for the lists; thrown away and made anew from the folds at will."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, bindparam, delete, insert, select
from sqlalchemy.dialects import sqlite

from bot.domain.incident import HOUSE, Incident, Summary
from bot.domain.incident.ledger import Ledger
from bot.timeline import schema

_index = schema.incidents
_NEW = sqlite.insert(_index)
_PUT = _NEW.on_conflict_do_update(
    index_elements=[_index.c.id],
    set_={name: _NEW.excluded[name] for name in ("open", "opened_at", "channel", "body")},
)
_HAS_CHANNEL = (
    select(_index.c.id)
    .where(_index.c.channel == bindparam("channel"), _index.c.channel != "")
    .order_by(_index.c.opened_at)
    .limit(1)
)


@cache
def _summary() -> TypeAdapter[Summary]:
    return TypeAdapter(Summary)


def index_row(ledger: Ledger) -> dict[str, Any] | None:
    """None for what is in no list: the house, and what was never declared."""
    if not isinstance(ledger, Incident) or ledger.id == HOUSE or ledger.opened_at is None:
        return None
    summary = ledger.summary()
    return {
        "id": summary.id,
        "open": int(summary.stage.open),
        "opened_at": summary.opened_at,
        "channel": summary.channel,
        "body": _summary().dump_json(summary).decode(),
    }


def put(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(_PUT, row)


def replace_all(connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
    connection.execute(delete(_index))
    for row in rows:
        connection.execute(insert(_index), row)


def summaries(
    readers: Engine, *, open_only: bool, limit: int, before: datetime | None
) -> list[Summary]:
    """Newest first."""
    wanted = select(_index.c.body).order_by(_index.c.opened_at.desc(), _index.c.id.desc())
    if open_only:
        wanted = wanted.where(_index.c.open == 1)
    if before is not None:
        wanted = wanted.where(_index.c.opened_at < before)
    with readers.connect() as connection:
        found = connection.execute(wanted.limit(limit)).scalars().all()
    return [_summary().validate_json(body) for body in found]


def in_channel(readers: Engine, channel: str) -> str | None:
    """Whose channel it is. A channel belongs to one incident for ever."""
    with readers.connect() as connection:
        return connection.execute(_HAS_CHANNEL, {"channel": channel}).scalar()
