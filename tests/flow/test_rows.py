"""Several changes under one approval: one after the other, each only when the one before is through."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from bot.domain.catalog import Deployment
from bot.domain.errors import VendorDown
from bot.domain.events import MitigationsFrozen
from bot.domain.incident import HOUSE, MitigationState, Stage
from bot.domain.mitigation import (
    Healthy,
    Look,
    MitigationStage,
    Plan,
    Receipt,
    Unhealthy,
    Verdict,
)
from bot.domain.policy import ApprovalRule, Policy, Quorum
from bot.flow import mitigate
from bot.tools import Tools
from tests.doubles.house import House
from tests.doubles.pages import paged
from tests.doubles.people import ANA, BEN, KENJI
from tests.doubles.production import HEALTHY, Production, Rollback, SimulatedCrash
from tests.timeline.ledgers import HandClock

S = MitigationStage
ALONE = Quorum(wants_another=False, approvers=("responder",))
THROUGH = Healthy(evidence="no worse: 11.4% → 9.0%")


@dataclass(frozen=True)
class Clusters(Rollback):
    """`lms` and then `eu` and `ap`, each with a production of its own."""

    others: dict[str, Production] = field(default_factory=dict)

    def of(self, target: str) -> Production:
        return self.others.get(target.partition(":")[0], self.production)

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        mark, colon, revision = target.rpartition(":")
        one = Rollback(self.of(target)).plan(tools, deployment, revision)
        one = replace(one, target=target, title=f"{one.title} {mark}".strip())
        if colon:
            return one
        return replace(
            one,
            then=tuple(self.plan(tools, deployment, f"{name}:{target}") for name in self.others),
        )

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        deployment = Deployment(service=plan.service, environment=plan.environment)
        mark = plan.target.rpartition(":")[0] or "own"
        return self.plan(tools, deployment, f"{mark}:{plan.live}")

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        return self.of(plan.target).send(plan, attempt)

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        return self.of(plan.target).seen(attempt)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Verdict:
        return self.of(plan.target).verdict


@pytest.fixture
def clusters(house: House, clock: HandClock) -> Clusters:
    made = Clusters(
        Production(clock=clock),
        others={name: Production(clock=clock) for name in ("eu", "ap")},
    )
    house.world.mitigations["rollback"] = made
    house.restart()
    return made


@pytest.fixture
def made(house: House, clusters: Clusters) -> str:
    house.world.pager.on_duty = ("ana@demo.example", "ben@demo.example")
    found = paged(house)
    house.work()
    return found


@pytest.fixture
def first(house: House, made: str) -> str:
    """Proposed by Ana, approved by Ben, and sent to the first cluster."""
    id_ = mitigate.propose(house.tools, made, "r141", by=ANA)
    digest = house.incident(made).mitigation(id_).plan.digest
    mitigate.approve(house.tools, made, id_, by=BEN, digest=digest)
    house.work()
    return id_


def states(house: House, made: str) -> list[MitigationState]:
    return list(house.incident(made).mitigations.values())


def effects(clusters: Clusters) -> list[int]:
    return [len(each.effects) for each in (clusters.production, *clusters.others.values())]


def test_one_approval_changes_one_cluster_and_no_other(
    house: House, clusters: Clusters, made: str, first: str
) -> None:
    house.forward(minutes=5)
    assert effects(clusters) == [1, 0, 0]
    assert [each.stage for each in states(house, made)] == [S.UNDERWAY]


def test_the_next_begins_by_itself_when_the_one_before_is_through(
    house: House, clusters: Clusters, made: str, first: str
) -> None:
    clusters.production.verdict = THROUGH
    house.forward(seconds=40)
    assert effects(clusters) == [1, 1, 0]
    second = states(house, made)[1]
    assert (second.follows, second.approved_by, second.proposed_by) == (first, BEN, ANA)


def test_users_are_well_again_only_after_the_last(
    house: House, clusters: Clusters, made: str, first: str
) -> None:
    clusters.production.verdict = clusters.others["eu"].verdict = THROUGH
    house.forward(seconds=90)
    assert effects(clusters) == [1, 1, 1]
    assert house.incident(made).mitigated_at is None
    assert not house.incident(made).proven

    clusters.others["ap"].verdict = HEALTHY
    house.forward(seconds=40)
    assert house.incident(made).stage is Stage.ANALYSIS
    assert house.incident(made).proven == HEALTHY.evidence


def test_between_two_steps_the_incident_is_still_being_mitigated(
    house: House, clusters: Clusters, made: str, first: str
) -> None:
    clusters.production.verdict = THROUGH
    house.world.mitigations["rollback"] = Silent(clusters.production, others=clusters.others)
    house.restart()
    house.forward(minutes=2)
    assert house.incident(made).running == ()
    assert house.incident(made).stage is Stage.MITIGATION


def test_a_step_that_makes_it_worse_is_the_last_one(
    house: House, clusters: Clusters, made: str, first: str
) -> None:
    clusters.production.verdict = Unhealthy(why="worse: 11.4% → 40.0%")
    house.forward(minutes=5)
    assert effects(clusters) == [1, 0, 0]
    assert [each.stage for each in states(house, made)] == [S.FAILED]


def test_a_cluster_that_moved_meanwhile_is_put_before_people_again(
    house: House, clusters: Clusters, made: str, first: str
) -> None:
    clusters.others["eu"].live = "r143"
    clusters.production.verdict = THROUGH
    house.forward(minutes=2)
    second = states(house, made)[1]
    assert second.stage is S.VOIDED
    assert second.why == "It ran r142 when this was proposed; now it runs r143."
    assert effects(clusters) == [1, 0, 0]


def test_a_freeze_holds_up_the_rest(
    house: House, clusters: Clusters, made: str, first: str
) -> None:
    house.record(HOUSE, MitigationsFrozen(by=KENJI, frozen=True, why="the database fails over"))
    clusters.production.verdict = THROUGH
    house.forward(minutes=2)
    assert effects(clusters) == [1, 0, 0]
    assert "frozen by" in states(house, made)[1].why


def test_what_is_not_known_to_have_moved_is_asked_again_and_then_left_to_people(
    house: House, clusters: Clusters, made: str, first: str
) -> None:
    clusters.production.verdict = THROUGH
    house.world.mitigations["rollback"] = Silent(clusters.production, others=clusters.others)
    house.restart()
    house.forward(minutes=4)
    assert len(states(house, made)) == 1

    house.forward(minutes=3)
    second = states(house, made)[1]
    assert second.stage is S.VOIDED
    assert "could not be checked" in second.why


class Silent(Clusters):
    """Nothing can be planned any more."""

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        raise VendorDown("Argo CD", "read lms", "no answer")


def test_a_death_between_two_steps_neither_loses_nor_repeats_one(
    house: House, clusters: Clusters, made: str, first: str
) -> None:
    clusters.production.verdict = THROUGH
    for crash in (SimulatedCrash(), SimulatedCrash()):

        def dies(found: SimulatedCrash = crash) -> None:
            raise found

        house.before_finish = dies
        with pytest.raises(SimulatedCrash):
            house.forward(seconds=30)
        house.before_finish = lambda: None
        house.restart()
    house.forward(minutes=1)
    assert effects(clusters) == [1, 1, 0]


def test_the_approval_is_for_the_whole_row(house: House, clusters: Clusters, made: str) -> None:
    id_ = mitigate.propose(house.tools, made, "r141", by=ANA)
    digest = house.incident(made).mitigation(id_).plan.digest
    clusters.others["ap"].live = "r143"
    mitigate.approve(house.tools, made, id_, by=BEN, digest=digest)
    assert states(house, made)[0].stage is S.VOIDED


def test_a_step_that_is_undone_ends_the_row_there(
    house: House, clusters: Clusters, made: str, first: str
) -> None:
    clusters.production.verdict = Unhealthy(why="worse: 11.4% → 40.0%")
    house.forward(minutes=1)
    back = mitigate.undo(house.tools, made, first, by=ANA)
    digest = house.incident(made).mitigation(back).plan.digest
    mitigate.approve(house.tools, made, back, by=BEN, digest=digest)
    clusters.production.verdict = HEALTHY
    house.forward(minutes=2)
    assert states(house, made)[0].stage is S.UNDONE
    assert effects(clusters) == [2, 0, 0]


class Along(Clusters):
    """The LMS goes back with whatever goes back."""

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        one = Rollback(self.production).plan(tools, deployment, target)
        return replace(one, then=(replace(one, service="lms"),))


def test_the_strictest_rule_of_a_row_is_the_rule_for_all_of_it(
    house: House, clusters: Clusters, made: str
) -> None:
    house.world.mitigations["rollback"] = Along(clusters.production)
    house.restart()
    rules = tuple(
        ApprovalRule(tiers=(tier,), quorum=replace(ALONE, rule=f"of tier {tier}"))
        for tier in (3, 1)
    )
    house.tools = replace(house.tools, policy=Policy(approval_rules=rules))
    id_ = mitigate.propose(house.tools, made, "r141", by=ANA, service="forums")
    held = house.incident(made).mitigation(id_)
    assert (held.plan.service, held.quorum.rule) == ("forums", "of tier 1")
