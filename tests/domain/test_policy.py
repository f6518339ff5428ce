"""Holds the policy to its table: who agrees to what, by when, and what restricted people may do."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.policy import ApprovalRule, Freeze, Grant, Policy, Quorum, Who


def test_low_risk_needs_nobody_else():
    quorum = Policy().approvals("production", 1, "rollback", "low")
    assert not quorum.wants_another
    assert Who.ON_CALL in quorum.approvers
    assert Who.COMMANDER in quorum.approvers


def test_high_risk_needs_another_person():
    assert Policy().approvals("production", 3, "rollback", "high").wants_another


def test_an_approval_expires_and_the_glass_can_be_broken_after_five_minutes():
    quorum = Policy().approvals("production", 1, "rollback", "high")
    assert quorum.expires == timedelta(minutes=15)
    assert quorum.break_glass_after == timedelta(minutes=5)


def test_what_no_rule_covers_needs_another_person():
    assert Policy(approval_rules=()).approvals("production", 1, "rollback", "low").wants_another


def test_the_first_rule_that_fits_decides():
    alone = Quorum(wants_another=False, approvers=("responder",))
    together = Quorum(wants_another=True, approvers=("commander",))
    policy = Policy(
        approval_rules=(
            ApprovalRule(environment="stag*", quorum=alone),
            ApprovalRule(tiers=(1,), mitigation="data_*", quorum=together),
            ApprovalRule(quorum=alone),
        )
    )
    assert policy.approvals("staging", 1, "data_failover", "high") is alone
    assert policy.approvals("production", 1, "data_failover", "low") is together
    assert policy.approvals("production", 2, "data_failover", "low") is alone


@pytest.mark.parametrize(("severity", "minutes"), [("SEV1", 15), ("sev2", 30), ("SEV3", 60)])
def test_the_update_clock_follows_the_severity(severity, minutes):
    assert Policy().rhythm(severity).internal_update == timedelta(minutes=minutes)


def test_sev4_is_updated_at_a_change_only():
    assert Policy().rhythm("SEV4").internal_update is None


def test_the_two_high_severities_start_a_postmortem_by_themselves():
    started = {
        severity: Policy().rhythm(severity).postmortem
        for severity in ("sev1", "sev2", "sev3", "sev4")
    }
    assert started == {"sev1": True, "sev2": True, "sev3": False, "sev4": False}


def test_a_sev1_is_reviewed_sooner_than_a_sev2():
    sev1, sev2 = Policy().rhythm("sev1").review_within, Policy().rhythm("sev2").review_within
    assert sev1 == timedelta(days=3)
    assert sev2 is not None
    assert sev1 < sev2


def test_an_unknown_severity_is_paced_like_sev3():
    assert Policy().rhythm("P7") == Policy().rhythm("sev3")


def test_guests_may_declare_and_note_and_nothing_more():
    policy = Policy()
    assert policy.may_do("guest", "declare")
    assert policy.may_do("guest", "note")
    assert not policy.may_do("guest", "approve")


def test_outsiders_may_not_even_declare():
    assert not Policy().may_do("outsider", "declare")


def test_members_are_not_limited():
    assert Policy().may_do("member", "approve")


def test_the_status_page_is_reserved_and_notes_are_not():
    assert Who.COMMS in Policy().groups_for("statuspage")
    assert Policy().groups_for("note") == ()


def test_the_last_grant_that_fits_wins():
    policy = Policy(
        grants=(
            Grant(),
            Grant(environment="production", act=False),
            Grant(environment="production", mitigations=("rollback",)),
        )
    )
    assert policy.may_act("staging", "restart")
    assert not policy.may_act("production", "restart")
    assert policy.may_act("production", "rollback")


def test_without_any_grant_the_bot_changes_nothing():
    assert not Policy(grants=()).may_act("staging", "rollback")


def test_a_freeze_covers_its_own_time_and_place():
    start = datetime(2026, 12, 20, tzinfo=UTC)
    freeze = Freeze(
        name="holidays", starts=start, ends=start + timedelta(days=10), environment="production"
    )
    policy = Policy(freezes=(freeze,))
    assert policy.freeze("production", start) is freeze
    assert policy.freeze("production", start + timedelta(days=10)) is None
    assert policy.freeze("staging", start) is None


def test_somebody_is_asked_once_after_five_minutes_without_an_acknowledgement():
    assert Policy().ack_nag == timedelta(minutes=5)
