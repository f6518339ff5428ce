"""What one decision writes, prepared by who decided and carried out by the writer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic

from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from bot.domain.errors import AlreadyClaimed
from bot.domain.incident.ledger import Claim
from bot.reactions import Keeper, Reaction
from bot.timeline import index, schema
from bot.timeline.arming import arms, free, frees_channel, owe
from bot.timeline.chain import commitment, link, salt
from bot.timeline.codec import Codec
from bot.timeline.folds import Folded, L
from bot.timeline.inbox import done
from bot.timeline.owed import Owed

_facts, _claims = schema.facts, schema.claims
# Built once: putting a statement together costs far more than running it.
_WRITE, _HOLD = insert(_facts), insert(_claims)
_place = (_claims.c.kind == bindparam("its_kind"), _claims.c.key == bindparam("its_key"))
_HOLDER = select(_claims.c.incident).where(*_place)
_LET_GO = delete(_claims).where(*_place, _claims.c.incident == bindparam("mine"))


@dataclass(frozen=True, kw_only=True)
class Sealed(Generic[L]):
    """The pending facts of one incident as rows, with everything that commits with them."""

    after: Folded[L]
    rows: tuple[dict[str, Any], ...]
    taken: tuple[Claim, ...]
    released: tuple[Claim, ...]
    arms: tuple[Owed, ...]
    frees: bool
    index: dict[str, Any] | None


def seal(
    codec: Codec, answers: Sequence[Reaction | Keeper], before: Folded[L], changed: L
) -> Sealed[L] | None:
    """None when nothing was decided."""
    if not (changed.pending or changed.taken or changed.released):
        return None
    head, rows = before.head, []
    for entry in changed.pending:
        body, salted = codec.encode(entry.fact), salt()
        committed = commitment(salted, body)
        at = schema.stamp(entry.at)
        head = link(head, (entry.incident, entry.seq, at, entry.fact.stored), committed)
        rows.append(
            {
                "incident": entry.incident,
                "seq": entry.seq,
                "at": at,
                "type": entry.fact.stored,
                "body": body,
                "salt": salted,
                "commitment": committed,
                "hash": head,
            }
        )
    return Sealed(
        after=Folded(ledger=changed.snapshot(), head=head),
        rows=tuple(rows),
        taken=changed.taken,
        released=changed.released,
        arms=tuple(arms(answers, changed)),
        frees=frees_channel(changed.pending),
        index=index.index_row(changed),
    )


@dataclass(frozen=True, kw_only=True)
class Commit(Generic[L]):
    """All or nothing: one incident, or several at the desk; and the input that asked for it."""

    sealed: tuple[Sealed[L], ...]
    input: int | None

    def write(self, connection: Connection) -> list[Owed]:
        """Returns what is owed because of it."""
        owed: list[Owed] = []
        # Every release comes before every take: at the desk a place may change hands.
        for part in self.sealed:
            _release(connection, part)
        for part in self.sealed:
            _take(connection, part)
            owed += self._facts(connection, part)
        if self.input is not None:
            done(connection, self.input)
        return owed

    def _facts(self, connection: Connection, part: Sealed[L]) -> list[Owed]:
        if not part.rows:
            return []
        connection.execute(_WRITE, [{**row, "input": self.input} for row in part.rows])
        owe(connection, part.arms)
        if part.index is not None:
            index.put(connection, part.index)
        freed = free(connection, part.after.ledger.id) if part.frees else []
        return [*freed, *part.arms]


def _release(connection: Connection, part: Sealed[L]) -> None:
    for claim in part.released:
        held = {"its_kind": claim.kind, "its_key": claim.key, "mine": part.after.ledger.id}
        connection.execute(_LET_GO, held)


def _take(connection: Connection, part: Sealed[L]) -> None:
    mine = part.after.ledger.id
    for claim in part.taken:
        holder = holder_of(connection, claim.kind, claim.key)
        if holder == mine:
            continue
        if holder is not None:
            raise AlreadyClaimed(claim.kind, claim.key, holder)
        place = {"kind": claim.kind, "key": claim.key, "incident": mine}
        try:
            connection.execute(_HOLD, place)
        except IntegrityError as error:
            raise AlreadyClaimed(claim.kind, claim.key, "another process") from error


def holder_of(connection: Connection, kind: str, key: str) -> str | None:
    place = {"its_kind": kind, "its_key": key}
    return connection.execute(_HOLDER, place).scalar_one_or_none()
