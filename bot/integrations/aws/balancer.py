"""Traffic split by weights in a load balancer's rule: where it is written, and one request to change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.domain.errors import Refused
from bot.domain.places import Deployment
from bot.domain.traffic import EC2, EKS, Side, Split
from bot.integrations.aws.account import Account
from bot.integrations.aws.target_numbers import numbers, targets_of

HEAVIEST = 999
Json = Mapping[str, Any]


class Balancer:
    """Rules are found by the target groups that the catalog names, EC2's first."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def split(self, place: Deployment) -> Split:
        doing = f"read how traffic of {place.service} is split"
        groups = self._groups(place, doing)
        balancer = _only(groups, place)
        name, actions = self._rule(place, balancer, [g["TargetGroupArn"] for g in groups], doing)
        weights = _weights(actions)
        sides = [
            self._side(side, group, weights.get(group["TargetGroupArn"], 0), balancer)
            for side, group in zip((EC2, EKS), groups, strict=True)
        ]
        sticky = _sticky(actions)
        return Split(
            kind="alb",
            where=(name,),
            shown_as=f"the rule of {balancer.split('/')[-2]}",
            ec2=sides[0],
            eks=sides[1],
            lingers=sticky,
            lingers_by="stickiness" if sticky else "",
        )

    def shift(self, split: Split, share: int, *, doing: str, by_hand: str) -> str:
        """Every other part of the rule stays as it is."""
        (name,) = split.where
        weights = {split.ec2.group: share, split.eks.group: 100 - share}
        if not all(0 <= each <= HEAVIEST for each in weights.values()):
            raise Refused(f"A weight is a number from 0 to {HEAVIEST}. Nothing was sent.")
        actions = self._actions(name, doing)
        if _weights(actions) != {
            split.ec2.group: split.ec2.weight,
            split.eks.group: split.eks.weight,
        }:
            raise Refused("The weights were changed a moment ago. Nothing was sent; plan again.")
        changed = [_weighed(each, weights) for each in actions]
        if ":listener-rule/" in name:
            given: dict[str, Any] = {"RuleArn": name, "Actions": changed}
            self._account.write("elbv2", "modify_rule", doing=doing, by_hand=by_hand, **given)
        else:
            given = {"ListenerArn": name, "DefaultActions": changed}
            self._account.write("elbv2", "modify_listener", doing=doing, by_hand=by_hand, **given)
        return name

    def spread(self, reference: str) -> bool:
        """A load balancer takes new weights at once."""
        return True

    def _groups(self, place: Deployment, doing: str) -> list[Json]:
        found = self._account.read(
            "elbv2", "describe_target_groups", doing=doing, Names=list(place.target_groups)
        )["TargetGroups"]
        by_name = {each["TargetGroupName"]: each for each in found}
        return [by_name[name] for name in place.target_groups]

    def _rule(
        self, place: Deployment, balancer: str, groups: Sequence[str], doing: str
    ) -> tuple[str, list[Json]]:
        """The one rule that forwards to both; a listener's default counts as the listener itself."""
        found: list[tuple[str, list[Json]]] = []
        listeners = self._account.pages(
            "elbv2", "describe_listeners", doing=doing, key="Listeners", LoadBalancerArn=balancer
        )
        for listener in listeners:
            arn = listener["ListenerArn"]
            rules = self._account.pages(
                "elbv2", "describe_rules", doing=doing, key="Rules", ListenerArn=arn
            )
            for rule in rules:
                if set(groups) <= set(_weights(rule["Actions"])):
                    name = arn if rule.get("IsDefault") else rule["RuleArn"]
                    found.append((name, rule["Actions"]))
        if len(found) == 1:
            return found[0]
        how_many = f"{len(found)} rules split" if found else "No rule splits"
        raise Refused(
            f"{how_many} traffic between {' and '.join(place.target_groups)}: that cannot be"
            " changed by one request. Shift it by hand, then say what you did."
        )

    def _actions(self, name: str, doing: str) -> list[Json]:
        if ":listener-rule/" in name:
            rules = self._account.read("elbv2", "describe_rules", doing=doing, RuleArns=[name])
            return list(rules["Rules"][0]["Actions"])
        found = self._account.read("elbv2", "describe_listeners", doing=doing, ListenerArns=[name])
        return list(found["Listeners"][0]["DefaultActions"])

    def _side(self, name: str, group: Json, weight: int, balancer: str) -> Side:
        arn = group["TargetGroupArn"]
        healthy, targets = targets_of(self._account, arn)
        requests, errors, latency = numbers(self._account, arn, balancer)
        attributes = self._account.read(
            "elbv2",
            "describe_target_group_attributes",
            doing=f"read the settings of {name}",
            TargetGroupArn=arn,
        )["Attributes"]
        settings = {each["Key"]: each["Value"] for each in attributes}
        slow = settings.get("slow_start.duration_seconds", "0")
        return Side(
            name=name,
            group=arn,
            weight=weight,
            healthy=healthy,
            targets=targets,
            requests=requests,
            errors=errors,
            latency=latency,
            slow_start=timedelta(seconds=int(slow)),
        )


def _only(groups: Sequence[Json], place: Deployment) -> str:
    balancers = {arn for group in groups for arn in group.get("LoadBalancerArns", ())}
    if len(balancers) == 1:
        return str(balancers.pop())
    raise Refused(
        f"{' and '.join(place.target_groups)} do not stand behind one load balancer:"
        " which rule splits their traffic is not known. Shift it by hand."
    )


def _weights(actions: Sequence[Json]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in actions:
        for group in each.get("ForwardConfig", {}).get("TargetGroups", ()):
            found[group["TargetGroupArn"]] = int(group.get("Weight", 1))
    return found


def _sticky(actions: Sequence[Json]) -> timedelta:
    """How long a client stays with the group that it was given first."""
    for each in actions:
        held = each.get("ForwardConfig", {}).get("TargetGroupStickinessConfig", {})
        if held.get("Enabled"):
            return timedelta(seconds=int(held.get("DurationSeconds", 0)))
    return timedelta(0)


def _weighed(action: Json, weights: Mapping[str, int]) -> dict[str, Any]:
    made = dict(action)
    if action.get("Type") == "authenticate-oidc":
        # AWS does not give the secret out, and would drop it otherwise.
        oidc = {**action.get("AuthenticateOidcConfig", {}), "UseExistingClientSecret": True}
        made["AuthenticateOidcConfig"] = oidc
    if action.get("Type") != "forward":
        return made
    # Beside weights the single-group form is refused.
    made.pop("TargetGroupArn", None)
    forward = dict(action["ForwardConfig"])
    forward["TargetGroups"] = [
        {
            "TargetGroupArn": each["TargetGroupArn"],
            "Weight": weights.get(each["TargetGroupArn"], each.get("Weight", 1)),
        }
        for each in forward["TargetGroups"]
    ]
    made["ForwardConfig"] = forward
    return made
