"""The one door through which incidents are declared, joined and split: one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

from bot.domain.incident.ledger import Claim
from bot.timeline.folds import Folded, L


class Desk(Generic[L]):
    """Local data only. What is changed here commits together.

    Only the desk ever holds two incidents, and there is one desk: it cannot deadlock.
    """

    def __init__(
        self,
        acquire: Callable[[str], Folded[L]],
        holder: Callable[[str, str], str | None],
        working: Callable[[Folded[L]], L],
    ) -> None:
        self._acquire, self._holder, self._working = acquire, holder, working
        self.before: dict[str, Folded[L]] = {}
        self.changed: dict[str, L] = {}

    def claimed(self, kind: str, key: str) -> str | None:
        """Which incident holds the place, counting what was decided at this desk a moment ago."""
        claim = Claim(kind=kind, key=key)
        for incident in self.changed.values():
            if claim in incident.taken:
                return incident.id
        holder = self._holder(kind, key)
        gone = holder in self.changed and claim in self.changed[holder].released
        return None if gone else holder

    def declare(self, incident_id: str) -> L:
        """A fresh incident; nothing may be stored under its id yet."""
        incident = self.open(incident_id)
        if incident.seq:
            raise RuntimeError(f"incident {incident_id} exists already")
        return incident

    def open(self, incident_id: str) -> L:
        """Its newest state, for the rest of this visit."""
        if incident_id not in self.changed:
            self.before[incident_id] = self._acquire(incident_id)
            self.changed[incident_id] = self._working(self.before[incident_id])
        return self.changed[incident_id]
