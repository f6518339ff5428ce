"""The tables, as SQLAlchemy Core sees them; how they came to be is in migrations/."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Column, Float, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """UTC with microseconds as text of one width: it sorts, and it can be hashed as it stands."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else stamp(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def stamp(moment: datetime) -> str:
    """The one way an instant is written down."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


metadata = MetaData()

facts = Table(
    "facts",
    metadata,
    Column("incident", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", Text),
    Column("salt", LargeBinary),
    Column("commitment", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("input", Integer),
)

claims = Table(
    "claims",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("incident", Text, nullable=False),
)

owed = Table(
    "owed",
    metadata,
    Column("incident", Text, primary_key=True),
    Column("reaction", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("armed", Integer, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("vendor", Text, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("headers", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("vendor", Text, nullable=False),
)

inbox_keys = Table(
    "inbox_keys",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("input", Integer, nullable=False),
)

# What others told of changes: each different message once, the newest of an id speaks for it.
changes = Table(
    "changes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Column("received", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# What was measured of each objective. An hour is a row; its minutes are packed in one of their own,
# so that thirty days of hours are read without them.
objectives = Table(
    "objectives",
    metadata,
    Column("name", Text, primary_key=True),
    Column("definition", Text, nullable=False),
    Column("until", Instant),
    Column("reading", Float),
    Column("source", Text, nullable=False),
    Column("lag", Integer, nullable=False),
    Column("trouble", Text, nullable=False),
    Column("figures", Text, nullable=False),
)

sample_hours = Table(
    "sample_hours",
    metadata,
    Column("objective", Text, primary_key=True),
    Column("hour", Integer, primary_key=True),
    Column("total", Float),
    Column("bad", Float, nullable=False),
)

sample_minutes = Table(
    "sample_minutes",
    metadata,
    Column("objective", Text, primary_key=True),
    Column("hour", Integer, primary_key=True),
    Column("packed", LargeBinary, nullable=False),
)

# Made from the folds and rebuilt from them at will; `body` is the whole Summary, the other
# columns are what lists are sorted and filtered by.
incidents = Table(
    "incidents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("open", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("channel", Text, nullable=False),
    Column("body", Text, nullable=False),
)
