"""One change at a time on a service, sent once, and honest about what nobody knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.errors import Refused
from bot.domain.events import ErrorsMeasured, MitigationFailed, MitigationVerified
from bot.domain.incident import Claim
from bot.domain.mitigation import Measure, MitigationStage
from tests.domain.incidents import (
    ALONE,
    ON_CALL,
    TOGETHER,
    approved,
    incident,
    plan,
    receipt,
    started,
    verified,
    wait,
)
from tests.doubles.people import ANA, BEN
from tests.timeline.ledgers import NOON

S = MitigationStage
PLACE = Claim(kind="mitigating", key="production/lms")


def test_an_approval_claims_the_service() -> None:
    i = incident()
    approved(i)
    assert i.taken == (PLACE,)


def test_a_second_change_of_a_busy_service_is_not_even_proposed() -> None:
    i = incident()
    approved(i)
    with pytest.raises(Refused, match="one change at a time on lms"):
        i.propose(plan("r140"), by=BEN, quorum=TOGETHER)


def test_of_two_proposals_only_one_is_approved() -> None:
    i = incident()
    other = i.propose(plan("r140"), by=ANA, quorum=TOGETHER)
    approved(i)
    with pytest.raises(Refused, match="one change at a time"):
        i.approve(other, by=BEN, groups=ON_CALL, digest=plan("r140").digest)


def test_another_service_may_change_meanwhile() -> None:
    i = incident()
    approved(i)
    made = i.propose(plan(service="auth"), by=ANA, quorum=TOGETHER)
    i.approve(made, by=BEN, groups=ON_CALL, digest=plan(service="auth").digest)
    assert i.mitigation(made).stage is S.APPROVED


def test_what_is_started_is_not_started_again() -> None:
    i = incident()
    made, _attempt = started(i)
    with pytest.raises(Refused, match="not started again"):
        i.start(made, ())


def test_what_was_provably_not_sent_starts_again_under_the_same_approval() -> None:
    i = incident()
    made, attempt = started(i)
    i.not_sent(made, attempt, "connection refused")
    assert i.start(made, ()) != attempt


def test_not_sent_about_an_older_attempt_changes_nothing() -> None:
    i = incident()
    made, attempt = started(i)
    i.not_sent(made, attempt, "connection refused")
    i.start(made, ())
    i.not_sent(made, attempt, "connection refused")
    assert i.mitigation(made).in_doubt


def test_what_was_sent_cannot_be_voided() -> None:
    i = incident()
    made, _attempt = started(i)
    i.void(made, "It runs r143 now.")
    assert i.mitigation(made).stage is S.STARTED


def test_a_stuck_one_is_adopted_when_it_turns_out_to_have_worked() -> None:
    i = incident()
    made, _attempt = started(i)
    i.stick(made, "it runs r141")
    i.underway(made, receipt(i), adopted=True)
    assert (i.mitigation(made).stage, i.mitigation(made).adopted) == (S.UNDERWAY, True)


def test_a_stuck_one_can_be_left_to_a_person() -> None:
    i = incident()
    made, _attempt = started(i)
    i.stick(made, "nobody knows")
    i.leave(made, by=BEN)
    assert i.mitigation(made).left_to == BEN
    assert i.released == (PLACE,)


def test_only_a_stuck_one_can_be_left() -> None:
    i = incident()
    made, _attempt = started(i)
    with pytest.raises(Refused, match="not stuck"):
        i.leave(made, by=BEN)


def test_a_stuck_one_can_be_undone() -> None:
    i = incident()
    made, _attempt = started(i)
    i.stick(made, "half of it")
    back = i.propose(plan("r142b"), by=ANA, quorum=TOGETHER, undoes=made)
    i.approve(back, by=BEN, groups=ON_CALL, digest=plan("r142b").digest)
    i.prepare(back)
    i.start(back, ())
    i.underway(back, receipt(i))
    i.conclude(MitigationVerified(mitigation=back, evidence="r142 again"))
    assert i.mitigation(made).stage is S.UNDONE
    assert i.running == ()


def test_another_change_does_not_pass_a_stuck_one() -> None:
    i = incident()
    made, _attempt = started(i)
    i.stick(made, "half of it")
    with pytest.raises(Refused, match="stuck already"):
        i.propose(plan("r140"), by=ANA, quorum=TOGETHER)


def test_the_service_stays_claimed_while_the_undone_one_is_stuck() -> None:
    i = incident()
    made, _attempt = started(i)
    i.stick(made, "half of it")
    back = i.propose(plan("r142b"), by=ANA, quorum=TOGETHER, undoes=made)
    i.approve(back, by=BEN, groups=ON_CALL, digest=plan("r142b").digest)
    i.conclude(MitigationFailed(mitigation=back, why="It moved.", sent=False))
    assert i.released == ()


def test_a_verdict_is_given_once() -> None:
    i = incident()
    made = verified(i)
    i.conclude(MitigationFailed(mitigation=made, why="still 11%"))
    assert i.mitigation(made).stage is S.VERIFIED


def test_the_end_frees_the_service() -> None:
    i = incident()
    verified(i)
    assert i.released == (PLACE,)


def test_an_undo_that_works_undoes() -> None:
    i = incident()
    made = verified(i)
    back = i.propose(plan("r142b"), by=ANA, quorum=TOGETHER, undoes=made)
    i.approve(back, by=BEN, groups=ON_CALL, digest=plan("r142b").digest)
    i.prepare(back)
    i.start(back, ())
    i.underway(back, receipt(i))
    i.conclude(MitigationVerified(mitigation=back, evidence="r142 again"))
    assert i.mitigation(made).stage is S.UNDONE


def test_progress_that_says_the_same_is_no_news() -> None:
    i = incident()
    made, _attempt = started(i)
    i.progress(made, "3 of 12")
    seq = i.seq
    i.progress(made, "3 of 12")
    assert i.seq == seq


def test_a_proposal_of_another_incident_is_refused() -> None:
    with pytest.raises(Refused, match="does not belong"):
        incident().approve("m99", by=BEN, groups=ON_CALL, digest="x")


def test_the_stage_is_mitigation_while_something_runs() -> None:
    i = incident(by=ANA)
    before = i.stage
    approved(i)
    wait(i, minutes=1)
    assert (before, i.stage) == ("triage", "mitigation")


def test_recovery_is_held_against_the_worst_that_was_measured_before_it_was_sent() -> None:
    i = incident()
    low = Measure(source="New Relic", at=NOON, error_ratio=0.002, requests=900)
    high = Measure(source="New Relic", at=NOON, error_ratio=0.114, requests=900)
    made = i.propose(replace(plan(), baseline=low), by=ANA, quorum=ALONE)
    i.record(ErrorsMeasured(now=high, normal=low))
    i.approve(made, by=ANA, groups=ON_CALL, digest=plan().digest)
    i.prepare(made)
    i.start(made, ())
    assert i.mitigation(made).plan.baseline == high
