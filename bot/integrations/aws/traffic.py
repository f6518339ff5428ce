"""Where a service's traffic is split: in DNS where the catalog names a record, else in a load balancer."""

from __future__ import annotations

from bot.domain.errors import Refused
from bot.domain.places import Deployment
from bot.domain.traffic import Split
from bot.integrations.aws.account import Account
from bot.integrations.aws.balancer import Balancer
from bot.integrations.aws.dns import Dns

_SIDES = 2


class AwsTraffic:
    def __init__(self, account: Account) -> None:
        self._dns, self._balancer = Dns(account), Balancer(account)

    def split(self, place: Deployment) -> Split:
        if len(place.target_groups) != _SIDES:
            raise Refused(f"The catalog names no two sides for the traffic of {place.service}.")
        return self._dns.split(place) if place.record else self._balancer.split(place)

    def shift(self, split: Split, share: int, *, doing: str, by_hand: str) -> str:
        whose = self._dns if split.kind == "route53" else self._balancer
        return whose.shift(split, share, doing=doing, by_hand=by_hand)

    def spread(self, reference: str) -> bool:
        whose = self._balancer if reference.startswith("arn:") else self._dns
        return whose.spread(reference)
