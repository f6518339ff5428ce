"""Who in AWS is asked how a resource is doing, by its kind in the catalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.domain.errors import Refused
from bot.domain.places import Deployment
from bot.domain.vitals import Condition
from bot.integrations.aws import health_stores
from bot.integrations.aws.account import Account

_Reads = Callable[[Account, Deployment], Condition]
READERS: Mapping[str, _Reads] = {
    "rds": health_stores.database,
    "aurora": health_stores.database,
    "elasticache": health_stores.cache,
}


class AwsHealth:
    def __init__(self, account: Account) -> None:
        self._account = account

    def condition(self, place: Deployment) -> Condition:
        if not place.identifier:
            raise Refused(f"The catalog does not say what {place.ref} is called in AWS.")
        return READERS[place.kind](self._account, place)
