"""How machines are doing: Auto Scaling groups, the cluster's control plane and its node groups."""

from __future__ import annotations

from bot.domain.capacity import NodeGroup
from bot.domain.places import Deployment
from bot.domain.vitals import Condition, Sign, Vital
from bot.integrations.aws import node_groups
from bot.integrations.aws.account import Account
from bot.integrations.aws.group import Groups


def scaling_group(account: Account, place: Deployment) -> Condition:
    shown = Groups(account).one(place.asg, doing=f"read how {place.asg} is")
    up = sum(
        each["LifecycleState"] == "InService" and each["HealthStatus"] == "Healthy"
        for each in shown.get("Instances", [])
    )
    held = ", ".join(each["ProcessName"] for each in shown.get("SuspendedProcesses", ()))
    return Condition(
        vitals=(
            Vital(
                sign=Sign.MACHINES,
                value=up,
                of=shown["DesiredCapacity"],
                basis=f"at most {shown['MaxSize']}",
            ),
        ),
        troubles=(f"suspended: {held}",) if held else (),
    )


def control_plane(account: Account, place: Deployment) -> Condition:
    shown = account.read(
        "eks", "describe_cluster", doing=f"read how {place.identifier} is", name=place.identifier
    )["cluster"]
    return Condition(troubles=_troubles(shown))


def node_group(account: Account, place: Deployment) -> NodeGroup:
    shown = node_groups.shown(account, place, doing=f"read how {place.identifier} is")
    size = shown["scalingConfig"]
    return NodeGroup(
        lowest=size["minSize"],
        desired=size["desiredSize"],
        highest=size["maxSize"],
        troubles=_troubles(shown),
    )


def _troubles(shown: node_groups.Json) -> tuple[str, ...]:
    """A cluster tells its state and its issues as its node groups do."""
    return (*filter(None, (node_groups.state(shown),)), *node_groups.issues(shown))
