"""Which facts make what owed: each reaction once per fact, each board at most once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, case, insert, update
from sqlalchemy.dialects import sqlite

from bot.domain.facts import Entry
from bot.domain.incident.ledger import Ledger
from bot.reactions import Keeper, Lane, Reaction
from bot.timeline import schema
from bot.timeline.owed import Owed, State, rows, values

_owed = schema.owed
_FREES = "channel-opened"
# Built once: putting a statement together costs far more than running it.
_NEW = insert(_owed)
_ARM = sqlite.insert(_owed)
_ARM_AGAIN = _ARM.on_conflict_do_update(
    index_elements=_owed.primary_key.columns,
    set_={
        "armed": _ARM.excluded.armed,
        # A board that keeps failing keeps its back-off: new facts may not hammer a vendor that is down.
        "due": case((_owed.c.attempts > 0, _owed.c.due), else_=_ARM.excluded.due),
    },
)
_FREED = (
    update(_owed)
    .where(_owed.c.incident == bindparam("of"), _owed.c.state == State.CHANNEL)
    .values(state=State.WAITING)
)


def arms(answers: Sequence[Reaction | Keeper], after: Ledger) -> Iterator[Owed]:
    """What the pending facts of `after` make owed."""
    has_channel = bool(getattr(after, "channel", None))
    for answer in answers:
        match answer:
            case Reaction():
                ready = has_channel or not answer.needs_channel
                yield from _once_per_fact(answer, after.pending, ready=ready)
            case Keeper():
                ready = has_channel or not answer.board.needs_channel
                yield from _once(answer, after.pending, ready=ready)


def _once_per_fact(answer: Reaction, entries: Sequence[Entry], *, ready: bool) -> Iterator[Owed]:
    for entry in entries:
        if isinstance(entry.fact, answer.facts):
            yield Owed(
                incident=entry.incident,
                reaction=answer.name,
                key=answer.key(entry.fact),
                seq=entry.seq,
                armed=entry.seq,
                lane=answer.lane,
                since=entry.at,
                due=entry.at,
                state=State.WAITING if ready else State.CHANNEL,
                entry=entry,
            )


def _once(answer: Keeper, entries: Sequence[Entry], *, ready: bool) -> Iterator[Owed]:
    shown = [entry for entry in entries if not entry.fact.bookkeeping]
    if not shown:
        return
    calm = all(entry.fact.calm for entry in shown)
    yield Owed(
        incident=shown[-1].incident,
        reaction=answer.name,
        key="",
        seq=0,
        armed=shown[-1].seq,
        lane=Lane.CHATTER if calm else answer.board.lane,
        since=shown[-1].at,
        due=shown[-1].at,
        state=State.WAITING if ready else State.CHANNEL,
    )


def owe(connection: Connection, armed: Sequence[Owed]) -> None:
    """Store them; a board that is owed already is armed again instead."""
    boards = [values(owed) for owed in armed if owed.board]
    others = [values(owed) for owed in armed if not owed.board]
    if boards:
        connection.execute(_ARM_AGAIN, boards)
    if others:
        connection.execute(_NEW, others)


def frees_channel(entries: Sequence[Entry]) -> bool:
    return any(entry.fact.stored == _FREES for entry in entries)


def free(connection: Connection, incident: str) -> list[Owed]:
    """Everything that waited for this incident's channel is due."""
    freed = rows(connection, _owed.c.incident == incident, _owed.c.state == State.CHANNEL)
    if freed:
        connection.execute(_FREED, {"of": incident})
    return [replace(row, state=State.WAITING) for row in freed]
