"""How an incident ends and is taken up again, and what others are told meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import Refused
from bot.domain.events import (
    AcknowledgeAsked,
    LeftoverBlocked,
    LeftoverCleared,
    LeftoverNoted,
    PageAcknowledged,
    PageMerged,
    PagerActFailed,
    PageUnacknowledged,
    PublicUpdateFailed,
    PublicUpdatePosted,
    Role,
    WatchConcluded,
)
from bot.domain.incident import Incident, Stage
from bot.domain.mitigation import Measure, MitigationStage
from bot.domain.severity import Severity
from bot.domain.update import PublicStatus, PublicUpdate, StatusPagePost, Update
from tests.domain.incidents import (
    TOGETHER,
    incident,
    paged_incident,
    plan,
    started,
    verified,
    wait,
)
from tests.doubles.people import ANA, BEN, MAYA
from tests.timeline.ledgers import NOON

LATER = NOON + timedelta(minutes=30)
POST = StatusPagePost(id="sp1", address="https://status.example/1", status="investigating")


def public(status: PublicStatus = PublicStatus.INVESTIGATING) -> PublicUpdate:
    return PublicUpdate(title="Problems with Courses", status=status, body="We look into it.")


def proven_by_hand(of: Incident) -> None:
    watch = of.watch("restarted", by=ANA, baseline=Measure(source="New Relic", at=NOON))
    wait(of, minutes=4)
    of.record(WatchConcluded(watch=watch, recovered=True, evidence="11% → 0.2%"))


def test_resolving_wants_proof_or_a_reason() -> None:
    i = incident()
    with pytest.raises(Refused, match="Nothing proves yet"):
        i.resolve(by=ANA, how="looks fine")
    i.resolve(by=ANA, how="looks fine", unverified_because="no metrics for it")
    assert (i.stage, i.unverified_because) == (Stage.RESOLVED, "no metrics for it")


def test_proof_makes_the_reason_needless() -> None:
    i = incident()
    verified(i)
    i.resolve(by=ANA, how="rolled back", unverified_because="whatever")
    assert i.unverified_because == ""


def test_a_fix_made_by_hand_that_was_verified_is_proof() -> None:
    i = incident()
    proven_by_hand(i)
    i.resolve(by=ANA, how="restarted")
    assert i.stage is Stage.RESOLVED


def test_resolving_waits_for_what_is_under_way() -> None:
    i = incident()
    started(i)
    with pytest.raises(Refused, match="wait for its verdict"):
        i.resolve(by=ANA, how="x", unverified_because="y")


def test_resolving_voids_what_was_proposed_and_never_approved() -> None:
    i = incident()
    made = i.propose(plan(), by=ANA, quorum=TOGETHER)
    i.resolve(by=ANA, how="looks fine", unverified_because="no metrics for it")
    assert i.mitigation(made).stage is MitigationStage.VOIDED


def test_it_is_resolved_once() -> None:
    i = incident()
    i.resolve(by=ANA, how="x", unverified_because="y")
    with pytest.raises(Refused, match="Already resolved at 12:00 UTC"):
        i.resolve(by=BEN, how="x", unverified_because="y")


def test_after_reopening_the_old_proof_does_not_count() -> None:
    i = incident()
    verified(i)
    i.resolve(by=ANA, how="rolled back")
    wait(i, minutes=5)
    i.reopen("errors again", by=BEN)
    with pytest.raises(Refused, match="Nothing proves yet"):
        i.resolve(by=ANA, how="rolled back")


def test_proof_from_after_the_reopening_counts() -> None:
    i = incident()
    verified(i)
    i.resolve(by=ANA, how="rolled back")
    wait(i, minutes=5)
    i.reopen("errors again", by=BEN)
    proven_by_hand(i)
    i.resolve(by=ANA, how="restarted")
    assert i.proven == "11% → 0.2%"


def test_the_newest_proof_is_the_one_that_is_told() -> None:
    i = incident()
    proven_by_hand(i)
    wait(i, minutes=1)
    verified(i)
    assert i.proven == "11.4% → 0.2%"


def test_a_reopened_incident_gets_its_postmortem_written_again() -> None:
    i = incident()
    i.resolve(by=ANA, how="x", unverified_because="y")
    i.ask_for_postmortem(by=None)
    i.reopen("errors again", by=BEN)
    assert not i.postmortem_asked


def test_what_is_open_cannot_be_reopened() -> None:
    with pytest.raises(Refused, match="It is open"):
        incident().reopen("x", by=ANA)


def test_mitigated_moves_on_to_root_cause_analysis_once() -> None:
    i = incident()
    i.mitigate("rolled back", by=ANA)
    assert i.stage is Stage.ANALYSIS
    with pytest.raises(Refused, match="Already mitigated"):
        i.mitigate("again", by=BEN)


def test_the_stage_follows_the_page() -> None:
    i = paged_incident()
    before = i.stage
    i.record(PageAcknowledged(page="Q1", by_name="Ana Lima"))
    assert (before, i.stage) == (Stage.ALERT, Stage.TRIAGE)


def test_a_merged_page_is_not_a_resolved_incident() -> None:
    i = paged_incident()
    i.record(PageMerged(page="Q1", into="Q2"))
    assert (i.stage, i.resolved_at) == (Stage.MERGED, None)


@pytest.mark.parametrize(
    "touch",
    [
        lambda i: i.set_severity(Severity.SEV1, by=ANA),
        lambda i: i.give_role(Role.COMMANDER, ANA, by=ANA),
        lambda i: i.add_factor("no test of the migration", by=ANA),
        lambda i: i.ask_to_acknowledge(ANA),
        lambda i: i.mitigate("restarted", by=ANA),
        lambda i: i.post_update(Update(impact="courses fail", next_at=LATER), by=ANA),
    ],
    ids=["severity", "role", "factor", "acknowledge", "mitigated", "update"],
)
def test_whatever_a_person_does_is_a_touch(touch: object) -> None:
    i = paged_incident()
    assert i.untouched()
    touch(i)  # type: ignore[operator]
    assert not i.untouched()


def test_acknowledging_is_asked_once_at_a_time() -> None:
    i = paged_incident()
    i.ask_to_acknowledge(ANA)
    with pytest.raises(Refused, match="already being told"):
        i.ask_to_acknowledge(ANA)


def test_after_a_failure_the_same_person_may_acknowledge_again() -> None:
    i = paged_incident()
    i.ask_to_acknowledge(ANA)
    i.record(PagerActFailed(page="Q1", doing="acknowledge the page", why="404", by=ANA))
    i.ask_to_acknowledge(ANA)
    assert isinstance(i.pending[-1].fact, AcknowledgeAsked)


def test_when_an_acknowledgement_ran_out_the_same_person_may_give_it_again() -> None:
    i = paged_incident()
    i.ask_to_acknowledge(ANA)
    i.record(PageAcknowledged(page="Q1", by=ANA))
    i.record(PageUnacknowledged(page="Q1"))
    i.ask_to_acknowledge(ANA)
    assert isinstance(i.pending[-1].fact, AcknowledgeAsked)


def test_every_update_names_the_next_one() -> None:
    with pytest.raises(Refused, match="names the time of the next one"):
        incident().post_update(Update(impact="courses fail"), by=ANA)


def test_an_update_is_put_off_once() -> None:
    i = incident()
    i.snooze_update(LATER, by=ANA)
    with pytest.raises(Refused, match="put off once already"):
        i.snooze_update(LATER, by=ANA)
    i.post_update(Update(impact="courses fail", next_at=LATER), by=ANA)
    i.snooze_update(LATER, by=ANA)
    assert i.snoozed


def test_posting_publicly_takes_the_free_communications_role() -> None:
    i = incident()
    i.publish(public(), by=MAYA, next_at=LATER)
    assert i.roles[Role.COMMS] == MAYA


def test_posting_publicly_takes_the_role_from_nobody() -> None:
    i = incident()
    i.give_role(Role.COMMS, MAYA, by=MAYA)
    i.publish(public(), by=ANA, next_at=LATER)
    assert i.roles[Role.COMMS] == MAYA


def test_a_public_update_names_the_next_one_unless_it_is_the_last() -> None:
    i = incident()
    with pytest.raises(Refused, match="Every public update"):
        i.publish(public(), by=MAYA, next_at=None)
    i.publish(public(PublicStatus.RESOLVED), by=MAYA, next_at=None)
    assert len(i.public) == 1


def test_one_public_post_is_on_its_way_at_a_time() -> None:
    i = incident()
    first = i.publish(public(), by=MAYA, next_at=LATER)
    with pytest.raises(Refused, match="on its way"):
        i.publish(public(), by=MAYA, next_at=LATER)
    i.record(PublicUpdateFailed(id=first, why="422", by_hand="Post it yourself."))
    second = i.publish(public(), by=MAYA, next_at=LATER)
    i.record(PublicUpdatePosted(id=second, post=POST))
    assert i.public_post == POST


def test_a_leftover_stands_until_the_world_shows_that_it_is_gone() -> None:
    i = incident()
    i.record(LeftoverNoted(leftover="l1", mitigation="m1", text="auto-sync is off", team="lms"))
    i.ask_to_clear("l1", by=ANA)
    with pytest.raises(Refused, match="Ana Lima already asked"):
        i.ask_to_clear("l1", by=BEN)
    i.record(LeftoverBlocked(leftover="l1", why="git deploys r142", offer="revert"))
    i.ask_to_clear("l1", by=BEN)
    i.record(LeftoverCleared(leftover="l1", shows="auto-sync on"))
    assert i.standing_leftovers == ()
    with pytest.raises(Refused, match="cleared already"):
        i.ask_to_clear("l1", by=BEN)


def test_the_summary_says_where_it_stands() -> None:
    i = paged_incident()
    i.give_role(Role.COMMANDER, ANA, by=ANA)
    said = i.summary()
    assert (said.stage, said.service, said.commander) == (Stage.ALERT, "lms", "Ana Lima")
    assert (said.pages, said.channel_name) == (("Q1",), "inc-x")
