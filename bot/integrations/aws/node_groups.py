"""A node group as EKS shows it: its size, its state, and what AWS says is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.errors import Refused
from bot.domain.places import Deployment
from bot.integrations.aws.account import Account

_SHOWN = 2
Json = Mapping[str, Any]


def shown(account: Account, place: Deployment, *, doing: str) -> Json:
    """`Refused` where the catalog does not say enough to find it."""
    if not (place.identifier and place.cluster):
        raise Refused(
            f"The catalog has to name {place.ref}: its identifier, and its environment's cluster."
        )
    found: Json = account.read(
        "eks",
        "describe_nodegroup",
        doing=doing,
        clusterName=place.cluster,
        nodegroupName=place.identifier,
    )["nodegroup"]
    return found


def issues(shown: Json) -> tuple[str, ...]:
    found = (shown.get("health") or {}).get("issues", [])
    return tuple(str(each.get("message") or each.get("code")) for each in found[:_SHOWN])


def state(shown: Json) -> str:
    """What is being done to it, or has become of it; empty while it is active."""
    status = str(shown["status"])
    return "" if status == "ACTIVE" else f"it is {status.lower()}"
