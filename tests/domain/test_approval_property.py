"""No order of proposals, clicks, expiries, drifts and crashes executes a plan twice, unapproved,
expired or drifted: the rules alone, folded again from their facts after every crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from bot.domain.errors import Refused
from bot.domain.events import ApproverAsked, Declared, MitigationFailed, MitigationVerified
from bot.domain.facts import Entry
from bot.domain.incident import Incident, MitigationState
from bot.domain.mitigation import MitigationStage, Plan, Receipt
from bot.domain.people import Person
from bot.domain.policy import Quorum
from bot.wiring import KINDS
from tests.doubles.people import ANA, BEN, KENJI, RITA
from tests.timeline.ledgers import NOON

S = MitigationStage
PEOPLE = (ANA, BEN, KENJI, RITA)
GROUPS = st.sampled_from([{"on-call", "owner"}, {"commander", "owner"}, {"responder"}, set()])
NAMES = sorted({each.name for each in KINDS})
"""Every mitigation that there is: the rules ask for no one's name."""
WHICH = st.integers(0, 2)
QUORUMS = (
    Quorum(wants_another=False, approvers=("on-call", "commander")),
    Quorum(wants_another=True, approvers=("on-call", "commander")),
    Quorum(wants_another=True, approvers=("owner",), break_glass_after=None),
)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request that left the house, with what was true at that moment."""

    mitigation: str
    attempt: str
    held: MitigationState
    at: datetime
    live: str


def plan(
    target: str, live: str, *, kind: str = "rollback", undoable: bool = True, title: str = ""
) -> Plan:
    return Plan(
        mitigation=kind,
        title=title or f"{kind} lms to {target}",
        service="lms",
        environment="production",
        target=target,
        target_label=target,
        live=live,
        live_label=live,
        undoable=undoable,
    )


class Approvals(RuleBasedStateMachine):
    """`carry on` does what flow/carry_out.py does, one commit at a time."""

    proposals = Bundle("proposals")

    @initialize()
    def begin(self) -> None:
        self.now, self.live = NOON, "r142"
        self.entries: list[Entry] = []
        self.incident = Incident(id="i1")
        self.sent: list[Sent] = []
        with self.opened() as incident:
            incident.record(Declared(title="LMS errors", channel_name="inc", service="lms"))
            incident.propose(plan("r141", "r142"), by=ANA, quorum=QUORUMS[1])

    @contextmanager
    def opened(self) -> Iterator[Incident]:
        """As the store does it: a refusal commits nothing."""
        working = self.incident.snapshot(now=self.now)
        try:
            yield working
        except Refused:
            return
        self.entries += working.pending
        self.incident = working.snapshot()

    def some(self, which: int) -> str:
        """One that is not over: what is over is asked for by its proposal's name elsewhere."""
        running = [m.id for m in self.incident.running] or list(self.incident.mitigations)
        return running[which % len(running)] if running else ""

    def decide(self, what: Callable[[Incident], object]) -> None:
        with self.opened() as incident:
            what(incident)

    @rule(
        target=proposals,
        target_revision=st.sampled_from(["r141", "r140", "r139"]),
        by=st.sampled_from(PEOPLE),
        quorum=st.sampled_from(QUORUMS),
        shape=st.tuples(st.sampled_from(NAMES), st.booleans()),
    )
    def propose(
        self, target_revision: str, by: Person, quorum: Quorum, shape: tuple[str, bool]
    ) -> object:
        kind, undoable = shape
        made: list[str] = []
        if target_revision != self.live:
            wanted = plan(target_revision, self.live, kind=kind, undoable=undoable)
            self.decide(lambda i: made.append(i.propose(wanted, by=by, quorum=quorum)))
        return multiple(*made)

    @rule(
        mitigation=proposals,
        by=st.sampled_from(PEOPLE),
        groups=GROUPS,
        looked_at=st.sampled_from(["this", "another"]),
    )
    def approve(self, mitigation: str, by: Person, groups: set[str], looked_at: str) -> None:
        digest = self.incident.mitigation(mitigation).plan.digest
        if looked_at == "another":
            digest = plan("r1", "r2").digest
        self.decide(
            lambda i: i.approve(mitigation, by=by, groups=frozenset(groups), digest=digest)
        )

    @rule(mitigation=proposals, by=st.sampled_from(PEOPLE), typed=st.sampled_from(["lms", "x"]))
    def break_glass(self, mitigation: str, by: Person, typed: str) -> None:
        digest = self.incident.mitigation(mitigation).plan.digest
        self.decide(
            lambda i: i.break_glass(mitigation, by=by, digest=digest, typed=typed, reason="alone")
        )

    @rule(which=WHICH)
    def somebody_fit_agrees(self, which: int) -> None:
        """So that many of the walks come as far as production."""
        held = self.incident.mitigations.get(self.some(which))
        if held is not None:
            other = next(p for p in PEOPLE if not p.same(held.proposed_by))
            groups = frozenset(held.quorum.approvers)
            self.decide(
                lambda i: i.approve(held.id, by=other, groups=groups, digest=held.plan.digest)
            )

    @rule(
        which=WHICH,
        by=st.sampled_from(PEOPLE),
        how=st.sampled_from(["decline", "drift", "expire", "leave", "page a second person"]),
    )
    def stand_in_the_way(self, which: int, by: Person, how: str) -> None:
        mitigation = self.some(which)
        held = self.incident.mitigations.get(mitigation)
        match how:
            case "decline":
                self.decide(lambda i: i.decline(mitigation, by=by))
            case "drift" if held is not None and held.plan.live != self.live:
                self.decide(lambda i: i.void(mitigation, "It runs something else now."))
            case "expire":
                self.decide(lambda i: i.expire(mitigation))
            case "leave":
                self.decide(lambda i: i.leave(mitigation, by=by))
            case "page a second person" if held is not None:
                asked = ApproverAsked(mitigation=mitigation, person=BEN, by=by, paged=True)
                self.decide(lambda i: i.record(asked))

    @rule(revision=st.sampled_from(["r142", "r143"]))
    def somebody_deploys(self, revision: str) -> None:
        self.live = revision

    @rule(minutes=st.sampled_from([0.1, 6, 11, 16]))
    def time_passes(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def crash(self) -> None:
        again = Incident(id="i1")
        for entry in self.entries:
            again.fold(entry)
        assert again == self.incident
        self.incident = again

    @rule(
        which=WHICH,
        waiting=st.sampled_from([0, 0, 20]),
        ending=st.sampled_from(["receipt", "not sent", "lost", "crash", "refused"]),
    )
    def send(self, which: int, waiting: int, ending: str) -> None:
        mitigation = self.some(which)
        attempts: list[str] = []
        self.decide(lambda i: i.lapse(mitigation) or i.prepare(mitigation))
        self.now += timedelta(minutes=waiting)
        self.decide(
            lambda i: i.lapse(mitigation) or attempts.append(i.start(mitigation, ("ready",)))
        )
        for attempt in attempts:
            held = self.incident.mitigation(mitigation)
            self._sent(held, attempt, ending if held.plan.live == self.live else "refused")

    def _sent(self, held: MitigationState, attempt: str, ending: str) -> None:
        assert set(held.attempts[:-1]) <= set(held.not_sent), "sent while an attempt is in doubt"
        if ending in {"receipt", "lost", "crash"}:
            self.sent.append(
                Sent(mitigation=held.id, attempt=attempt, held=held, at=self.now, live=self.live)
            )
            self.live = held.plan.target
        match ending:
            case "receipt":
                receipt = Receipt(reference=attempt, summary="done", at=self.now)
                self.decide(lambda i: i.underway(held.id, receipt))
            case "not sent":
                self.decide(lambda i: i.not_sent(held.id, attempt, "connection refused"))
            case "refused":
                failed = MitigationFailed(mitigation=held.id, why="It moved.", sent=False)
                self.decide(lambda i: i.conclude(failed))
            case "crash":
                self.crash()

    @rule(which=WHICH, sees=st.booleans())
    def look(self, which: int, sees: bool) -> None:
        mitigation = self.some(which)
        held = self.incident.mitigations.get(mitigation)
        if held is None or not held.in_doubt:
            return
        receipt = Receipt(reference=held.attempts[-1], summary="found", at=self.now)
        if sees and any(s.attempt == held.attempts[-1] for s in self.sent):
            self.decide(lambda i: i.underway(mitigation, receipt, adopted=True))
        else:
            self.decide(lambda i: i.stick(mitigation, "it runs something"))

    @rule(which=WHICH, well=st.booleans())
    def verdict(self, which: int, well: bool) -> None:
        mitigation = self.some(which)
        held = self.incident.mitigations.get(mitigation)
        if held is not None and held.stage is S.UNDERWAY:
            ending: MitigationVerified | MitigationFailed = (
                MitigationVerified(mitigation=mitigation, evidence="11% → 0.2%")
                if well
                else MitigationFailed(mitigation=mitigation, why="still 11%")
            )
            self.decide(lambda i: i.conclude(ending))

    @rule(target=proposals, mitigation=consumes(proposals), by=st.sampled_from(PEOPLE))
    def undo(self, mitigation: str, by: Person) -> object:
        held = self.incident.mitigation(mitigation)
        made = [mitigation]
        if held.sent or held.stage is S.STUCK:
            back = plan(held.plan.live, self.live, title=f"Undo {mitigation}")
            self.decide(
                lambda i: made.append(i.propose(back, by=by, quorum=QUORUMS[1], undoes=mitigation))
            )
        return multiple(*made)

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        sent = [each.mitigation for each in self.sent]
        assert len(sent) == len(set(sent))

    @invariant()
    def nothing_is_sent_without_agreement(self) -> None:
        for each in self.sent:
            held = each.held
            assert held.approved_by is not None
            if held.quorum.wants_another and not held.broke_glass:
                assert not held.approved_by.same(held.proposed_by)
            if held.broke_glass:
                assert held.quorum.break_glass_after is not None
                assert held.plan.undoable or held.second_paged

    @invariant()
    def nothing_is_sent_late_or_after_a_drift(self) -> None:
        for each in self.sent:
            assert each.held.approved_at is not None
            assert each.held.approved_at < each.held.expires_at
            assert each.at < each.held.approved_at + each.held.quorum.expires
            assert each.live == each.held.plan.live

    @invariant()
    def one_change_at_a_time(self) -> None:
        busy = [m for m in self.incident.running if m.stage not in {S.PROPOSED, S.STUCK}]
        assert len(busy) <= 1


Approvals.TestCase.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
TestApprovals = Approvals.TestCase
