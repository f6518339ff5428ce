"""How machines are doing: Auto Scaling groups, the cluster's control plane and its node groups."""

from __future__ import annotations

from bot.domain.capacity import NodeGroup
from bot.domain.errors import Refused
from bot.domain.places import Deployment
from bot.domain.vitals import Condition, Sign, Vital
from bot.integrations.aws.account import Account

_SHOWN = 2


def scaling_group(account: Account, place: Deployment) -> Condition:
    found = account.read(
        "autoscaling",
        "describe_auto_scaling_groups",
        doing=f"read how {place.asg} is",
        AutoScalingGroupNames=[place.asg],
    )["AutoScalingGroups"]
    if not found:
        raise Refused(f"AWS has no Auto Scaling group {place.asg}: the catalog names another one.")
    shown = found[0]
    machines = shown.get("Instances", [])
    up = sum(
        each["LifecycleState"] == "InService" and each["HealthStatus"] == "Healthy"
        for each in machines
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
    issues = (shown.get("health") or {}).get("issues", [])
    status = str(shown["status"])
    return Condition(
        troubles=(
            *(() if status == "ACTIVE" else (f"it is {status.lower()}",)),
            *(str(each.get("message") or each.get("code")) for each in issues[:_SHOWN]),
        )
    )


def node_group(account: Account, place: Deployment) -> NodeGroup:
    if not place.cluster:
        raise Refused(f"The catalog does not say in which cluster {place.ref} is.")
    shown = account.read(
        "eks",
        "describe_nodegroup",
        doing=f"read how {place.identifier} is",
        clusterName=place.cluster,
        nodegroupName=place.identifier,
    )["nodegroup"]
    issues = (shown.get("health") or {}).get("issues", [])
    size, status = shown["scalingConfig"], str(shown["status"])
    return NodeGroup(
        lowest=size["minSize"],
        desired=size["desiredSize"],
        highest=size["maxSize"],
        troubles=(
            *(() if status == "ACTIVE" else (f"it is {status.lower()}",)),
            *(str(each.get("message") or each.get("code")) for each in issues[:_SHOWN]),
        ),
    )
