"""What was measured of the objectives: one row per hour, its minutes beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, delete, func, insert, select, update

from bot.domain.slo import CURRENT, LOOKBACKS, Bucket, Counts, Figures, Read, summed
from bot.timeline import schema
from bot.timeline.packing import Hour, figures, written
from bot.timeline.writer import Writer

KEPT = timedelta(days=62)
"""Two windows of a month: the rolling line needs the one before."""
_NEVER = datetime.max.replace(tzinfo=UTC)
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
_objectives, _hours, _minutes = schema.objectives, schema.sample_hours, schema.sample_minutes


class SampleBook:
    """By the objective's name. All times are aware; buckets lie on whole minutes or hours."""

    def __init__(self, writer: Writer, readers: Engine) -> None:
        self._writer, self._readers = writer, readers

    def follow(self, objective: str, definition: str) -> None:
        """Counts of another definition are forgotten: they do not add up with the new ones."""
        with self._readers.connect() as connection:
            known = _definition(connection, objective)
        if known != definition:
            self._writer.write(lambda connection: _followed(connection, objective, definition))

    def keep(self, objective: str, read: Read) -> None:
        """Adds to what is known, and replaces what is known of the same buckets.

        An hour with minutes is their sum; `hours` are those that are known as a whole only.
        """
        self._writer.write(lambda connection: _kept(connection, objective, read))

    def failed(self, objective: str, why: str) -> None:
        """It was asked for and not answered; what was known stays."""
        told = update(_objectives).where(_objectives.c.name == objective).values(trouble=why)
        self._writer.write(lambda connection: connection.execute(told))

    def reckoned(self, objective: str, numbers: Figures) -> None:
        """The row of the table as of now, so that nobody reckons it again to look at it."""
        told = update(_objectives).where(_objectives.c.name == objective)
        row = told.values(figures=written(numbers))
        self._writer.write(lambda connection: connection.execute(row))

    def figures(self) -> Mapping[str, Figures]:
        """Of every objective that is followed."""
        wanted = select(_objectives.c.name, _objectives.c.figures, _objectives.c.trouble)
        with self._readers.connect() as connection:
            rows = connection.execute(wanted).all()
        return {
            row.name: replace(known, trouble=row.trouble or known.trouble)
            for row in rows
            for known in (figures(row.figures),)
        }

    def read(self, objective: str, *, since: datetime, minutes_since: datetime) -> Read:
        """Hours from `since` on and minutes from `minutes_since` on, oldest first."""
        with self._readers.connect() as connection:
            row = connection.execute(
                select(_objectives).where(_objectives.c.name == objective)
            ).one_or_none()
            hours = _read_hours(connection, objective, since)
            minutes = _read_minutes(connection, objective, minutes_since)
        if row is None:
            return Read(hours=hours, minutes=minutes, trouble="nothing is measured yet")
        return Read(
            hours=hours,
            minutes=minutes,
            until=row.until,
            reading=row.reading,
            source=row.source,
            lag=timedelta(seconds=row.lag),
            trouble=row.trouble,
        )

    def newest(self, objective: str, window: timedelta) -> Read:
        """What a row of the table needs, up to where its source was heard: the sums of the window and
        of a day, added up by the database, and the minutes of the longest lookback."""
        with self._readers.connect() as connection:
            row = connection.execute(
                select(_objectives).where(_objectives.c.name == objective)
            ).one_or_none()
            if row is None or row.until is None:
                return self.read(objective, since=_NEVER, minutes_since=_NEVER)
            until: datetime = row.until
            minutes = _read_minutes(connection, objective, until - LOOKBACKS[-1])
            day = until - CURRENT
            edge = [m for m in _minutes_of(connection, objective, _number(day)) if m.at >= day]
            last = _number(until - _MINUTE)
            whole = _sum(connection, objective, _first(until - window), last)
            current = _sum(connection, objective, _number(day) + 1, last) + summed(edge)
        return Read(
            window=whole,
            current=current,
            minutes=minutes,
            until=until,
            reading=row.reading,
            source=row.source,
            lag=timedelta(seconds=row.lag),
            trouble=row.trouble,
        )

    def purge(self, now: datetime) -> int:
        """Forget the minutes of over a month ago, and hours that no window reaches. How many rows."""
        old = [
            delete(_minutes).where(_minutes.c.hour < _number(now - KEPT / 2)),
            delete(_hours).where(_hours.c.hour < _number(now - KEPT)),
        ]
        return self._writer.write(
            lambda connection: sum(connection.execute(each).rowcount for each in old)
        )


def _number(at: datetime) -> int:
    """Hours since the epoch."""
    return int(at.timestamp()) // 3600


def _first(since: datetime) -> int:
    """The first hour that lies whole in a window."""
    number = _number(since)
    return number if _moment(number) == since else number + 1


def _moment(number: int) -> datetime:
    return datetime.fromtimestamp(number * 3600, UTC)


