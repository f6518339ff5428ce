"""Changes to production: who agreed to what, and how far each one got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.errors import Refused
from bot.domain.events import (
    ApproverAsked,
    ApproverPaged,
    MitigationApproved,
    MitigationDeclined,
    MitigationExpired,
    MitigationFailed,
    MitigationLeft,
    MitigationNotSent,
    MitigationPreparing,
    MitigationProgressed,
    MitigationProposed,
    MitigationStarted,
    MitigationStuck,
    MitigationUnderway,
    MitigationUndone,
    MitigationVerified,
    MitigationVoided,
)
from bot.domain.facts import Entry
from bot.domain.incident.proposal import MitigationState, put_forward, worst
from bot.domain.incident.triaging import Triaged
from bot.domain.mitigation import MitigationStage, Plan, Receipt
from bot.domain.people import Person
from bot.domain.policy import Quorum

S = MitigationStage


@dataclass(kw_only=True)
class Mitigating(Triaged):
    mitigations: Mapping[str, MitigationState] = field(default_factory=dict)

    def apply(self, entry: Entry) -> None:
        super().apply(entry)
        at = entry.when
        match entry.fact:
            case MitigationProposed() as proposed:
                state = put_forward(proposed, at)
                self.mitigations = {**self.mitigations, state.id: state}
            case MitigationApproved(mitigation=m, by=by, broke_glass=reason):
                self._change(
                    m, stage=S.APPROVED, approved_by=by, approved_at=at, broke_glass=reason
                )
            case MitigationDeclined(mitigation=m, by=by, why=why):
                self._change(m, stage=S.DECLINED, declined_by=by, why=why, ended_at=at)
            case MitigationExpired(mitigation=m):
                self._change(m, stage=S.EXPIRED, ended_at=at)
            case MitigationVoided(mitigation=m, why=why):
                self._change(m, stage=S.VOIDED, why=why, ended_at=at)
            case ApproverAsked(mitigation=m, person=person, paged=paged):
                held = self.mitigations[m]
                asked = (*held.asked, person) if person else held.asked
                self._change(m, asked=asked, second_paged=held.second_paged or paged)
            case ApproverPaged(mitigation=m):
                self._change(m, second_paged=True)
            case MitigationUndone(mitigation=m):
                self._change(m, stage=S.UNDONE, ended_at=self.mitigations[m].ended_at or at)
            case _:
                self._progressed(entry)

    def _progressed(self, entry: Entry) -> None:
        at = entry.when
        match entry.fact:
            case MitigationPreparing(mitigation=m):
                self._change(m, stage=S.PREPARING)
            case MitigationProgressed(mitigation=m, progress=progress):
                self._change(m, progress=progress)
            case MitigationStarted(mitigation=m) as started:
                held = self.mitigations[m]
                plan = replace(held.plan, baseline=started.baseline or held.plan.baseline)
                self._change(
                    m,
                    stage=S.STARTED,
                    plan=plan,
                    attempts=(*held.attempts, started.attempt),
                    started_at=at,
                    prepared=started.prepared,
                )
            case MitigationNotSent(mitigation=m, attempt=attempt, why=why):
                not_sent = (*self.mitigations[m].not_sent, attempt)
                self._change(m, stage=S.PREPARING, not_sent=not_sent, progress=why)
            case MitigationUnderway() as underway:
                self._underway(underway, at)
            case MitigationStuck(mitigation=m, shows=shows):
                self._change(m, stage=S.STUCK, shows=shows)
            case MitigationLeft(mitigation=m, by=by):
                self._change(m, stage=S.FAILED, left_to=by, ended_at=at, why=f"left to {by.name}")
            case MitigationVerified(mitigation=m, evidence=evidence, measure=measure):
                self._change(m, stage=S.VERIFIED, evidence=evidence, measure=measure, ended_at=at)
            case MitigationFailed(mitigation=m, why=why, by_hand=by_hand) as failed:
                self._change(m, stage=S.FAILED, why=why, by_hand=by_hand, ended_at=at)
                self._change(m, sent=failed.sent, measure=failed.measure, worse=failed.worse)

    def _underway(self, underway: MitigationUnderway, at: datetime) -> None:
        self._change(
            underway.mitigation,
            stage=S.UNDERWAY,
            receipt=underway.receipt,
            adopted=underway.adopted,
            underway_at=at,
            sent=True,
            shows="",
        )

    def _change(self, mitigation: str, **news: object) -> None:
        changed = replace(self.mitigations[mitigation], **news)  # type: ignore[arg-type]
        self.mitigations = {**self.mitigations, mitigation: changed}

    def mitigation(self, mitigation: str) -> MitigationState:
        found = self.mitigations.get(mitigation)
        if found is None:
            raise Refused("That proposal does not belong to this incident.")
        return found

    @property
    def running(self) -> tuple[MitigationState, ...]:
        """Proposed or further, and not over yet."""
        return tuple(m for m in self.mitigations.values() if not m.stage.over)

    def propose(self, plan: Plan, *, by: Person, quorum: Quorum, undoes: str = "") -> str:
        """Returns its id. Proposing what is already proposed gives that one back."""
        for held in self.running:
            if held.plan.digest == plan.digest and held.stage is S.PROPOSED:
                return held.id
        self._must_be_alone(plan, undoes)
        mitigation = f"m{self.seq + 1}"
        assert self.now is not None
        self.record(
            MitigationProposed(
                mitigation=mitigation,
                plan=plan,
                quorum=quorum,
                by=by,
                expires_at=self.now + quorum.expires,
                undoes=undoes,
            )
        )
        return mitigation

    def _must_be_alone(self, plan: Plan, undoes: str) -> None:
        """One change at a time on a service; the way back from a stuck one is no second change."""
        for held in self._under_way(f"{plan.environment}/{plan.service}"):
            if not (held.stage is S.STUCK and held.id == undoes):
                raise Refused(
                    f"“{held.plan.title}” is {held.stage} already: one change at a time"
                    f" on {plan.service} in {plan.environment}."
                )

    def _under_way(self, place: str) -> list[MitigationState]:
        """Approved or further on that service, and not over yet."""
        return [m for m in self.running if m.place == place and m.stage is not S.PROPOSED]

    def approve(self, mitigation: str, *, by: Person, groups: frozenset[str], digest: str) -> None:
        """`groups` are what `by` belongs to at this moment; `digest` is the plan they looked at."""
        wanted = self._approvable(mitigation, digest)
        if wanted.quorum.wants_another and by.same(wanted.proposed_by):
            raise Refused(
                "Somebody other than the proposer has to approve this: you may not approve"
                " your own request."
            )
        if not groups & set(wanted.quorum.approvers):
            raise Refused(
                "This needs the agreement of "
                + " or ".join(wanted.quorum.approvers)
                + f" ({wanted.quorum.rule or 'policy'}); you are none of these."
            )
        self._approved(wanted, by=by)

    def break_glass(
        self, mitigation: str, *, by: Person, digest: str, typed: str, reason: str
    ) -> None:
        """Alone after some minutes without an answer: by typing the service's name and a reason."""
        wanted = self._approvable(mitigation, digest)
        wait = wanted.quorum.break_glass_after
        if not wanted.quorum.wants_another:
            raise Refused("This needs no second person: approve it.")
        if not by.same(wanted.proposed_by):
            raise Refused("You are another person: you can approve it.")
        if wait is None:
            raise Refused("Policy allows nobody to do this alone: page a second person.")
        if not wanted.plan.undoable and not wanted.second_paged:
            raise Refused("It cannot be undone: page a second person first, then break glass.")
        assert self.now is not None
        opens = wanted.proposed_at + wait
        if self.now < opens:
            raise Refused(
                f"Others have until {opens:%H:%M} UTC to answer; after that you may go alone."
            )
        if typed.strip().lower() != wanted.plan.service.lower():
            raise Refused(f"Type the service's name, {wanted.plan.service}, to go alone.")
        if not reason.strip():
            raise Refused("Going alone needs a reason; it is announced and reviewed.")
        self._approved(wanted, by=by, broke_glass=reason.strip())

    def _approvable(self, mitigation: str, digest: str) -> MitigationState:
        wanted = self.mitigation(mitigation)
        assert self.now is not None
        if wanted.stage is not S.PROPOSED:
            who = f" by {wanted.approved_by.name}" if wanted.approved_by else ""
            raise Refused(f"“{wanted.plan.title}” is already {wanted.stage}{who}.")
        if self.now >= wanted.expires_at:
            raise Refused(
                f"The proposal expired at {wanted.expires_at:%H:%M} UTC: propose it again."
            )
        if digest != wanted.plan.digest:
            raise Refused("That approval was for another plan: look at the card again.")
        return wanted

    def _approved(self, wanted: MitigationState, *, by: Person, broke_glass: str = "") -> None:
        # The claim keeps other incidents away, this the other proposals of our own.
        self._must_be_alone(wanted.plan, wanted.undoes)
        self.claim("mitigating", wanted.place)
        self.record(
            MitigationApproved(
                mitigation=wanted.id,
                by=by,
                digest=wanted.plan.digest,
                broke_glass=broke_glass,
            )
        )

    def decline(self, mitigation: str, *, by: Person, why: str = "") -> None:
        wanted = self.mitigation(mitigation)
        if wanted.stage is not S.PROPOSED:
            raise Refused(f"“{wanted.plan.title}” is already {wanted.stage}.")
        self.record(MitigationDeclined(mitigation=mitigation, by=by, why=why))

    def expire(self, mitigation: str) -> bool:
        """Whether it was still waiting, and now is not."""
        wanted = self.mitigation(mitigation)
        assert self.now is not None
        if wanted.stage is not S.PROPOSED or self.now < wanted.expires_at:
            return False
        self.record(MitigationExpired(mitigation=mitigation))
        return True

    def void(self, mitigation: str, why: str) -> None:
        """The world moved. Only what has not been sent can be voided."""
        wanted = self.mitigation(mitigation)
        if wanted.stage not in {S.PROPOSED, S.APPROVED, S.PREPARING}:
            return
        self._end(wanted, MitigationVoided(mitigation=mitigation, why=why))

    def lapse(self, mitigation: str) -> bool:
        """An agreement is for now: what was not sent in time is not sent any more."""
        wanted = self.mitigation(mitigation)
        if wanted.stage not in {S.APPROVED, S.PREPARING} or not self._stale(wanted):
            return False
        minutes = wanted.quorum.expires.total_seconds() / 60
        self.void(
            mitigation,
            f"It could not be started within {minutes:.0f} min of the approval: propose it again.",
        )
        return True

    def _stale(self, wanted: MitigationState) -> bool:
        assert self.now is not None
        agreed = wanted.approved_at or wanted.proposed_at
        return self.now >= agreed + wanted.quorum.expires

    def prepare(self, mitigation: str) -> None:
        wanted = self.mitigation(mitigation)
        if wanted.stage is S.APPROVED:
            self.record(MitigationPreparing(mitigation=mitigation))

    def start(self, mitigation: str, prepared: tuple[str, ...]) -> str:
        """The attempt's name. From this commit on the request counts as possibly sent."""
        wanted = self.mitigation(mitigation)
        if wanted.stage is not S.PREPARING or wanted.in_doubt:
            raise Refused(f"“{wanted.plan.title}” is {wanted.stage}: it is not started again.")
        if self._stale(wanted):
            raise Refused(f"The approval of “{wanted.plan.title}” is too old: propose it again.")
        attempt = f"{self.id}.{mitigation}.{len(wanted.attempts) + 1}"
        self.record(
            MitigationStarted(
                mitigation=mitigation,
                attempt=attempt,
                prepared=prepared,
                baseline=worst(wanted.plan.baseline, self.errors.now if self.errors else None),
            )
        )
        return attempt

    def not_sent(self, mitigation: str, attempt: str, why: str) -> None:
        wanted = self.mitigation(mitigation)
        if wanted.in_doubt and wanted.attempts[-1] == attempt:
            self.record(MitigationNotSent(mitigation=mitigation, attempt=attempt, why=why))

    def underway(self, mitigation: str, receipt: Receipt, *, adopted: bool = False) -> None:
        if self.mitigation(mitigation).stage in {S.STARTED, S.STUCK}:
            self.record(
                MitigationUnderway(mitigation=mitigation, receipt=receipt, adopted=adopted)
            )

    def stick(self, mitigation: str, shows: str) -> None:
        if self.mitigation(mitigation).stage is S.STARTED:
            self.record(MitigationStuck(mitigation=mitigation, shows=shows))

    def leave(self, mitigation: str, *, by: Person) -> None:
        wanted = self.mitigation(mitigation)
        if wanted.stage is not S.STUCK:
            raise Refused(f"“{wanted.plan.title}” is {wanted.stage}, not stuck.")
        self._end(wanted, MitigationLeft(mitigation=mitigation, by=by))

    def progress(self, mitigation: str, text: str) -> None:
        wanted = self.mitigation(mitigation)
        if not wanted.stage.over and wanted.progress != text:
            self.record(MitigationProgressed(mitigation=mitigation, progress=text))

    def conclude(self, ending: MitigationVerified | MitigationFailed) -> None:
        """The verdict, once."""
        wanted = self.mitigation(ending.mitigation)
        if wanted.stage.over:
            return
        self._end(wanted, ending)
        if isinstance(ending, MitigationVerified) and wanted.undoes:
            undone = self.mitigations.get(wanted.undoes)
            if undone and undone.stage in {S.VERIFIED, S.FAILED, S.STUCK}:
                self.record(
                    MitigationUndone(mitigation=undone.id, by_mitigation=ending.mitigation)
                )

    def _end(
        self,
        wanted: MitigationState,
        ending: MitigationVerified | MitigationFailed | MitigationVoided | MitigationLeft,
    ) -> None:
        others = [m for m in self._under_way(wanted.place) if m.id != wanted.id]
        if wanted.stage is not S.PROPOSED and not others:
            self.release("mitigating", wanted.place)
        self.record(ending)
