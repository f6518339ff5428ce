"""Who may agree to a change to production, for how long, and how it ends when nobody does."""

from __future__ import annotations

import pytest

from bot.domain.errors import Refused
from bot.domain.events import ApproverAsked, MitigationApproved
from bot.domain.incident import Incident
from bot.domain.mitigation import MitigationStage
from bot.domain.policy import Quorum
from tests.domain.incidents import ALONE, ON_CALL, TOGETHER, approved, incident, plan, wait
from tests.doubles.people import ANA, BEN

S = MitigationStage


def glass(of: Incident, made: str, *, typed: str = "lms", reason: str = "nobody answers") -> None:
    digest = of.mitigation(made).plan.digest
    of.break_glass(made, by=ANA, digest=digest, typed=typed, reason=reason)


def test_the_proposer_cannot_approve_a_high_risk() -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=TOGETHER)
    with pytest.raises(Refused, match="other than the proposer"):
        i.approve(made, by=ANA, groups=ON_CALL, digest=plan().digest)


def test_the_on_call_approves_a_low_risk_alone() -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=ALONE)
    i.approve(made, by=ANA, groups=ON_CALL, digest=plan().digest)
    assert i.mitigation(made).stage is S.APPROVED


def test_who_is_in_none_of_the_groups_cannot_approve() -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=TOGETHER)
    with pytest.raises(Refused, match="on-call or commander"):
        i.approve(made, by=BEN, groups=frozenset({"responder"}), digest=plan().digest)


def test_an_approval_of_another_plan_is_refused() -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=TOGETHER)
    with pytest.raises(Refused, match="another plan"):
        i.approve(made, by=BEN, groups=ON_CALL, digest=plan("r140").digest)


def test_a_proposal_expires() -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=TOGETHER)
    wait(i, minutes=15)
    with pytest.raises(Refused, match="expired at 12:15 UTC"):
        i.approve(made, by=BEN, groups=ON_CALL, digest=plan().digest)
    assert i.expire(made)
    assert i.mitigation(made).stage is S.EXPIRED


def test_a_proposal_does_not_expire_early() -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=TOGETHER)
    wait(i, minutes=14)
    assert not i.expire(made)


def test_an_approval_works_once() -> None:
    i = incident()
    made = approved(i)
    with pytest.raises(Refused, match="already approved by Ben Okafor"):
        i.approve(made, by=BEN, groups=ON_CALL, digest=plan().digest)


def test_an_approval_that_was_not_used_in_time_lapses() -> None:
    i = incident()
    made = approved(i)
    wait(i, minutes=15)
    assert i.lapse(made)
    assert i.mitigation(made).stage is S.VOIDED
    assert i.released


def test_an_approval_in_time_does_not_lapse() -> None:
    i = incident()
    made = approved(i)
    wait(i, minutes=14)
    assert not i.lapse(made)


def test_an_old_approval_starts_nothing() -> None:
    i = incident()
    made = approved(i)
    i.prepare(made)
    wait(i, minutes=15)
    with pytest.raises(Refused, match="too old"):
        i.start(made, ())


def test_what_drifted_is_void_and_cannot_be_approved() -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=TOGETHER)
    i.void(made, "It runs r143 now.")
    with pytest.raises(Refused, match="already voided"):
        i.approve(made, by=BEN, groups=ON_CALL, digest=plan().digest)


def test_what_was_declined_cannot_be_approved() -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=TOGETHER)
    i.decline(made, by=BEN, why="roll forward")
    with pytest.raises(Refused, match="already declined"):
        i.approve(made, by=BEN, groups=ON_CALL, digest=plan().digest)


def test_proposing_the_same_again_gives_the_first_one_back() -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=TOGETHER)
    assert i.propose(plan(), by=BEN, quorum=TOGETHER) == made


def test_the_glass_breaks_after_five_minutes_without_an_answer() -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=TOGETHER)
    with pytest.raises(Refused, match="until 12:05 UTC"):
        glass(i, made)
    wait(i, minutes=5)
    glass(i, made)
    fact = i.pending[-1].fact
    assert isinstance(fact, MitigationApproved)
    assert fact.broke_glass == "nobody answers"


@pytest.mark.parametrize(
    ("typed", "reason", "said"),
    [("auth", "x", "Type the service's name, lms"), ("LMS ", " ", "needs a reason")],
)
def test_breaking_glass_needs_the_name_and_a_reason(typed: str, reason: str, said: str) -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=TOGETHER)
    wait(i, minutes=6)
    with pytest.raises(Refused, match=said):
        glass(i, made, typed=typed, reason=reason)


def test_only_the_proposer_breaks_glass() -> None:
    i = incident()
    made = i.propose(plan(), by=BEN, quorum=TOGETHER)
    wait(i, minutes=6)
    with pytest.raises(Refused, match="you can approve it"):
        glass(i, made)


def test_policy_may_forbid_to_break_glass() -> None:
    i = incident()
    never = Quorum(wants_another=True, approvers=("on-call",), break_glass_after=None)
    made = i.propose(plan(), by=ANA, quorum=never)
    wait(i, minutes=6)
    with pytest.raises(Refused, match="nobody to do this alone"):
        glass(i, made)


def test_what_cannot_be_undone_wants_a_second_page_before_the_glass_breaks() -> None:
    i = incident()
    made = i.propose(plan(undoable=False), by=ANA, quorum=TOGETHER)
    wait(i, minutes=6)
    with pytest.raises(Refused, match="page a second person first"):
        glass(i, made)
    i.record(ApproverAsked(mitigation=made, person=BEN, by=ANA, paged=False))
    with pytest.raises(Refused, match="page a second person first"):
        glass(i, made)
    i.record(ApproverAsked(mitigation=made, person=BEN, by=ANA, paged=True))
    glass(i, made)
    assert i.mitigation(made).stage is S.APPROVED


def test_the_glass_does_not_break_on_an_expired_proposal() -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=TOGETHER)
    wait(i, minutes=16)
    with pytest.raises(Refused, match="expired"):
        glass(i, made)
