"""RDS and Aurora as datastores: what would take over, and the one request that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.domain.datastore import Datastore, Standby, StoreEvent
from bot.domain.errors import Refused
from bot.domain.places import Deployment
from bot.integrations.aws.account import Account
from bot.integrations.aws.caches import Caches
from bot.integrations.aws.lag import lag_of

INSTANCE, CLUSTER = "rds", "aurora"
Json = Mapping[str, Any]


class AwsDatastores:
    def __init__(self, account: Account) -> None:
        self._account, self._caches = account, Caches(account)

    def store(self, place: Deployment) -> Datastore:
        if not place.identifier:
            raise Refused(f"The catalog does not say what {place.ref} is called in AWS.")
        if place.kind == "elasticache":
            return self._caches.store(place.identifier)
        doing = f"read {place.identifier}"
        found = self._filtered("instance", place.identifier, doing)
        if found:
            return _instance(found[0])
        clusters = self._filtered("cluster", place.identifier, doing)
        if not clusters:
            raise Refused(
                f"RDS has no {place.identifier}: the catalog and the account do not agree."
            )
        return self._cluster(clusters[0], doing)

    def fail_over(self, store: Datastore, target: str, *, doing: str, by_hand: str) -> str:
        if store.kind == INSTANCE:
            self._account.write(
                "rds",
                "reboot_db_instance",
                DBInstanceIdentifier=store.name,
                ForceFailover=True,
                doing=doing,
                by_hand=by_hand,
            )
        elif store.kind == CLUSTER:
            self._account.write(
                "rds",
                "failover_db_cluster",
                DBClusterIdentifier=store.name,
                TargetDBInstanceIdentifier=target,
                doing=doing,
                by_hand=by_hand,
            )
        else:
            self._caches.fail_over(store.name, target, doing=doing, by_hand=by_hand)
        return store.name

    def events(self, store: Datastore, since: datetime) -> tuple[StoreEvent, ...]:
        if store.kind not in (INSTANCE, CLUSTER):
            return self._caches.events(store.name, since)
        found = self._account.read(
            "rds",
            "describe_events",
            doing=f"read what happened to {store.name}",
            SourceIdentifier=store.name,
            SourceType="db-instance" if store.kind == INSTANCE else "db-cluster",
            StartTime=since,
            EndTime=self._account.clock.now(),
        )["Events"]
        told = (StoreEvent(at=each["Date"], message=each["Message"]) for each in found)
        return tuple(each for each in told if each.at >= since)

    def _filtered(self, what: str, name: str, doing: str) -> list[Json]:
        """By filter, which answers with an empty list where a name would be an error."""
        found: list[Json] = self._account.read(
            "rds",
            f"describe_db_{what}s",
            doing=doing,
            Filters=[{"Name": f"db-{what}-id", "Values": [name]}],
        )[f"DB{what.capitalize()}s"]
        return found

    def _cluster(self, shown: Json, doing: str) -> Datastore:
        members = shown.get("DBClusterMembers", [])
        writer = next((m["DBInstanceIdentifier"] for m in members if m["IsClusterWriter"]), "")
        standbys = tuple(
            self._reader(each["DBInstanceIdentifier"], doing)
            for each in sorted(members, key=lambda m: int(m.get("PromotionTier", 1)))
            if not each["IsClusterWriter"]
        )
        return Datastore(
            kind=CLUSTER,
            name=shown["DBClusterIdentifier"],
            engine=shown["Engine"],
            status=shown["Status"],
            active=writer,
            active_label=f"{writer} writes",
            standbys=standbys,
            why_not="" if standbys else "the cluster has no reader that could take over",
        )

    def _reader(self, name: str, doing: str) -> Standby:
        found = self._filtered("instance", name, doing)
        status = found[0]["DBInstanceStatus"] if found else "gone"
        lag = lag_of(
            self._account,
            ("AWS/RDS", "AuroraReplicaLag", "DBInstanceIdentifier", name),
            unit=timedelta(milliseconds=1),
        )
        return Standby(
            target=name,
            label=f"{name} writes",
            zone=found[0].get("AvailabilityZone", "") if found else "",
            healthy=status == "available",
            lag=lag,
        )


def _instance(shown: Json) -> Datastore:
    zone, other = shown.get("AvailabilityZone", ""), shown.get("SecondaryAvailabilityZone", "")
    multi = bool(shown.get("MultiAZ"))
    standby = Standby(target=other, label=f"in {other}", zone=other, synchronous=True)
    why_not = ""
    if not multi:
        why_not = "it runs in one zone only: there is nothing to fail over to"
    elif not other:
        why_not = "AWS names no zone for its standby yet"
    return Datastore(
        kind=INSTANCE,
        name=shown["DBInstanceIdentifier"],
        engine=shown["Engine"],
        status=shown["DBInstanceStatus"],
        active=zone,
        active_label=f"in {zone}",
        standbys=() if why_not else (standby,),
        why_not=why_not,
    )
