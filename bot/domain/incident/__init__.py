"""The incident: what its facts add up to, and what may happen next."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.incident.closing import Closing
from bot.domain.incident.communicating import Leftover, PublicPost, Watch
from bot.domain.incident.ledger import Claim, Ledger
from bot.domain.incident.opening import PageState
from bot.domain.incident.proposal import MitigationState
from bot.domain.incident.staffing import Mark, Note
from bot.domain.incident.summary import Stage, Summary
from bot.domain.incident.triaging import Checklist, Ticked

__all__ = [
    "HOUSE",
    "Checklist",
    "Claim",
    "Incident",
    "Ledger",
    "Leftover",
    "Mark",
    "MitigationState",
    "Note",
    "PageState",
    "PublicPost",
    "Stage",
    "Summary",
    "Ticked",
    "Watch",
]

HOUSE = "house"


@dataclass(kw_only=True)
class Incident(Closing):
    """Each part folds its own facts and holds its own rules; this is all of them together."""
