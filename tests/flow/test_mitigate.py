"""Proposed, agreed to, carried out once, watched; and what happens when that is cut short."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import Refused
from bot.domain.events import (
    LeftoverBlocked,
    LeftoverCleared,
    LeftoverReminded,
    MitigationsFrozen,
    RevertOpened,
)
from bot.domain.incident import HOUSE, MitigationState, Stage
from bot.domain.mitigation import Cleared, MitigationStage, StillThere
from bot.flow import aftercare, carry_out, mitigate
from tests.doubles.house import House
from tests.doubles.pages import paged
from tests.doubles.people import ANA, BEN, KENJI
from tests.doubles.production import HEALTHY, Production, Rollback, SimulatedCrash
from tests.timeline.ledgers import HandClock

S = MitigationStage


@pytest.fixture
def production(house: House, clock: HandClock) -> Production:
    made = Production(clock=clock)
    house.world.mitigations["rollback"] = Rollback(made)
    house.restart()
    return made


@pytest.fixture
def made(house: House, production: Production) -> str:
    house.world.pager.on_duty = ("ana@demo.example", "ben@demo.example")
    found = paged(house)
    house.work()
    return found


def agreed(house: House, made: str, target: str = "r141") -> str:
    """Proposed and approved, and nothing carried out yet."""
    id_ = mitigate.propose(house.tools, made, target, by=ANA)
    digest = house.incident(made).mitigation(id_).plan.digest
    mitigate.approve(house.tools, made, id_, by=BEN, digest=digest)
    return id_


def state(house: House, made: str, id_: str) -> MitigationState:
    return house.incident(made).mitigation(id_)


def test_an_approved_rollback_is_carried_out_and_proven(
    house: House, production: Production, made: str
) -> None:
    id_ = agreed(house, made)
    house.work()
    production.verdict = HEALTHY
    house.forward(seconds=30)
    assert production.live == "r141"
    assert state(house, made, id_).stage is S.VERIFIED
    assert house.incident(made).stage is Stage.ANALYSIS


def test_without_a_target_the_suggestion_is_proposed(house: House, made: str) -> None:
    id_ = mitigate.propose(house.tools, made, "", by=ANA)
    assert state(house, made, id_).plan.target == "r141"


def test_a_drift_at_the_click_voids_the_proposal(
    house: House, production: Production, made: str
) -> None:
    id_ = mitigate.propose(house.tools, made, "r141", by=ANA)
    digest = state(house, made, id_).plan.digest
    production.live = "r143"
    mitigate.approve(house.tools, made, id_, by=BEN, digest=digest)
    assert state(house, made, id_).stage is S.VOIDED
    assert "now it runs r143" in state(house, made, id_).why


GONE = "lms:r141 is gone from registry.example"


def test_an_image_that_is_gone_at_the_click_voids_the_proposal(
    house: House, production: Production, made: str
) -> None:
    id_ = mitigate.propose(house.tools, made, "r141", by=ANA)
    production.missing = (GONE,)
    digest = state(house, made, id_).plan.digest
    mitigate.approve(house.tools, made, id_, by=BEN, digest=digest)
    assert state(house, made, id_).stage is S.VOIDED
    assert state(house, made, id_).why.startswith(GONE)


def test_an_image_that_was_said_to_be_gone_does_not_void_what_was_agreed_to_knowing_it(
    house: House, production: Production, made: str
) -> None:
    production.missing = (GONE,)
    id_ = agreed(house, made)
    assert state(house, made, id_).stage is S.APPROVED


def test_a_registry_that_is_silent_at_the_click_voids_nothing(
    house: House, production: Production, made: str
) -> None:
    production.missing = (GONE,)
    id_ = mitigate.propose(house.tools, made, "r141", by=ANA)
    production.missing = ()
    digest = state(house, made, id_).plan.digest
    mitigate.approve(house.tools, made, id_, by=BEN, digest=digest)
    assert state(house, made, id_).stage is S.APPROVED


def test_a_drift_after_the_click_changes_nothing(
    house: House, production: Production, made: str
) -> None:
    id_ = agreed(house, made)
    production.live = "r143"
    house.work()
    assert production.effects == []
    assert (state(house, made, id_).stage, state(house, made, id_).sent) == (S.FAILED, False)


def test_who_may_approve_is_asked_at_the_click(
    house: House, production: Production, made: str
) -> None:
    id_ = mitigate.propose(house.tools, made, "r141", by=ANA)
    house.world.pager.on_duty = ("ana@demo.example",)
    digest = state(house, made, id_).plan.digest
    with pytest.raises(Refused, match="none of these"):
        mitigate.approve(house.tools, made, id_, by=BEN, digest=digest)


def test_a_proposal_expires_by_itself(house: House, made: str) -> None:
    id_ = mitigate.propose(house.tools, made, "r141", by=ANA)
    house.forward(minutes=16)
    assert state(house, made, id_).stage is S.EXPIRED


def test_an_approval_that_waited_too_long_sends_nothing(
    house: House, production: Production, made: str
) -> None:
    production.on_prepare.extend(["waiting"] * 400)
    id_ = agreed(house, made)
    house.forward(minutes=16)
    assert production.effects == []
    assert state(house, made, id_).stage is S.VOIDED
    assert agreed(house, made) != id_


def test_an_approval_from_before_a_long_outage_sends_nothing(
    house: House, production: Production, clock: HandClock, made: str
) -> None:
    id_ = agreed(house, made)
    clock.forward(timedelta(minutes=20))
    house.restart()
    house.work()
    assert production.effects == []
    assert state(house, made, id_).stage is S.VOIDED


def test_a_short_outage_delays_what_was_approved(
    house: House, production: Production, clock: HandClock, made: str
) -> None:
    id_ = agreed(house, made)
    clock.forward(timedelta(minutes=2))
    house.restart()
    house.work()
    assert state(house, made, id_).stage is S.UNDERWAY
    assert len(production.effects) == 1


def test_not_sent_is_tried_again_under_the_same_approval(
    house: House, production: Production, made: str
) -> None:
    production.on_execute.extend(["not sent", "not sent"])
    id_ = agreed(house, made)
    house.forward(seconds=10)
    assert len(production.effects) == 1
    assert len(state(house, made, id_).attempts) == 3


@pytest.mark.parametrize("ending", ["lost answer", "crash after", "crash in flight"])
def test_what_arrived_without_an_answer_is_adopted(
    house: House, production: Production, made: str, ending: str
) -> None:
    production.on_execute.append(ending)
    id_ = agreed(house, made)
    try:
        house.work()
    except SimulatedCrash:
        house.restart()
    house.forward(seconds=30)
    assert len(production.effects) == 1
    assert (state(house, made, id_).stage, state(house, made, id_).adopted) == (S.UNDERWAY, True)


@pytest.mark.parametrize("ending", ["unanswered", "crash before"])
def test_what_nobody_knows_is_stuck_and_never_sent_again(
    house: House, production: Production, made: str, ending: str
) -> None:
    production.on_execute.append(ending)
    id_ = agreed(house, made)
    try:
        house.work()
    except SimulatedCrash:
        house.restart()
    house.forward(minutes=3)
    assert production.effects == []
    assert state(house, made, id_).shows == "it runs r142"


def stuck(house: House, production: Production, made: str) -> str:
    production.on_execute.append("lost answer")
    production.on_look.append("unknown")
    id_ = agreed(house, made)
    house.forward(seconds=30)
    assert state(house, made, id_).stage is S.STUCK
    return id_


def test_a_stuck_one_that_worked_is_verified_from_there(
    house: House, production: Production, made: str
) -> None:
    id_ = stuck(house, production, made)
    production.verdict = HEALTHY
    carry_out.it_worked(house.tools, made, id_, by=BEN)
    house.forward(seconds=30)
    assert state(house, made, id_).stage is S.VERIFIED


def test_a_stuck_one_is_undone(house: House, production: Production, made: str) -> None:
    id_ = stuck(house, production, made)
    back = mitigate.undo(house.tools, made, id_, by=ANA)
    digest = state(house, made, back).plan.digest
    mitigate.approve(house.tools, made, back, by=BEN, digest=digest)
    production.verdict = HEALTHY
    house.forward(seconds=30)
    assert (production.live, state(house, made, id_).stage) == ("r142", S.UNDONE)
    with pytest.raises(Refused, match="undone already"):
        mitigate.undo(house.tools, made, id_, by=ANA)


def test_a_stuck_one_is_left_to_a_person(house: House, production: Production, made: str) -> None:
    id_ = stuck(house, production, made)
    carry_out.leave(house.tools, made, id_, by=KENJI)
    assert state(house, made, id_).left_to == KENJI


def test_nothing_is_carried_out_while_mitigations_are_frozen(
    house: House, production: Production, made: str
) -> None:
    id_ = agreed(house, made)
    house.record(HOUSE, MitigationsFrozen(by=BEN, frozen=True))
    house.work()
    assert production.effects == []
    assert "frozen by Ben Okafor" in state(house, made, id_).why


def test_paging_a_second_person_goes_through_the_pager(house: House, made: str) -> None:
    id_ = mitigate.propose(house.tools, made, "r100", by=ANA)
    mitigate.page_second(house.tools, made, id_, BEN, by=ANA)
    house.work()
    assert house.world.pager.done("request_responder") == [("request_responder", "Q1", "PBEN")]
    assert state(house, made, id_).second_paged


def test_those_who_could_approve_are_named_without_the_proposer(house: House, made: str) -> None:
    id_ = mitigate.propose(house.tools, made, "r100", by=ANA)
    incident = house.incident(made)
    assert mitigate.who_could_approve(house.tools, incident, incident.mitigation(id_)) == (BEN,)


def left_over(house: House, production: Production, made: str) -> None:
    production.left = StillThere(shows="auto-sync off")
    agreed(house, made)
    house.work()
    production.verdict = HEALTHY
    house.forward(seconds=30)


def test_a_leftover_is_reminded_of_and_clears_itself(
    house: House, production: Production, made: str
) -> None:
    left_over(house, production, made)
    house.forward(hours=9)
    assert len(house.facts(made, LeftoverReminded)) == 2
    production.left = Cleared(shows="auto-sync on")
    house.forward(minutes=6)
    assert house.incident(made).standing_leftovers == ()


def test_a_leftover_is_put_back_on_request(
    house: House, production: Production, made: str
) -> None:
    left_over(house, production, made)
    (left,) = house.incident(made).standing_leftovers
    aftercare.clear_leftover(house.tools, made, left.id, by=KENJI)
    house.work()
    assert production.put_back == 1
    assert house.facts(made, LeftoverCleared)


def test_what_git_would_break_again_is_not_put_back_but_reverted(
    house: House, production: Production, made: str
) -> None:
    left_over(house, production, made)
    production.left = StillThere(shows="off", blocked="git deploys r142", offer="revert")
    (left,) = house.incident(made).standing_leftovers
    aftercare.clear_leftover(house.tools, made, left.id, by=KENJI)
    house.work()
    assert production.put_back == 0
    assert house.facts(made, LeftoverBlocked)
    aftercare.ask_to_revert(house.tools, made, by=KENJI, leftover=left.id)
    house.work()
    assert house.facts(made, RevertOpened)
    assert house.world.forge.done("revert_pull_request") == [
        ("revert_pull_request", "lms", "r142", "r141")
    ]
