"""One proposed change to production and how far it got."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.domain.events import MitigationProposed
from bot.domain.incident.summary import Override
from bot.domain.mitigation import Measure, MitigationStage, Plan, Receipt
from bot.domain.people import Person
from bot.domain.policy import Quorum


@dataclass(frozen=True, kw_only=True)
class MitigationState:
    """One proposal and what became of it."""

    id: str
    plan: Plan
    quorum: Quorum
    proposed_by: Person
    proposed_at: datetime
    expires_at: datetime
    stage: MitigationStage = MitigationStage.PROPOSED
    approved_by: Person | None = None
    approved_at: datetime | None = None
    broke_glass: str = ""
    declined_by: Person | None = None
    asked: tuple[Person, ...] = ()
    second_paged: bool = False
    attempts: tuple[str, ...] = ()
    not_sent: tuple[str, ...] = ()
    prepared: tuple[str, ...] = ()
    started_at: datetime | None = None
    receipt: Receipt | None = None
    adopted: bool = False
    underway_at: datetime | None = None
    progress: str = ""
    shows: str = ""
    evidence: str = ""
    why: str = ""
    by_hand: str = ""
    sent: bool = False
    measure: Measure | None = None
    worse: bool = False
    ended_at: datetime | None = None
    undoes: str = ""
    follows: str = ""
    left_to: Person | None = None

    @property
    def in_doubt(self) -> bool:
        """A request may be out there without an answer."""
        return self.stage is MitigationStage.STARTED and self.attempts[-1] not in self.not_sent

    @property
    def place(self) -> str:
        """What its claim is for: one mitigation at a time per environment and service."""
        return f"{self.plan.environment}/{self.plan.service}"


def put_forward(proposed: MitigationProposed, at: datetime) -> MitigationState:
    """Where every one begins."""
    return MitigationState(
        id=proposed.mitigation,
        plan=proposed.plan,
        quorum=proposed.quorum,
        proposed_by=proposed.by,
        proposed_at=at,
        expires_at=proposed.expires_at,
        undoes=proposed.undoes,
        follows=proposed.follows,
    )


def overrides(found: Iterable[MitigationState]) -> Iterator[Override]:
    """Those that somebody broke glass for."""
    for each in found:
        if each.broke_glass and each.approved_by and each.approved_at:
            yield Override(
                title=each.plan.title,
                by=each.approved_by.name,
                why=each.broke_glass,
                at=each.approved_at,
            )


def worst(planned: Measure | None, now: Measure | None) -> Measure | None:
    """Planned while the errors still rose, it would be proven against too small a number."""
    known = [m for m in (planned, now) if m is not None and m.error_ratio is not None]
    return max(known, key=lambda m: m.error_ratio or 0.0, default=planned)
