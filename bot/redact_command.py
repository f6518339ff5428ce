"""`app.py redact`: takes an entry's text out for good; its place in the hash chain stays."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from bot.domain.incident import Incident
from bot.integrations.clock import SystemClock
from bot.timeline.store import Locked, Store

_WRONG, _FINE = 1, 0


def run(where: Path, place: tuple[str, int], fields: tuple[str, ...], *, by: str, why: str) -> int:
    """Of the entry at (incident, number): these fields, or all of it with none named.

    The bot has to stand still meanwhile: what it remembers would show the text again.
    """
    incident, seq = place
    console = Console()
    if not where.exists():
        console.print(f"There is no database at {where} yet.")
        return _WRONG
    try:
        store: Store[Incident] = Store.at(where, clock=SystemClock(), fold=_fresh)
    except Locked:
        console.print("The bot runs on this database: stop it first. Nothing was redacted.")
        return _WRONG
    try:
        known = {entry.seq for entry in store.entries(incident)}
        if seq not in known:
            last = max(known, default=0)
            console.print(f"Incident {incident} has entries 1 to {last}. Nothing was redacted.")
            return _WRONG
        store.redact(incident, seq, fields, by=by, why=why)
    finally:
        store.close()
    console.print(f"Entry {seq} of {incident} is redacted; the chain still holds (check --audit).")
    return _FINE


def _fresh(incident_id: str) -> Incident:
    return Incident(id=incident_id)
