"""Who in AWS is asked how something is doing, by its kind in the catalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.domain.capacity import NodeGroup
from bot.domain.errors import Refused
from bot.domain.places import Deployment, Driver
from bot.domain.vitals import Condition
from bot.integrations.aws import health_compute, health_edge, health_search, health_stores
from bot.integrations.aws.account import Account

_Reads = Callable[[Account, Deployment], Condition]
READERS: Mapping[str, _Reads] = {
    "rds": health_stores.database,
    "aurora": health_stores.database,
    "elasticache": health_stores.cache,
    "elasticsearch": health_search.domain,
    "opensearch": health_search.domain,
    "s3": health_edge.buckets,
    "cloudfront": health_edge.distribution,
    "waf": health_edge.firewall,
    "load-balancer": health_edge.balancer,
    "eks-cluster": health_compute.control_plane,
}


class AwsHealth:
    def __init__(self, account: Account) -> None:
        self._account = account

    def condition(self, place: Deployment) -> Condition:
        if place.driver is Driver.ASG:
            return health_compute.scaling_group(self._account, place)
        _named(place)
        return READERS[place.kind](self._account, place)

    def node_group(self, place: Deployment) -> NodeGroup:
        return health_compute.node_group(self._account, place)


def _named(place: Deployment) -> None:
    if not place.identifier:
        raise Refused(f"The catalog does not say what {place.ref} is called in AWS.")
