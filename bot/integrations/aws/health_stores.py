"""How databases and caches are doing: RDS, Aurora and ElastiCache by CloudWatch and their events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.domain.database_limits import most_connections
from bot.domain.errors import Refused
from bot.domain.places import Deployment
from bot.domain.vitals import Condition, Sign, Vital
from bot.integrations.aws.account import Account
from bot.integrations.aws.metrics import NO_NUMBERS, Metric, a_minute, newest, worst

Json = Mapping[str, Any]
_LATELY = timedelta(hours=1)
_AT_PEACE = {"available", "backing-up", "storage-optimization", "snapshotting"}
_MOST_CLIENTS = 65_000
"""ElastiCache's maxclients, which cannot be changed."""
_GIB = 1024**3


def database(account: Account, place: Deployment) -> Condition:
    """An instance, or the cluster of that name."""
    name = place.identifier
    doing = f"read how {name} is"
    found = account.read(
        "rds",
        "describe_db_instances",
        doing=doing,
        Filters=[{"Name": "db-instance-id", "Values": [name]}],
    )["DBInstances"]
    if found:
        return _instance(account, found[0], place)
    clusters = account.read(
        "rds",
        "describe_db_clusters",
        doing=doing,
        Filters=[{"Name": "db-cluster-id", "Values": [name]}],
    )["DBClusters"]
    if not clusters:
        raise Refused(f"RDS has no {name}: the catalog and the account do not agree.")
    return _cluster(account, clusters[0], place)


def _instance(account: Account, shown: Json, place: Deployment) -> Condition:
    name = shown["DBInstanceIdentifier"]
    replicas = shown.get("ReadReplicaDBInstanceIdentifiers", [])
    behind = [name] if shown.get("ReadReplicaSourceDBInstanceIdentifier") else replicas
    numbers = newest(
        account,
        [
            _of_database("DatabaseConnections", name, "Maximum"),
            _of_database("CPUUtilization", name),
            _of_database("FreeStorageSpace", name, "Minimum"),
            *(_of_database("ReplicaLag", each, "Maximum") for each in behind),
        ],
        doing=f"read the numbers of {name}",
    )
    connections, cpu, free, *lags = numbers
    size = shown.get("AllocatedStorage")
    vitals = [
        *_connections(connections, shown, place),
        *_vital(Sign.CPU, cpu),
        *_vital(Sign.STORAGE, None if free is None else free / _GIB, of=size),
        *_vital(Sign.LAG, worst(lags)),
    ]
    return Condition(
        vitals=tuple(vitals),
        troubles=(
            *_status(shown["DBInstanceStatus"]),
            *_failovers(account, name, "db-instance"),
        ),
        unseen=() if vitals else (NO_NUMBERS,),
    )


def _cluster(account: Account, shown: Json, place: Deployment) -> Condition:
    """Its writer's numbers, and how far the last of its readers is behind."""
    members = shown.get("DBClusterMembers", [])
    writer = next((m["DBInstanceIdentifier"] for m in members if m["IsClusterWriter"]), "")
    readers = [m["DBInstanceIdentifier"] for m in members if not m["IsClusterWriter"]]
    found = account.read(
        "rds",
        "describe_db_instances",
        doing=f"read the instances of {place.identifier}",
        Filters=[{"Name": "db-cluster-id", "Values": [place.identifier]}],
    )["DBInstances"]
    up = sum(each["DBInstanceStatus"] in _AT_PEACE for each in found)
    connections, cpu, *lags = newest(
        account,
        [
            _of_database("DatabaseConnections", writer, "Maximum"),
            _of_database("CPUUtilization", writer),
            *(_of_database("AuroraReplicaLag", each, "Maximum") for each in readers),
        ],
        doing=f"read the numbers of {place.identifier}",
    )
    behind = worst(lags)
    seen = connections is not None or cpu is not None
    written: Json = next((e for e in found if e["DBInstanceIdentifier"] == writer), {})
    return Condition(
        vitals=(
            *_connections(connections, {**written, "Engine": shown["Engine"]}, place),
            *_vital(Sign.CPU, cpu),
            *_vital(Sign.LAG, None if behind is None else behind / 1000),
            *_nodes(up, len(members), seen=seen),
        ),
        troubles=(
            *(() if writer else ("no instance of it takes writes",)),
            *_status(shown["Status"]),
            *_failovers(account, place.identifier, "db-cluster"),
        ),
        unseen=() if seen else (NO_NUMBERS,),
    )


def _of_database(metric: str, name: str, stat: str = "Average") -> Metric:
    of = {"DBInstanceIdentifier": name}
    return Metric(namespace="AWS/RDS", name=metric, of=of, stat=stat)


