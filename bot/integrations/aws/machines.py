"""Groups of machines: Auto Scaling groups and EKS managed node groups, resized and renewed."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.errors import Refused
from bot.domain.machines import Capacity, Renewal
from bot.domain.places import Deployment
from bot.integrations.aws import node_groups
from bot.integrations.aws.account import Account
from bot.integrations.aws.group import Group, Groups, Refresh, in_service
from bot.integrations.aws.refresh_plan import STAY_UP

NODEGROUP = "nodegroup"
_SUCCESSFUL = "Successful"
_AUTOSCALED = "k8s.io/cluster-autoscaler/enabled"
_KARPENTER = "karpenter.sh/discovery"


class AwsMachines:
    """One per environment's account."""

    def __init__(self, account: Account) -> None:
        self._account, self._groups = account, Groups(account)

    def capacity(self, place: Deployment, *, doing: str) -> Capacity:
        if place.kind == NODEGROUP:
            return self._node_group(place, doing)
        if not place.asg:
            raise Refused(f"{place.ref} has no Auto Scaling group in the catalog.")
        group = self._groups.group(place.asg, doing=doing)
        refreshes = self._groups.refreshes(group.name, doing=doing)
        running = next((each for each in refreshes if each.running), None)
        return Capacity(
            name=group.name,
            what="the Auto Scaling group",
            lowest=group.lowest,
            highest=group.highest,
            wanted=group.desired,
            ready=group.in_service,
            decider=self._policies(group.name, doing),
            busy=f"an instance refresh is at {running.percent} %" if running else "",
            trouble=_suspended(group),
            follows="" if group.written.isdigit() else group.written,
            seen=refreshes[0].id if refreshes else "",
        )

    def resize(self, now: Capacity, count: int, attempt: str, *, doing: str, by_hand: str) -> None:
        """One request; the caller has held the number to every limit, since AWS may not."""
        if now.cluster:
            self._resize_nodes(now, count, attempt, doing=doing, by_hand=by_hand)
        elif now.decider:
            self._account.write(
                "autoscaling",
                "update_auto_scaling_group",
                doing=doing,
                by_hand=by_hand,
                AutoScalingGroupName=now.name,
                MinSize=count,
            )
        else:
            self._account.write(
                "autoscaling",
                "set_desired_capacity",
                doing=doing,
                by_hand=by_hand,
                AutoScalingGroupName=now.name,
                DesiredCapacity=count,
                HonorCooldown=False,
            )

    def renew(self, now: Capacity, *, doing: str, by_hand: str) -> str:
        """New machines from what the group is written to start; the id finds it again."""
        answered = self._account.write(
            "autoscaling",
            "start_instance_refresh",
            doing=doing,
            by_hand=by_hand,
            AutoScalingGroupName=now.name,
            Preferences={"MinHealthyPercentage": STAY_UP, "SkipMatching": False},
        )
        return str(answered["InstanceRefreshId"])

    def stop_renewing(self, now: Capacity, *, doing: str, by_hand: str) -> str:
        answered = self._account.write(
            "autoscaling",
            "cancel_instance_refresh",
            doing=doing,
            by_hand=by_hand,
            AutoScalingGroupName=now.name,
        )
        return str(answered["InstanceRefreshId"])

    def renewals(self, name: str, *, doing: str) -> tuple[Renewal, ...]:
        """Newest first."""
        return tuple(_renewal(each) for each in self._groups.refreshes(name, doing=doing))

    def _policies(self, name: str, doing: str) -> str:
        found = self._account.read(
            "autoscaling", "describe_policies", doing=doing, AutoScalingGroupName=name
        )["ScalingPolicies"]
        named = [each["PolicyName"] for each in found if each.get("Enabled", True)]
        return f"its scaling policy {', '.join(named)}" if named else ""

    def _node_group(self, place: Deployment, doing: str) -> Capacity:
        shown = node_groups.shown(self._account, place, doing=doing)
        size = shown["scalingConfig"]
        names = [e["name"] for e in shown.get("resources", {}).get("autoScalingGroups", ())]
        groups = self._groups.shown(*names, doing=doing) if names else []
        return Capacity(
            name=place.identifier,
            what="the node group",
            lowest=size["minSize"],
            highest=size["maxSize"],
            wanted=size["desiredSize"],
            ready=sum(in_service(each) for each in groups) if groups else None,
            decider=_autoscaler(shown.get("tags", {})),
            # A degraded one is unwell, and nothing is being done to it.
            busy="" if shown["status"] == "DEGRADED" else node_groups.state(shown),
            trouble="; ".join(node_groups.issues(shown)),
            cluster=place.cluster,
        )

    def _resize_nodes(
        self, now: Capacity, count: int, attempt: str, *, doing: str, by_hand: str
    ) -> None:
        size = {"minSize": now.lowest, "maxSize": now.highest, "desiredSize": now.wanted}
        if now.decider:
            size |= {"minSize": count, "desiredSize": max(now.wanted, count)}
        else:
            size |= {"desiredSize": count}
        self._account.write(
            "eks",
            "update_nodegroup_config",
            doing=doing,
            by_hand=by_hand,
            clusterName=now.cluster,
            nodegroupName=now.name,
            scalingConfig=size,
            clientRequestToken=attempt,
        )


def _suspended(group: Group) -> str:
    stopped = sorted({"Launch", "Terminate"} & set(group.suspended))
    return f"scaling is suspended ({', '.join(stopped)})" if stopped else ""


def _autoscaler(tags: Mapping[str, str]) -> str:
    if tags.get(_AUTOSCALED) in ("true", "owned", "1"):
        return "the cluster autoscaler"
    return "Karpenter" if _KARPENTER in tags else ""


def _renewal(found: Refresh) -> Renewal:
    why = f": {found.why}" if found.why else ""
    return Renewal(
        id=found.id,
        running=found.running,
        done=found.status == _SUCCESSFUL,
        shown=f"{found.percent} % replaced" if found.running else f"{found.status}{why}",
        same=not found.wanted,
        ended=found.ended,
    )
