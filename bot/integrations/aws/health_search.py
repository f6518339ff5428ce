"""How an Elasticsearch or OpenSearch domain is doing: its own status, its shards and its nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.places import Deployment
from bot.domain.vitals import Condition, Sign, Vital
from bot.integrations.aws.account import Account
from bot.integrations.aws.metrics import NO_NUMBERS, Metric, newest

Json = Mapping[str, Any]
_MIB_IN_GIB = 1024
_WANTED = (
    ("ClusterStatus.red", "Maximum"),
    ("ClusterStatus.yellow", "Maximum"),
    ("Shards.unassigned", "Maximum"),
    ("Nodes", "Minimum"),
    ("FreeStorageSpace", "Minimum"),
    ("CPUUtilization", "Average"),
)


def domain(account: Account, place: Deployment) -> Condition:
    name = place.identifier
    shown = account.read(
        "opensearch", "describe_domain", doing=f"read how {name} is", DomainName=name
    )["DomainStatus"]
    owner = str(shown["ARN"]).split(":")[4]
    numbers = newest(
        account,
        [
            Metric(
                namespace="AWS/ES",
                name=metric,
                of={"DomainName": name, "ClientId": owner},
                stat=stat,
            )
            for metric, stat in _WANTED
        ],
        doing=f"read the numbers of {name}",
    )
    red, yellow, *_ = numbers
    busy = bool(shown.get("UpgradeProcessing"))
    return Condition(
        vitals=tuple(_vitals(numbers, shown)),
        troubles=(
            *(("status red: some shards are nowhere",) if red else ()),
            *(("status yellow: some shards have no copy",) if yellow and not red else ()),
            *(("it is being upgraded",) if busy else ()),
        ),
        unseen=(NO_NUMBERS,) if all(each is None for each in numbers) else (),
    )


def _vitals(numbers: list[float | None], shown: Json) -> Iterator[Vital]:
    _, _, unassigned, nodes, free, cpu = numbers
    if unassigned is not None:
        yield Vital(sign=Sign.SHARDS, value=unassigned)
    if nodes is not None:
        yield Vital(sign=Sign.NODES, value=nodes, of=_nodes(shown.get("ClusterConfig") or {}))
    if free is not None:
        # AWS tells it of the fullest node.
        yield Vital(sign=Sign.STORAGE, value=free / _MIB_IN_GIB, of=_disk(shown))
    if cpu is not None:
        yield Vital(sign=Sign.CPU, value=cpu)


def _nodes(config: Json) -> int:
    masters = config.get("DedicatedMasterCount", 0) if config.get("DedicatedMasterEnabled") else 0
    warm = config.get("WarmCount", 0) if config.get("WarmEnabled") else 0
    return int(config.get("InstanceCount", 0)) + int(masters) + int(warm)


def _disk(shown: Json) -> float | None:
    """GiB of a node; a machine with disks of its own does not say."""
    disks = shown.get("EBSOptions") or {}
    return (
        float(disks["VolumeSize"]) if disks.get("EBSEnabled") and "VolumeSize" in disks else None
    )