def _definition(connection: Connection, objective: str) -> str | None:
    wanted = select(_objectives.c.definition).where(_objectives.c.name == objective)
    found: str | None = connection.execute(wanted).scalar_one_or_none()
    return found


def _followed(connection: Connection, objective: str, definition: str) -> None:
    connection.execute(delete(_objectives).where(_objectives.c.name == objective))
    for table in (_hours, _minutes):
        connection.execute(delete(table).where(table.c.objective == objective))
    connection.execute(
        insert(_objectives).values(
            name=objective, definition=definition, source="", lag=0, trouble="", figures=""
        )
    )


def _kept(connection: Connection, objective: str, read: Read) -> None:
    hours = {_number(each.at): each.counts for each in read.hours}
    by_hour: dict[int, list[Bucket]] = defaultdict(list)
    for bucket in read.minutes:
        by_hour[_number(bucket.at)].append(bucket)
    packed = _merged(connection, objective, by_hour)
    hours |= {number: hour.sum() for number, hour in packed.items()}
    _put(
        connection,
        _minutes,
        objective,
        [{"hour": number, "packed": hour.packed()} for number, hour in packed.items()],
    )
    _put(connection, _hours, objective, [_row(*each) for each in hours.items()])
    told = update(_objectives).where(_objectives.c.name == objective)
    connection.execute(
        told.values(
            until=read.until,
            reading=read.reading,
            source=read.source,
            lag=int(read.lag.total_seconds()),
            trouble=read.trouble,
        )
    )


def _merged(
    connection: Connection, objective: str, by_hour: Mapping[int, Sequence[Bucket]]
) -> dict[int, Hour]:
    """What is known of these hours, with the new minutes in it."""
    if not by_hour:
        return {}
    wanted = select(_minutes.c.hour, _minutes.c.packed).where(
        _minutes.c.objective == objective, _minutes.c.hour.between(min(by_hour), max(by_hour))
    )
    known = {row.hour: row.packed for row in connection.execute(wanted)}
    merged = {number: Hour(known.get(number, b"")) for number in by_hour}
    for number, buckets in by_hour.items():
        for bucket in buckets:
            merged[number].set(bucket.at.minute, bucket.counts)
    return merged


def _row(number: int, counts: Counts | None) -> dict[str, Any]:
    known = counts or Counts()
    return {"hour": number, "total": known.total if counts else None, "bad": known.bad}


def _put(
    connection: Connection, table: Table, objective: str, rows: Sequence[dict[str, Any]]
) -> None:
    """In the place of those of the same hours, all in two statements."""
    if not rows:
        return
    which = [{"o": objective, "h": row["hour"]} for row in rows]
    mine = (table.c.objective == bindparam("o")) & (table.c.hour == bindparam("h"))
    connection.execute(delete(table).where(mine), which)
    connection.execute(insert(table), [{"objective": objective, **row} for row in rows])


def _sum(connection: Connection, objective: str, first: int, last: int) -> Counts:
    wanted = select(func.sum(_hours.c.total), func.sum(_hours.c.bad)).where(
        _hours.c.objective == objective, _hours.c.hour.between(first, last)
    )
    total, bad = connection.execute(wanted).one()
    return Counts(total or 0.0, (bad or 0.0) if total else 0.0)


def _minutes_of(connection: Connection, objective: str, number: int) -> list[Bucket]:
    wanted = select(_minutes.c.packed).where(
        _minutes.c.objective == objective, _minutes.c.hour == number
    )
    packed = connection.execute(wanted).scalar_one_or_none()
    return _unpacked(number, packed) if packed else []


def _unpacked(number: int, packed: bytes) -> list[Bucket]:
    begun = _moment(number)
    return [
        Bucket(at=begun + minute * _MINUTE, step=_MINUTE, counts=counts)
        for minute, counts in Hour(packed).known()
    ]


def _read_hours(connection: Connection, objective: str, since: datetime) -> list[Bucket]:
    wanted = (
        select(_hours.c.hour, _hours.c.total, _hours.c.bad)
        .where(_hours.c.objective == objective, _hours.c.hour >= _number(since))
        .order_by(_hours.c.hour)
    )
    return [
        Bucket(
            at=_moment(row.hour),
            step=_HOUR,
            counts=None if row.total is None else Counts(row.total, row.bad),
        )
        for row in connection.execute(wanted)
    ]


def _read_minutes(connection: Connection, objective: str, since: datetime) -> list[Bucket]:
    wanted = (
        select(_minutes.c.hour, _minutes.c.packed)
        .where(_minutes.c.objective == objective, _minutes.c.hour >= _number(since))
        .order_by(_minutes.c.hour)
    )
    found: list[Bucket] = []
    for row in connection.execute(wanted):
        found += _unpacked(row.hour, row.packed)
    return [each for each in found if each.at >= since]
