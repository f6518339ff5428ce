"""A restart on EC2: machines replaced by new ones of the same version, against real boto3 and moto."""

import pytest

from bot.domain.errors import Refused
from bot.domain.mitigation import Receipt, Settled, TooEarly, Unhealthy, Unknown, Untouched
from bot.mitigations.group_restart import RestartGroup
from tests.mitigations.clouds import (
    ATTEMPT,
    INCIDENT,
    carried_out,
    denied,
    lost,
    plan_of,
    seen,
    tools_of,
    undo_of,
)
from tests.mitigations.groups import CATALOG, FORUMS, Group


@pytest.fixture
def group(aws):
    return Group(aws)


@pytest.fixture
def tools(aws, account, group):
    return tools_of(aws, account, CATALOG)


@pytest.fixture
def kind():
    return RestartGroup(where=frozenset({"production"}))


def test_all_machines_are_offered_to_be_replaced(kind, tools):
    (offer,) = kind.offers(tools, FORUMS, before=None)
    assert offer.title == "Replace the 4 machines of legacy-forums, a few at a time"


def test_machines_are_replaced_on_the_version_they_are_on(aws, kind, tools, group):
    plan = plan_of(tools, kind, FORUMS, "restart")
    receipt = carried_out(tools, kind, plan)
    (call,) = aws.calls("StartInstanceRefresh")
    assert call["session"] == INCIDENT
    assert isinstance(kind.verify(tools, plan, receipt), TooEarly)
    assert isinstance(seen(aws, tools, kind, plan, receipt), Settled)
    assert (group.version(), group.refreshes()) == ("2", ["Successful"])


def test_a_group_that_follows_the_latest_version_may_bring_another_one(kind, tools, group):
    group.set("$Latest")
    plan = plan_of(tools, kind, FORUMS, "restart")
    assert any("follows $Latest" in each for each in plan.risk_reasons)


def test_while_a_refresh_runs_nothing_is_planned(kind, tools, group):
    group.refresh("3")
    with pytest.raises(Refused, match="an instance refresh is at"):
        plan_of(tools, kind, FORUMS, "restart")


def test_a_refresh_that_others_started_meanwhile_is_refused(kind, tools, group):
    plan = plan_of(tools, kind, FORUMS, "restart")
    group.refresh("3")
    with pytest.raises(Refused, match="another refresh"):
        carried_out(tools, kind, plan)
    assert group.refreshes() == ["Pending"]


def test_a_target_makes_no_sense(kind, tools):
    with pytest.raises(Refused, match="no target “v1”"):
        plan_of(tools, kind, FORUMS, "v1")


def test_a_missing_right_is_told_plainly(aws, kind, tools):
    plan = plan_of(tools, kind, FORUMS, "restart")
    why = denied(aws, tools, kind, plan, "StartInstanceRefresh")
    assert "lacks autoscaling:StartInstanceRefresh" in why


def test_a_lost_answer_is_found_again(aws, kind, tools):
    plan = plan_of(tools, kind, FORUMS, "restart")
    lost(aws, tools, kind, plan, "StartInstanceRefresh", "drop_after")
    found = kind.look(tools, plan, ATTEMPT)
    assert isinstance(found, Receipt)
    assert isinstance(seen(aws, tools, kind, plan, found), Settled)


def test_a_lost_request_left_nothing_behind(aws, kind, tools):
    plan = plan_of(tools, kind, FORUMS, "restart")
    lost(aws, tools, kind, plan, "StartInstanceRefresh", "drop_before")
    assert isinstance(kind.look(tools, plan, ATTEMPT), Untouched)


def test_a_refresh_to_another_version_is_not_taken_for_ours(kind, tools, group):
    plan = plan_of(tools, kind, FORUMS, "restart")
    group.refresh("3")
    assert isinstance(kind.look(tools, plan, ATTEMPT), Unknown)


def test_a_refresh_that_was_cancelled_is_not_recovered(aws, kind, tools, group):
    plan = plan_of(tools, kind, FORUMS, "restart")
    receipt = carried_out(tools, kind, plan)
    group.scaling.cancel_instance_refresh(AutoScalingGroupName=FORUMS.asg)
    verdict = seen(aws, tools, kind, plan, receipt)
    assert isinstance(verdict, Unhealthy)
    assert "ended as Cancelled" in verdict.why


def test_the_undo_stops_what_is_under_way(aws, kind, tools, group):
    plan = plan_of(tools, kind, FORUMS, "restart")
    receipt = carried_out(tools, kind, plan)
    undo = undo_of(tools, kind, plan, receipt)
    assert undo.interrupts == "the replacing that is under way"
    assert isinstance(seen(aws, tools, kind, undo, carried_out(tools, kind, undo)), Settled)
    assert group.refreshes() == ["Cancelled"]


def test_after_its_end_there_is_nothing_to_take_back(aws, kind, tools):
    plan = plan_of(tools, kind, FORUMS, "restart")
    receipt = carried_out(tools, kind, plan)
    assert isinstance(seen(aws, tools, kind, plan, receipt), Settled)
    with pytest.raises(Refused, match="nothing to take back"):
        undo_of(tools, kind, plan, receipt)
