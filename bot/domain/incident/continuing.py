"""A row of changes under one approval: each begins when the one before it is through."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.events import MitigationApproved, MitigationProposed, MitigationVoided
from bot.domain.incident.mitigating import Mitigating
from bot.domain.incident.proposal import MitigationState
from bot.domain.mitigation import MitigationStage, Plan


@dataclass(kw_only=True)
class Continuing(Mitigating):
    def follower(self, mitigation: str) -> MitigationState | None:
        """What came after it in its row; None while nothing did."""
        return next((m for m in self.mitigations.values() if m.follows == mitigation), None)

    @property
    def between(self) -> bool:
        """Whether a row is between two of its steps."""
        verified = (m for m in self.mitigations.values() if m.stage is MitigationStage.VERIFIED)
        return any(m.plan.then and self.follower(m.id) is None for m in verified)

    def go_on(self, mitigation: str, *, halted: str = "") -> str:
        """Begins the next of the row, once; returns its id, or nothing where there is none.

        It was approved with the first, by its digest. `halted` says why it may not begin after
        all: then it is put forward void, for people to propose anew. Raises `Refused` where
        another change to its service is under way.
        """
        held = self.mitigation(mitigation)
        following = held.plan.following
        if held.stage is not MitigationStage.VERIFIED or following is None:
            return ""
        if begun := self.follower(mitigation):
            return begun.id
        if not halted:
            self._must_be_alone(following, "")
        new = self._put_next(held, following)
        if halted:
            self.record(MitigationVoided(mitigation=new, why=halted))
            return new
        assert held.approved_by is not None
        self.claim("mitigating", self.mitigation(new).place)
        self.record(
            MitigationApproved(
                mitigation=new,
                by=held.approved_by,
                digest=following.digest,
                broke_glass=held.broke_glass,
            )
        )
        return new

    def _put_next(self, held: MitigationState, plan: Plan) -> str:
        new = f"m{self.seq + 1}"
        assert self.now is not None
        self.record(
            MitigationProposed(
                mitigation=new,
                plan=plan,
                quorum=held.quorum,
                by=held.proposed_by,
                expires_at=self.now + held.quorum.expires,
                follows=held.id,
            )
        )
        return new
