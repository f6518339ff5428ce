"""What the bot itself remembers, read once it stands still."""

from __future__ import annotations

from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.integrations.clock import SystemClock
from bot.timeline.store import Store
from tests.living import Life


def timelines(life: Life) -> list[list[Entry]]:
    """One list for each incident; the hash chain must hold."""
    path = life.bot.folder / "bot" / "tocsin.db"
    store: Store[Incident] = Store.at(path, clock=SystemClock(), fold=lambda one: Incident(id=one))
    try:
        assert store.audit() == []
        return [store.entries(row.id) for row in store.summaries(limit=1000)]
    finally:
        store.close()
