"""What was measured of the objectives: one row per hour, its minutes beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, insert, select, update

from bot.domain.slo import Bucket, Counts, Figures, Read
from bot.timeline import schema
from bot.timeline.packing import Hour, figures, written
from bot.timeline.writer import Writer

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
_objectives, _hours, _minutes = schema.objectives, schema.sample_hours, schema.sample_minutes


class SampleBook:
    """By the objective's name. All times are aware; buckets lie on whole minutes or hours."""

    def __init__(self, writer: Writer, readers: Engine) -> None:
        self._writer, self._readers = writer, readers

    def follow(self, objective: str, definition: str) -> None:
        """Counts of another definition are forgotten: they do not add up with the new ones."""
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
        return {row.name: replace(figures(row.figures), trouble=row.trouble) for row in rows}

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

    def purge(self, *, minutes_before: datetime, hours_before: datetime) -> int:
        """Forget what is older. Returns how many rows."""
        old = [
            delete(_minutes).where(_minutes.c.hour < _number(minutes_before)),
            delete(_hours).where(_hours.c.hour < _number(hours_before)),
        ]
        return self._writer.write(
            lambda connection: sum(connection.execute(each).rowcount for each in old)
        )


def _number(at: datetime) -> int:
    """Hours since the epoch."""
    return int(at.timestamp()) // 3600


def _moment(number: int) -> datetime:
    return datetime.fromtimestamp(number * 3600, UTC)


def _followed(connection: Connection, objective: str, definition: str) -> None:
    known = connection.execute(
        select(_objectives.c.definition).where(_objectives.c.name == objective)
    ).scalar_one_or_none()
    if known == definition:
        return
    connection.execute(delete(_objectives).where(_objectives.c.name == objective))
    for table in (_hours, _minutes):
        connection.execute(delete(table).where(table.c.objective == objective))
    connection.execute(
        insert(_objectives).values(
            name=objective, definition=definition, source="", lag=0, trouble="", figures=""
        )
    )


def _kept(connection: Connection, objective: str, read: Read) -> None:
    for bucket in read.hours:
        _put_hour(connection, objective, _number(bucket.at), bucket.counts)
    by_hour: dict[int, list[Bucket]] = defaultdict(list)
    for bucket in read.minutes:
        by_hour[_number(bucket.at)].append(bucket)
    for number, buckets in by_hour.items():
        _put_minutes(connection, objective, number, buckets)
    told = update(_objectives).where(_objectives.c.name == objective)
    if read.reading is not None:
        connection.execute(told.values(reading=read.reading))
    lag = int(read.lag.total_seconds())
    connection.execute(
        told.values(until=read.until, source=read.source, lag=lag, trouble=read.trouble)
    )


def _put_minutes(
    connection: Connection, objective: str, number: int, buckets: Sequence[Bucket]
) -> None:
    known = connection.execute(
        select(_minutes.c.packed).where(_of(_minutes, objective, number))
    ).scalar_one_or_none()
    hour = Hour(known or b"")
    for bucket in buckets:
        hour.set(bucket.at.minute, bucket.counts)
    connection.execute(delete(_minutes).where(_of(_minutes, objective, number)))
    connection.execute(
        insert(_minutes).values(objective=objective, hour=number, packed=hour.packed())
    )
    _put_hour(connection, objective, number, hour.sum())


def _put_hour(connection: Connection, objective: str, number: int, counts: Counts | None) -> None:
    connection.execute(delete(_hours).where(_of(_hours, objective, number)))
    connection.execute(
        insert(_hours).values(
            objective=objective,
            hour=number,
            total=counts.total if counts else None,
            bad=counts.bad if counts else 0.0,
        )
    )


def _of(table: Table, objective: str, number: int) -> ColumnElement[bool]:
    return (table.c.objective == objective) & (table.c.hour == number)


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
        begun = _moment(row.hour)
        found += [
            Bucket(at=begun + minute * _MINUTE, step=_MINUTE, counts=counts)
            for minute, counts in Hour(row.packed).known()
        ]
    return [each for each in found if each.at >= since]
