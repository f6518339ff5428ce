"""More or fewer machines, against real boto3 and moto: an Auto Scaling group and an EKS node group."""

from dataclasses import replace

import pytest

from bot.domain.errors import Refused
from bot.domain.mitigation import Cleared, Receipt, Settled, StillThere, Unhealthy, Untouched
from bot.mitigations.by_place import by_name
from bot.mitigations.group_scale import ScaleGroup
from bot.mitigations.workload_scale import Scale
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
from tests.mitigations.groups import CATALOG, FORUMS, Group, NodeGroup

WHERE = frozenset({"production"})
NODES = CATALOG.deployment("nodegroup-general", "production")


@pytest.fixture
def group(aws):
    return Group(aws)


@pytest.fixture
def tools(aws, account, group):
    return tools_of(aws, account, CATALOG)


@pytest.fixture
def kind():
    return ScaleGroup(where=WHERE)


def policy(group, name="cpu-50"):
    group.scaling.put_scaling_policy(
        AutoScalingGroupName=FORUMS.asg,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": 50.0,
        },
    )


def test_half_as_many_again_and_the_most_are_offered(kind, tools):
    found = kind.offers(tools, FORUMS, before=None)
    assert [each.title for each in found] == [
        "The number of machines of legacy-forums: 4 → 6",
        "The number of machines of legacy-forums: 4 → 8",
    ]


def test_the_plan_is_exact_and_says_who_owns_the_number(kind, tools):
    plan = plan_of(tools, kind, FORUMS, "6")
    (row,) = plan.differences
    assert (row.what, row.before, row.after) == ("the number of machines", "4", "6")
    assert plan.owned_by == "Terraform auto-scaling in production"
    assert plan.leftovers == ("the number of machines is 6 instead of 4",)
    (written,) = plan.written
    assert written.told.startswith("`desired_capacity = 4` → `desired_capacity = 6` of ")


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("9", "2 to 8 machines"),
        ("1", "2 to 8 machines"),
        ("4", "is 4 already"),
        ("many", "no number of machines"),
        ("-3", "no number of machines"),
    ],
)
def test_what_lies_outside_of_its_limits_is_refused_by_us(kind, tools, target, why):
    with pytest.raises(Refused, match=why):
        plan_of(tools, kind, FORUMS, target)


def test_the_catalog_may_allow_fewer_than_the_group(kind, tools):
    with pytest.raises(Refused, match="2 to 5 machines"):
        plan_of(tools, kind, replace(FORUMS, scale=(1, 5)), "6")


def test_machines_are_added_and_watched_until_they_serve(aws, kind, tools):
    plan = plan_of(tools, kind, FORUMS, "6")
    receipt = carried_out(tools, kind, plan)
    (call,) = aws.calls("SetDesiredCapacity")
    assert call["session"] == INCIDENT
    verdict = seen(aws, tools, kind, plan, receipt)
    assert isinstance(verdict, Settled)
    assert verdict.evidence == "6 of 6 machines in service"


def test_where_a_scaling_policy_decides_the_minimum_is_raised(aws, kind, tools, group):
    policy(group)
    plan = plan_of(tools, kind, FORUMS, "6")
    assert plan.steps[0] == (
        "raise the minimum of prod-forums-asg: its scaling policy cpu-50 decides above it"
    )
    receipt = carried_out(tools, kind, plan)
    assert aws.calls("SetDesiredCapacity") == []
    assert isinstance(seen(aws, tools, kind, plan, receipt), Settled)
    assert undo_of(tools, kind, plan, receipt).target_label == "2"


def test_a_group_that_others_scaled_meanwhile_is_refused(kind, tools, group):
    plan = plan_of(tools, kind, FORUMS, "6")
    group.scaling.set_desired_capacity(AutoScalingGroupName=FORUMS.asg, DesiredCapacity=5)
    with pytest.raises(Refused, match="was 4, now it is 5"):
        carried_out(tools, kind, plan)


