"""AWS WAF: a web ACL with its rules and IP sets, read whole and written back with its lock token."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.domain.errors import Refused
from bot.domain.firewall import AddressList, Edit, Rule, Verb, Wall
from bot.domain.places import Deployment
from bot.integrations.aws.account import EDGE, Account

# What AWS shows of an ACL and does not take back; everything else would be lost if left out.
_SHOWN_ONLY = {
    "ARN",
    "Capacity",
    "LabelNamespace",
    "ManagedByFirewallManager",
    "PostProcessFirewallManagerRuleGroups",
    "PreProcessFirewallManagerRuleGroups",
    "RetrofittedByFirewallManager",
}
Json = Mapping[str, Any]


class Walls:
    def __init__(self, account: Account) -> None:
        self._account = account

    def wall(self, place: Deployment) -> Wall:
        acl, lock = self._acl(place)
        return Wall(
            name=acl["Name"],
            lock=lock,
            rules=tuple(_rule(each) for each in acl.get("Rules", ())),
            lists=tuple(self._list(place, each)[0] for each in self._lists(place)),
            owner="AWS Firewall Manager" if acl.get("ManagedByFirewallManager") else "",
        )

    def change(self, place: Deployment, edit: Edit, lock: str, *, doing: str, by_hand: str) -> str:
        """With the lock of the plan: AWS refuses where anything was changed since."""
        if edit.verb in (Verb.DENY, Verb.PARDON):
            return self._relist(place, edit, lock, doing=doing, by_hand=by_hand)
        acl, now = self._acl(place)
        _refuse_changed(now, lock)
        rules = [_edited(each, edit) for each in acl["Rules"]]
        kept = {name: value for name, value in acl.items() if name not in _SHOWN_ONLY}
        answered = self._account.write(
            "wafv2",
            "update_web_acl",
            doing=doing,
            by_hand=by_hand,
            region=self._region(place),
            **{**kept, "Scope": _scope(place), "Rules": rules, "LockToken": lock},
        )
        return str(answered["NextLockToken"])

    def _relist(
        self, place: Deployment, edit: Edit, lock: str, *, doing: str, by_hand: str
    ) -> str:
        named = next(each for each in self._lists(place) if each["Name"] == edit.list)
        found, shown = self._list(place, named)
        _refuse_changed(found.lock, lock)
        left = [each for each in found.addresses if each != edit.what]
        if edit.verb is Verb.DENY:
            left.append(edit.what)
        described = {"Description": shown["Description"]} if shown.get("Description") else {}
        answered = self._account.write(
            "wafv2",
            "update_ip_set",
            doing=doing,
            by_hand=by_hand,
            region=self._region(place),
            Name=shown["Name"],
            Id=shown["Id"],
            Scope=_scope(place),
            Addresses=left,
            LockToken=lock,
            **described,
        )
        return str(answered["NextLockToken"])

    def _acl(self, place: Deployment) -> tuple[Json, str]:
        doing = f"read the firewall {place.identifier}"
        where = {"region": self._region(place), "doing": doing, "Scope": _scope(place)}
        listed = self._account.read("wafv2", "list_web_acls", Limit=100, **where)["WebACLs"]
        for each in listed:
            if place.identifier in (each["Name"], each["Id"]):
                found = self._account.read(
                    "wafv2", "get_web_acl", Name=each["Name"], Id=each["Id"], **where
                )
                return found["WebACL"], found["LockToken"]
        raise Refused(f"AWS has no firewall {place.identifier} in the scope {_scope(place)}.")

    def _lists(self, place: Deployment) -> list[Json]:
        found: list[Json] = self._account.read(
            "wafv2",
            "list_ip_sets",
            doing="read the address lists",
            region=self._region(place),
            Scope=_scope(place),
            Limit=100,
        )["IPSets"]
        return found

    def _list(self, place: Deployment, named: Json) -> tuple[AddressList, Json]:
        found = self._account.read(
            "wafv2",
            "get_ip_set",
            doing=f"read the address list {named['Name']}",
            region=self._region(place),
            Scope=_scope(place),
            Name=named["Name"],
            Id=named["Id"],
        )
        shown = found["IPSet"]
        made = AddressList(
            name=shown["Name"],
            addresses=tuple(sorted(shown["Addresses"])),
            lock=found["LockToken"],
        )
        return made, shown

    def _region(self, place: Deployment) -> str:
        return EDGE if _scope(place) == "CLOUDFRONT" else self._account.region


def _scope(place: Deployment) -> str:
    return place.option("scope") or "REGIONAL"


def _refuse_changed(now: str, lock: str) -> None:
    if now != lock:
        raise Refused(
            "The firewall was changed since this plan was made. Nothing was sent: look at it and"
            " make a new plan, which has to be approved anew."
        )


def _rule(shown: Json) -> Rule:
    limited = shown["Statement"].get("RateBasedStatement")
    group = "OverrideAction" in shown
    return Rule(
        name=shown["Name"],
        action=_action(shown),
        limit=int(limited["Limit"]) if limited else None,
        window=timedelta(seconds=limited.get("EvaluationWindowSec", 300)) if limited else None,
        group=group,
    )


def _action(shown: Json) -> str:
    """A managed group blocks by its own rules unless all of it is overridden to count."""
    if "OverrideAction" in shown:
        return "count" if "Count" in shown["OverrideAction"] else "block"
    return next((name.lower() for name in shown.get("Action", {})), "none")


def _edited(shown: Json, edit: Edit) -> dict[str, Any]:
    made: dict[str, Any] = copy.deepcopy(dict(shown))
    if shown["Name"] != edit.what:
        return made
    match edit.verb:
        case Verb.LIMIT:
            made["Statement"]["RateBasedStatement"]["Limit"] = edit.limit
        case _ if "OverrideAction" in shown:
            made["OverrideAction"] = {"Count": {}} if edit.verb is Verb.COUNT else {"None": {}}
        case _:
            made["Action"] = {"Count": {}} if edit.verb is Verb.COUNT else {"Block": {}}
    return made
