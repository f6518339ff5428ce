"""Brings a database up to this program, and refuses one that a newer program has written."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.timeline.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


class NewerDatabase(Exception):
    """Written by a newer Tocsin: reading on could lose what it added."""


def migrate(connection: Connection) -> None:
    """Run inside a transaction of the caller."""
    known = ScriptDirectory(str(_MIGRATIONS))
    found = MigrationContext.configure(connection).get_current_revision()
    if found == known.get_current_head():
        return
    refuse_newer(connection)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def refuse_newer(connection: Connection) -> None:
    """Raise `NewerDatabase` when the database knows a step that this program does not."""
    found = MigrationContext.configure(connection).get_current_revision()
    known = {step.revision for step in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}
    if found is not None and found not in known:
        raise NewerDatabase(
            f"This database was written by a newer Tocsin (step {found}; this program knows up to"
            f" {max(known)}). Start the newer version, or restore a backup made before the upgrade."
        )


def newer(base: Database) -> str:
    """Why this program may not run on that database; empty where it may."""
    if not base.exists():
        return ""
    try:
        with base.readers.connect() as connection:
            refuse_newer(connection)
    except NewerDatabase as refused:
        return str(refused)
    return ""