def test_while_a_refresh_runs_nothing_is_planned(kind, tools, group):
    group.refresh()
    with pytest.raises(Refused, match="an instance refresh is at"):
        plan_of(tools, kind, FORUMS, "6")


def test_a_missing_right_is_told_plainly(aws, kind, tools):
    plan = plan_of(tools, kind, FORUMS, "6")
    why = denied(aws, tools, kind, plan, "SetDesiredCapacity")
    assert "lacks autoscaling:SetDesiredCapacity" in why


def test_a_lost_answer_is_found_again_by_the_number(aws, kind, tools):
    plan = plan_of(tools, kind, FORUMS, "6")
    lost(aws, tools, kind, plan, "SetDesiredCapacity", "drop_after")
    assert isinstance(kind.look(tools, plan, ATTEMPT), Receipt)


def test_a_lost_request_left_nothing_behind(aws, kind, tools):
    plan = plan_of(tools, kind, FORUMS, "6")
    lost(aws, tools, kind, plan, "SetDesiredCapacity", "drop_before")
    assert isinstance(kind.look(tools, plan, ATTEMPT), Untouched)


def test_a_number_that_somebody_changed_again_is_not_recovered(kind, tools, group):
    plan = plan_of(tools, kind, FORUMS, "6")
    receipt = carried_out(tools, kind, plan)
    group.scaling.set_desired_capacity(AutoScalingGroupName=FORUMS.asg, DesiredCapacity=4)
    assert isinstance(kind.verify(tools, plan, receipt), Unhealthy)


def test_the_undo_goes_back_and_clears_the_left_over(aws, kind, tools):
    plan = plan_of(tools, kind, FORUMS, "6")
    receipt = carried_out(tools, kind, plan)
    assert isinstance(kind.leftover(tools, plan), StillThere)
    undo = undo_of(tools, kind, plan, receipt)
    carried_out(tools, kind, undo)
    assert kind.leftover(tools, plan) == Cleared(
        shows="the number of machines of legacy-forums is 4"
    )


def test_a_node_group_is_given_more_nodes(aws, kind, tools):
    nodes = NodeGroup(aws)
    plan = plan_of(tools, kind, NODES, "5")
    receipt = carried_out(tools, kind, plan)
    assert isinstance(seen(aws, tools, kind, plan, receipt), Settled)
    assert nodes.size() == (2, 5, 6)


def test_where_the_cluster_autoscaler_decides_the_minimum_of_nodes_is_raised(aws, kind, tools):
    nodes = NodeGroup(aws, **{"k8s.io/cluster-autoscaler/enabled": "true"})
    with pytest.raises(Refused, match="only raised from here"):
        plan_of(tools, kind, NODES, "1")
    carried_out(tools, kind, plan_of(tools, kind, NODES, "5"))
    assert nodes.size() == (5, 5, 6)


def test_more_nodes_than_the_group_may_have_are_refused(aws, kind, tools):
    NodeGroup(aws)
    with pytest.raises(Refused, match="2 to 6 machines"):
        plan_of(tools, kind, NODES, "7")


def test_a_node_group_that_is_not_there_is_named(kind, tools):
    with pytest.raises(Exception, match="prod-eks-1"):
        plan_of(tools, kind, NODES, "5")


def test_pods_and_machines_are_scaled_under_one_name(tools):
    (both,) = by_name([Scale(where=WHERE), ScaleGroup(where=WHERE)])
    assert (both.name, both.free) == ("scale", "number of pods or number of machines")
    assert plan_of(tools, both, FORUMS, "6").system == "AWS"


def test_what_no_way_fits_is_refused(tools):
    (both,) = by_name([Scale(where=WHERE), ScaleGroup(where=frozenset())])
    with pytest.raises(Refused, match="no way that fits production/legacy-forums"):
        plan_of(tools, both, FORUMS, "6")
