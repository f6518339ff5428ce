"""Walks the hash chain, and takes out of it what must not stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update

from bot.domain.facts import Redacted
from bot.timeline import schema
from bot.timeline.chain import GENESIS, commitment, link
from bot.timeline.codec import Codec

_facts, _inbox = schema.facts, schema.inbox


@dataclass(frozen=True, kw_only=True)
class AuditProblem:
    """An entry that is not what was once committed."""

    incident: str
    seq: int
    what: str


def redaction(seq: int, fields: tuple[str, ...], *, by: str, why: str) -> Redacted:
    return Redacted(seq=seq, fields=fields, by=by, why=why)


def redact(
    connection: Connection, codec: Codec, place: tuple[str, int], fields: tuple[str, ...]
) -> None:
    """Replace the body, destroy the salt; the input it came from loses its body as well."""
    incident, seq = place
    here = (_facts.c.incident == incident, _facts.c.seq == seq)
    row = connection.execute(select(_facts).where(*here)).one()
    left = None if row.body is None else codec.without(row.type, row.body, fields)
    connection.execute(update(_facts).where(*here).values(body=left, salt=None))
    if row.input is not None:
        emptied = update(_inbox).where(_inbox.c.id == row.input).values(body=b"", headers="{}")
        connection.execute(emptied)


def audit(
    connection: Connection, codec: Codec, anchors: Iterable[tuple[str, str]] = ()
) -> list[AuditProblem]:
    """Everything that does not hold. A mismatch is accepted only where a redaction names it.

    `anchors` are (incident, hash) pairs kept elsewhere, such as in postmortems: only they can show
    that the end of a timeline was cut off.
    """
    by_incident: dict[str, list[Row[Any]]] = defaultdict(list)
    wanted = select(_facts).order_by(_facts.c.incident, _facts.c.seq)
    for row in connection.execute(wanted):
        by_incident[row.incident].append(row)
    found = [problem for rows in by_incident.values() for problem in _walk(rows, codec)]
    for incident, anchor in anchors:
        rows = by_incident.get(incident, [])
        if anchor not in {row.hash.hex() for row in rows}:
            what = f"the end is not what it was: no entry has the hash {anchor[:12]}…"
            found.append(AuditProblem(incident=incident, seq=len(rows), what=what))
    return found


def _walk(rows: Sequence[Row[Any]], codec: Codec) -> Iterator[AuditProblem]:
    redacted = {
        fact.seq
        for row in rows
        if row.type == Redacted.stored
        and isinstance(fact := codec.decode(row.type, row.body), Redacted)
    }
    previous = GENESIS
    for place, row in enumerate(rows, start=1):
        for what in _wrong(row, place, previous, named=row.seq in redacted):
            yield AuditProblem(incident=row.incident, seq=row.seq, what=what)
        previous = row.hash


def _wrong(row: Row[Any], place: int, previous: bytes, *, named: bool) -> Iterator[str]:
    if row.seq != place:
        yield f"entry {place} is missing"
    if link(previous, (row.incident, row.seq, row.at, row.type), row.commitment) != row.hash:
        yield "the entry, or one before it, was changed"
    whole = row.salt is not None and row.body is not None
    if not (whole and commitment(row.salt, row.body) == row.commitment) and not (
        named and row.salt is None
    ):
        yield "the text was changed" if whole else "the text is gone and no redaction names it"
