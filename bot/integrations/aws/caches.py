"""ElastiCache replication groups as datastores: each shard has a primary and replicas."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.domain.datastore import Datastore, Standby, StoreEvent
from bot.domain.errors import Refused
from bot.integrations.aws.account import Account
from bot.integrations.aws.lag import lag_of

Json = Mapping[str, Any]


class Caches:
    def __init__(self, account: Account) -> None:
        self._account = account

    def store(self, name: str) -> Datastore:
        found = self._account.read(
            "elasticache",
            "describe_replication_groups",
            doing=f"read {name}",
            ReplicationGroupId=name,
        )["ReplicationGroups"]
        if not found:
            raise Refused(f"ElastiCache has no replication group {name}.")
        shown = found[0]
        shards = shown["NodeGroups"]
        standbys = tuple(each for shard in shards if (each := self._standby(shard)) is not None)
        why_not = ""
        if shown.get("AutomaticFailover") != "enabled":
            why_not = "automatic failover is not enabled, and AWS then refuses to fail it over"
        elif not standbys:
            why_not = "no shard has a replica that could take over"
        primaries = {each["NodeGroupId"]: _primary(each) for each in shards}
        active = ", ".join(f"{shard}: {node}" for shard, node in primaries.items())
        return Datastore(
            kind="elasticache",
            name=name,
            engine=str(shown.get("Engine", "redis")),
            status=shown["Status"],
            active=active,
            active_label=active,
            standbys=() if why_not else standbys,
            why_not=why_not,
        )

    def fail_over(self, name: str, shard: str, *, doing: str, by_hand: str) -> None:
        self._account.write(
            "elasticache",
            "test_failover",
            doing=doing,
            by_hand=by_hand,
            ReplicationGroupId=name,
            NodeGroupId=shard,
        )

    def events(self, name: str, since: datetime) -> tuple[StoreEvent, ...]:
        found = self._account.read(
            "elasticache",
            "describe_events",
            doing=f"read what happened to {name}",
            SourceIdentifier=name,
            SourceType="replication-group",
            StartTime=since,
            EndTime=self._account.clock.now(),
        )["Events"]
        told = (StoreEvent(at=each["Date"], message=each["Message"]) for each in found)
        return tuple(each for each in told if each.at >= since)

    def _standby(self, shard: Json) -> Standby | None:
        """The replica that is least behind: AWS promotes that one."""
        replicas = [m for m in _members(shard) if m["CacheClusterId"] != _primary(shard)]
        if not replicas:
            return None
        lags = [self._lag(each["CacheClusterId"]) for each in replicas]
        known = [each for each in lags if each is not None]
        return Standby(
            target=shard["NodeGroupId"],
            label=f"a replica of shard {shard['NodeGroupId']}",
            zone=", ".join(sorted({m.get("PreferredAvailabilityZone", "") for m in replicas})),
            healthy=shard.get("Status", "available") == "available",
            lag=min(known) if known else None,
        )

    def _lag(self, node: str) -> timedelta | None:
        metric = ("AWS/ElastiCache", "ReplicationLag", "CacheClusterId", node)
        return lag_of(self._account, metric, unit=timedelta(seconds=1))


def _members(shard: Json) -> list[Json]:
    return list(shard.get("NodeGroupMembers", ()))


def _primary(shard: Json) -> str:
    """A cluster with many shards names no roles: its first member is the best guess then."""
    members = _members(shard)
    found = next((m for m in members if m.get("CurrentRole") == "primary"), None)
    return str((found or members[0])["CacheClusterId"]) if members else ""
