"""A rollback of an Auto Scaling group against real boto3 and moto with refreshes."""

from datetime import timedelta

import pytest

from bot.domain.catalog import Driver
from bot.domain.change import ChangeKind
from bot.domain.change_merging import Ours
from bot.domain.errors import Refused
from bot.domain.mitigation import (
    Cleared,
    Receipt,
    Risk,
    Settled,
    StillThere,
    TooEarly,
    Unhealthy,
    Untouched,
    Waiting,
)
from bot.integrations.aws.refreshing import Refreshing
from bot.mitigations.rollback import Rollback
from tests.mitigations.clouds import (
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
    deployers = {("production", Driver.ASG): Refreshing(account)}
    return tools_of(aws, account, CATALOG, deployers=deployers)


@pytest.fixture
def rollback():
    return Rollback()


def test_the_version_before_is_suggested(rollback, tools):
    found = rollback.offers(tools, FORUMS, before=None)
    assert [(each.label, each.suggested, each.warning) for each in found] == [
        ("v3", False, "newer than what runs"),
        ("v1", True, ""),
    ]


def test_the_plan_is_exact_and_says_who_owns_the_template(rollback, tools, group):
    plan = plan_of(tools, rollback, FORUMS, "v1")
    assert [(d.what, d.before, d.after) for d in plan.differences] == [
        ("launch template version", "v2", "v1"),
        ("image", group.images[1], group.images[0]),
    ]
    assert plan.owned_by == "Terraform auto-scaling in production"
    assert plan.steps[0] == "replace 4 machines; 90 % stay in service"
    assert plan_of(tools, rollback, FORUMS, "1").digest == plan.digest


def test_an_image_that_is_gone_is_refused(rollback, tools, group):
    group.ec2.deregister_image(ImageId=group.images[0])
    with pytest.raises(Refused, match="does not exist any more"):
        plan_of(tools, rollback, FORUMS, "v1")


def test_a_new_refresh_to_the_old_version_is_watched_to_its_end(aws, rollback, tools, group):
    plan = plan_of(tools, rollback, FORUMS, "v1")
    receipt = carried_out(tools, rollback, plan)
    (call,) = aws.calls("StartInstanceRefresh")
    assert call["session"] == INCIDENT
    aws.advance(150)
    going = rollback.verify(tools, plan, receipt)
    assert isinstance(going, TooEarly)
    assert going.progress.endswith("machines to go")
    assert isinstance(seen(aws, tools, rollback, plan, receipt), Settled)
    assert group.version() == "1"


def test_a_running_refresh_is_turned_round(aws, rollback, tools, group):
    group.refresh("3")
    aws.advance(60)
    (offer,) = [each for each in rollback.offers(tools, FORUMS, before=None) if each.suggested]
    assert offer.label == "v2"
    plan = plan_of(tools, rollback, FORUMS, "v2")
    assert plan.interrupts == "the running refresh to v3"
    assert plan.steps == (
        "turn the running refresh round: only machines replaced so far change again",
    )
    receipt = carried_out(tools, rollback, plan)
    assert aws.calls("RollbackInstanceRefresh")[0]["status"] == 200
    assert isinstance(seen(aws, tools, rollback, plan, receipt), Settled)
    assert group.version() == "2"


def test_a_refresh_that_cannot_be_turned_is_cancelled_first(aws, rollback, tools, group):
    group.set("$Latest")
    group.refresh("3")
    plan = plan_of(tools, rollback, FORUMS, "v1")
    assert plan.steps[0] == "cancel the running refresh; what it replaced so far stays"
    assert isinstance(rollback.prepare(tools, plan, "a"), Waiting)
    receipt = carried_out(tools, rollback, plan)
    assert isinstance(seen(aws, tools, rollback, plan, receipt), Settled)
    assert group.version() == "1"
    assert group.refreshes() == ["Successful", "Cancelled"]


def test_a_group_that_moved_is_refused(rollback, tools, group):
    plan = plan_of(tools, rollback, FORUMS, "v1")
    group.set("3")
    with pytest.raises(Refused, match="the group is on v3"):
        carried_out(tools, rollback, plan)


def test_a_refresh_that_somebody_started_meanwhile_is_not_stopped(rollback, tools, group):
    plan = plan_of(tools, rollback, FORUMS, "v1")
    group.refresh("3")
    with pytest.raises(Refused, match="a refresh was started meanwhile"):
        carried_out(tools, rollback, plan)
    assert group.refreshes() == ["Pending"]


def test_a_missing_right_is_told_plainly(aws, rollback, tools, group):
    plan = plan_of(tools, rollback, FORUMS, "v1")
    why = denied(aws, tools, rollback, plan, "StartInstanceRefresh")
    assert "our role lacks autoscaling:StartInstanceRefresh" in why
    assert group.refreshes() == []


def test_a_lost_answer_is_found_again_and_watched(aws, rollback, tools, group):
    plan = plan_of(tools, rollback, FORUMS, "v1")
    lost(aws, tools, rollback, plan, "StartInstanceRefresh", "drop_after")
    found = rollback.look(tools, plan, "a")
    assert isinstance(found, Receipt)
    assert isinstance(seen(aws, tools, rollback, plan, found), Settled)


def test_a_lost_turn_is_found_again(aws, rollback, tools, group):
    group.refresh("3")
    plan = plan_of(tools, rollback, FORUMS, "v2")
    lost(aws, tools, rollback, plan, "RollbackInstanceRefresh", "drop_after")
    assert isinstance(rollback.look(tools, plan, "a"), Receipt)


def test_a_lost_request_left_nothing_behind(aws, rollback, tools, group):
    plan = plan_of(tools, rollback, FORUMS, "v1")
    lost(aws, tools, rollback, plan, "StartInstanceRefresh", "drop_before")
    assert isinstance(rollback.look(tools, plan, "a"), Untouched)


def test_a_refresh_that_was_cancelled_is_not_recovered(aws, rollback, tools, group):
    plan = plan_of(tools, rollback, FORUMS, "v1")
    receipt = carried_out(tools, rollback, plan)
    group.scaling.cancel_instance_refresh(AutoScalingGroupName=FORUMS.asg)
    verdict = seen(aws, tools, rollback, plan, receipt)
    assert isinstance(verdict, Unhealthy)
    assert "ended as Cancelled" in verdict.why


def test_the_undo_goes_forward_again_and_is_high_risk(aws, rollback, tools, group):
    plan = plan_of(tools, rollback, FORUMS, "v1")
    receipt = carried_out(tools, rollback, plan)
    aws.advance(400)
    undo = undo_of(tools, rollback, plan, receipt)
    assert (undo.target_label, undo.live_label, undo.risk) == ("v2", "v1", Risk.HIGH)
    receipt = carried_out(tools, rollback, undo)
    assert isinstance(seen(aws, tools, rollback, undo, receipt), Settled)
    assert group.version() == "2"


def test_an_undo_while_it_runs_turns_it_round(aws, rollback, tools, group):
    plan = plan_of(tools, rollback, FORUMS, "v1")
    receipt = carried_out(tools, rollback, plan)
    aws.advance(60)
    undo = undo_of(tools, rollback, plan, receipt)
    carried_out(tools, rollback, undo)
    aws.advance(200)
    assert (group.version(), group.refreshes()) == ("2", ["RollbackSuccessful"])


def test_what_is_left_over_is_the_version_it_is_held_on(aws, rollback, tools, group):
    plan = plan_of(tools, rollback, FORUMS, "v1")
    assert plan.leftovers == ("prod-forums-asg is held on v1, not on v2",)
    carried_out(tools, rollback, plan)
    aws.advance(400)
    assert isinstance(rollback.leftover(tools, plan), StillThere)
    group.set("3")
    assert rollback.leftover(tools, plan) == Cleared(shows="prod-forums-asg is on 3")


def test_a_refresh_to_no_version_is_a_restart_and_our_own_is_known_by_its_id(aws, tools, group):
    since = aws.now()
    group.refresh()
    deployer = tools.deployers["production", Driver.ASG]
    (change,) = deployer.changes([FORUMS], since=since, until=since + timedelta(days=1))
    assert (change.kind, change.after, change.reversible_by) == (ChangeKind.RESTART, "restart", "")
    (running,) = group.scaling.describe_instance_refreshes(AutoScalingGroupName=FORUMS.asg)[
        "InstanceRefreshes"
    ]
    ours = running["InstanceRefreshId"]
    assert Ours(done=(("legacy-forums", ours, change.at),)).did(change)
    assert not Ours(done=(("legacy-forums", "another-1", change.at),)).did(change)


def test_a_refresh_is_a_change_of_its_service(aws, tools, group):
    since = aws.now()
    group.refresh("3")
    deployer = tools.deployers["production", Driver.ASG]
    (change,) = deployer.changes([FORUMS], since=since, until=since + timedelta(days=1))
    assert (change.service, change.after, change.reversible_by) == (
        "legacy-forums",
        "v3",
        "rollback",
    )