def _connections(value: float | None, shown: Json, place: Deployment) -> Iterator[Vital]:
    if value is None:
        return
    limit = most_connections(
        shown.get("DBInstanceClass", ""),
        shown["Engine"],
        written=place.option("max_connections"),
    )
    if limit is None:
        yield Vital(sign=Sign.CONNECTIONS, value=value)
    else:
        yield Vital(sign=Sign.CONNECTIONS, value=value, of=limit.value, basis=limit.basis)


def _vital(sign: Sign, value: float | None, *, of: float | None = None) -> Iterator[Vital]:
    if value is not None:
        yield Vital(sign=sign, value=value, of=of)


def _nodes(up: int, wanted: int, *, seen: bool) -> Iterator[Vital]:
    """That all are there does not make a store well of which nothing else is known."""
    one = Vital(sign=Sign.NODES, value=up, of=wanted)
    if seen or one.ill:
        yield one


def _status(status: str) -> tuple[str, ...]:
    return () if status in _AT_PEACE else (f"it is {status}",)


def _failovers(account: Account, name: str, kind: str) -> tuple[str, ...]:
    """The last one, where there was one within the hour."""
    now = account.clock.now()
    found = account.read(
        "rds",
        "describe_events",
        doing=f"read what happened to {name}",
        SourceIdentifier=name,
        SourceType=kind,
        StartTime=now - _LATELY,
        EndTime=now,
    )["Events"]
    return _last_failover(found, now - _LATELY)


def _last_failover(events: Sequence[Json], since: Any) -> tuple[str, ...]:
    told = [e for e in events if e["Date"] >= since and "failover" in e["Message"].lower()]
    if not told:
        return ()
    last = max(told, key=lambda each: each["Date"])
    over = any(word in last["Message"].lower() for word in ("completed", "failed over"))
    said = "failed over" if over else last["Message"].strip().rstrip(".")
    return (f"{said} at {last['Date']:%H:%M} UTC",)


def cache(account: Account, place: Deployment) -> Condition:
    name = place.identifier
    doing = f"read how {name} is"
    found = account.read(
        "elasticache", "describe_replication_groups", doing=doing, ReplicationGroupId=name
    )["ReplicationGroups"]
    if not found:
        raise Refused(f"ElastiCache has no replication group {name}.")
    shards = found[0]["NodeGroups"]
    nodes = [m["CacheClusterId"] for shard in shards for m in shard.get("NodeGroupMembers", ())]
    up = sum(
        len(shard.get("NodeGroupMembers", ()))
        for shard in shards
        if shard.get("Status", "available") == "available"
    )
    written = place.option("nodes")
    numbers = tuple(_of_nodes(account, name, nodes))
    return Condition(
        vitals=(
            *numbers,
            *_nodes(
                up,
                max(len(nodes), int(written) if written.isdigit() else 0),
                seen=bool(numbers),
            ),
        ),
        troubles=(*_status(found[0]["Status"]), *_cache_failovers(account, name)),
        unseen=() if numbers else (NO_NUMBERS,),
    )


def _of_nodes(account: Account, name: str, nodes: Sequence[str]) -> Iterator[Vital]:
    """Of the node that is worst off: a full one is not helped by the empty ones."""
    if not nodes:
        return
    wanted = (
        ("DatabaseMemoryUsagePercentage", "Maximum"),
        ("Evictions", "Sum"),
        ("EngineCPUUtilization", "Average"),
        ("CurrConnections", "Maximum"),
    )
    numbers = newest(
        account,
        [
            Metric(
                namespace="AWS/ElastiCache", name=metric, of={"CacheClusterId": node}, stat=stat
            )
            for metric, stat in wanted
            for node in nodes
        ],
        doing=f"read the numbers of {name}",
    )
    size = len(nodes)
    memory, evictions, cpu, clients = (
        worst(numbers[first : first + size]) for first in range(0, 4 * size, size)
    )
    yield from _vital(Sign.MEMORY, memory)
    if evictions:
        yield Vital(sign=Sign.EVICTIONS, value=a_minute(evictions))
    yield from _vital(Sign.CPU, cpu)
    yield from _vital(Sign.CONNECTIONS, clients, of=_MOST_CLIENTS)


def _cache_failovers(account: Account, name: str) -> tuple[str, ...]:
    now = account.clock.now()
    found = account.read(
        "elasticache",
        "describe_events",
        doing=f"read what happened to {name}",
        SourceIdentifier=name,
        SourceType="replication-group",
        StartTime=now - _LATELY,
        EndTime=now,
    )["Events"]
    return _last_failover(found, now - _LATELY)
