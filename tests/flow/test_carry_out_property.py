"""The same promise by the real flow on a real file: whatever fails, and wherever the bot dies,
production is changed at most once per approval, and only as it was approved."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.errors import Refused
from bot.domain.events import Declared, MitigationApproved, MitigationProposed, OnCallFound
from bot.domain.mitigation import MitigationStage, Unhealthy
from bot.domain.people import Person
from bot.flow import carry_out, mitigate
from tests.doubles.house import House, World
from tests.doubles.people import ANA, BEN, KENJI, MAYA
from tests.doubles.production import HEALTHY, Production, Rollback, SimulatedCrash
from tests.timeline.ledgers import HandClock

S = MitigationStage
PEOPLE = st.sampled_from([ANA, BEN, KENJI, MAYA])
WHICH = st.integers(0, 3)
SENDING = [
    "fine",
    "crash before",
    "crash after",
    "crash in flight",
    "lost answer",
    "unanswered",
    "not sent",
    "not sent for good",
    "refused",
    "rejected",
]


class Rollbacks(RuleBasedStateMachine):
    """Clicks go through bot/flow; owed work is carried out until it rests or dies."""

    @initialize()
    def begin(self) -> None:
        self.clock = HandClock()
        self.production = Production(clock=self.clock)
        self.folder = Path(tempfile.mkdtemp())
        world = World(mitigations={"rollback": Rollback(self.production)})
        world.pager.on_duty = ("ana@demo.example", "ben@demo.example")
        self.house = House(self.folder / "tocsin.db", self.clock, world)
        self.house.record(
            "i1",
            Declared(title="LMS errors", channel_name="inc", service="lms"),
            OnCallFound(people=(ANA, BEN)),
        )
        self.work()
        self.click(lambda: mitigate.propose(self.house.tools, "i1", "r141", by=ANA))

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.house.close()
            shutil.rmtree(self.folder)

    def click(self, act: Callable[[], object]) -> None:
        with suppress(Refused):
            act()
        self.work()

    def work(self) -> None:
        """A process that dies is started again at once, as often as it takes."""
        for _ in range(20):
            try:
                self.house.work()
            except SimulatedCrash:
                self.house.before_finish = lambda: None
                self.house.restart()
            else:
                return

    def some(self, which: int) -> str:
        held = list(self.house.incident("i1").mitigations)
        return held[-1 - which % len(held)] if held else "none"

    @rule(revision=st.sampled_from(["r141", "r140", "r100", "r99"]), by=PEOPLE)
    def propose(self, revision: str, by: Person) -> None:
        self.click(lambda: mitigate.propose(self.house.tools, "i1", revision, by=by))

    @rule(which=WHICH, by=PEOPLE)
    def approve(self, which: int, by: Person) -> None:
        id_ = self.some(which)
        held = self.house.incident("i1").mitigations.get(id_)
        digest = held.plan.digest if held else ""
        self.click(lambda: mitigate.approve(self.house.tools, "i1", id_, by=by, digest=digest))

    @rule(which=WHICH, by=PEOPLE, how=st.sampled_from(["decline", "leave", "worked", "glass"]))
    def another_button(self, which: int, by: Person, how: str) -> None:
        tools, id_ = self.house.tools, self.some(which)
        match how:
            case "decline":
                self.click(lambda: mitigate.decline(tools, "i1", id_, by=by))
            case "leave":
                self.click(lambda: carry_out.leave(tools, "i1", id_, by=by))
            case "worked":
                self.click(lambda: carry_out.it_worked(tools, "i1", id_, by=by))
            case "glass":
                self.click(
                    lambda: mitigate.break_glass(
                        tools, "i1", id_, by=by, typed="lms", reason="nobody answers"
                    )
                )

    @rule(which=WHICH, by=PEOPLE)
    def undo(self, which: int, by: Person) -> None:
        self.click(lambda: mitigate.undo(self.house.tools, "i1", self.some(which), by=by))

    @rule(how=st.sampled_from(SENDING))
    def the_next_request_goes(self, how: str) -> None:
        self.production.on_execute.append(how)

    @rule(how=st.sampled_from(["crash", "down", "waiting", "waiting", "refused"]))
    def the_next_preparation_goes(self, how: str) -> None:
        self.production.on_prepare.append(how)

    @rule(how=st.sampled_from(["crash", "down", "unknown"]))
    def the_next_look_goes(self, how: str) -> None:
        self.production.on_look.append(how)

    @rule()
    def dies_before_the_end_is_written(self) -> None:
        def die() -> None:
            raise SimulatedCrash

        self.house.before_finish = die

    @rule()
    def restart(self) -> None:
        self.house.restart()
        self.work()

    @rule(live=st.sampled_from(["r142", "r143"]))
    def somebody_deploys(self, live: str) -> None:
        self.production.live = live

    @rule(well=st.booleans())
    def users_are(self, well: bool) -> None:
        self.production.verdict = HEALTHY if well else Unhealthy(why="still 11%")

    @rule(seconds=st.sampled_from([3, 15, 400, 1000]))
    def time_passes(self, seconds: float) -> None:
        end = self.clock.now() + timedelta(seconds=seconds)
        for _ in range(10):
            try:
                self.house.forward(seconds=(end - self.clock.now()).total_seconds())
            except SimulatedCrash:
                self.house.before_finish = lambda: None
                self.house.restart()
            else:
                break
        self.production.land()

    @invariant()
    def at_most_once_for_each_approval(self) -> None:
        attempts = [effect.attempt.rsplit(".", 1)[0] for effect in self.production.effects]
        assert len(attempts) == len(set(attempts))

    @invariant()
    def only_what_was_approved_in_time(self) -> None:
        entries = self.house.store.entries("i1")
        approved = {
            e.fact.mitigation: e for e in entries if isinstance(e.fact, MitigationApproved)
        }
        proposed = {
            e.fact.mitigation: e.fact for e in entries if isinstance(e.fact, MitigationProposed)
        }
        for effect in self.production.effects:
            mitigation = effect.attempt.split(".")[1]
            agreed, asked = approved[mitigation], proposed[mitigation]
            assert isinstance(agreed.fact, MitigationApproved)
            assert agreed.fact.digest == effect.plan.digest
            assert agreed.at < asked.expires_at
            assert effect.at < agreed.at + asked.quorum.expires
            assert effect.live_before == effect.plan.live
            alone = agreed.fact.by.same(asked.by)
            assert not (alone and asked.quorum.wants_another and not agreed.fact.broke_glass)

    @invariant()
    def the_card_never_says_that_nothing_was_sent_when_it_was(self) -> None:
        held = self.house.incident("i1").mitigations
        for effect in self.production.effects:
            state = held[effect.attempt.split(".")[1]]
            assert state.sent or state.stage in {S.STARTED, S.STUCK, S.UNDONE} or state.left_to


Rollbacks.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestRollbacks = Rollbacks.TestCase
