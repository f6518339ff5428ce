"""Traffic split by weighted records in Route 53: compare-and-set in one batch, and how long clients remember."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.domain.errors import Refused
from bot.domain.places import Deployment
from bot.domain.traffic import EC2, EKS, Side, Split
from bot.integrations.aws.account import EDGE, Account
from bot.integrations.aws.target_numbers import targets_of

HEAVIEST = 255
ALIAS = timedelta(seconds=60)
"""An alias record has no time to live of its own: resolvers keep it for a minute."""
Json = Mapping[str, Any]


class Dns:
    """The record's set identifiers are the names of the target groups in the catalog."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def split(self, place: Deployment) -> Split:
        zone, _, name = place.record.partition("/")
        records = self._records(zone, name, place)
        sides = [
            self._side(side, record, identifier)
            for side, record, identifier in zip(
                (EC2, EKS), records, place.target_groups, strict=True
            )
        ]
        return Split(
            kind="route53",
            where=(zone, name),
            shown_as=f"the record {name}",
            ec2=sides[0],
            eks=sides[1],
            lingers=max(_ttl(each) for each in records),
            lingers_by="DNS",
        )

    def shift(self, split: Split, share: int, *, doing: str, by_hand: str) -> str:
        """The old records are deleted as they were read: the whole batch fails where they are not."""
        zone, name = split.where
        if not 0 <= share <= HEAVIEST:
            raise Refused(f"A weight is a number from 0 to {HEAVIEST}. Nothing was sent.")
        changes: list[dict[str, Any]] = []
        for side, weight in ((split.ec2, share), (split.eks, 100 - share)):
            record = self._record(zone, name, side.group)
            if int(record.get("Weight", 0)) != side.weight:
                raise Refused("The weights were changed a moment ago. Nothing was sent.")
            changes.append({"Action": "DELETE", "ResourceRecordSet": record})
            changes.append({"Action": "CREATE", "ResourceRecordSet": {**record, "Weight": weight}})
        answered = self._account.write(
            "route53",
            "change_resource_record_sets",
            doing=doing,
            by_hand=by_hand,
            region=EDGE,
            HostedZoneId=zone,
            ChangeBatch={"Changes": changes, "Comment": doing},
        )
        return str(answered["ChangeInfo"]["Id"])

    def spread(self, reference: str) -> bool:
        found = self._account.read(
            "route53", "get_change", doing="see whether DNS has it", region=EDGE, Id=reference
        )
        return str(found["ChangeInfo"]["Status"]) == "INSYNC"

    def _records(self, zone: str, name: str, place: Deployment) -> list[Json]:
        found = {each["SetIdentifier"]: each for each in self._sets(zone, name)}
        missing = [each for each in place.target_groups if each not in found]
        if missing:
            raise Refused(
                f"Route 53 has no weighted record {name} for {' and '.join(missing)}:"
                " the catalog and the zone do not agree. Shift it by hand."
            )
        return [found[each] for each in place.target_groups]

    def _record(self, zone: str, name: str, identifier: str) -> Json:
        for each in self._sets(zone, name):
            if each["SetIdentifier"] == identifier:
                return each
        raise Refused(f"The record of {identifier} is gone. Nothing was sent.")

    def _sets(self, zone: str, name: str) -> list[Json]:
        found = self._account.read(
            "route53",
            "list_resource_record_sets",
            doing=f"read the records of {name}",
            region=EDGE,
            HostedZoneId=zone,
            StartRecordName=name,
        )["ResourceRecordSets"]
        wanted = name.rstrip(".") + "."
        return [each for each in found if each["Name"] == wanted and "SetIdentifier" in each]

    def _side(self, name: str, record: Json, identifier: str) -> Side:
        healthy, targets = self._health(identifier)
        return Side(
            name=name,
            group=identifier,
            weight=int(record.get("Weight", 0)),
            healthy=healthy,
            targets=targets,
        )

    def _health(self, group: str) -> tuple[int, int]:
        found = self._account.read(
            "elbv2", "describe_target_groups", doing="find the target group", Names=[group]
        )["TargetGroups"]
        return targets_of(self._account, found[0]["TargetGroupArn"])


def _ttl(record: Json) -> timedelta:
    return timedelta(seconds=int(record["TTL"])) if "TTL" in record else ALIAS
