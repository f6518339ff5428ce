"""Fail-overs of RDS and ElastiCache as AWS does them: refused, announced, and over after a while."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.elasticache.responses import ElastiCacheResponse
from moto.rds.models import DBInstance
from moto.rds.responses import RDSResponse

from sandbox.aws.moment import MOMENT

TAKES = 60.0
_create_db_instance = RDSResponse.create_db_instance


class Refused(ServiceException):
    code = "InvalidParameterCombination"


class WrongState(ServiceException):
    code = "InvalidDBInstanceState"


class Unknown(ServiceException):
    code = "ReplicationGroupNotFoundFault"


class NotNow(ServiceException):
    code = "InvalidReplicationGroupState"


class NotAllowed(ServiceException):
    code = "TestFailoverNotAvailableFault"


def create_db_instance(self: RDSResponse) -> ActionResult:
    """A Multi-AZ instance gets the zone of its standby, which moto leaves out."""
    made = _create_db_instance(self)
    database: DBInstance = made.result["DBInstance"]  # type: ignore[index]
    if database.multi_az:
        database.secondary_availability_zone = f"{self.region}b"
    return made


def reboot_db_instance(self: RDSResponse) -> ActionResult:
    name = self.params.get("DBInstanceIdentifier")
    database = self.backend.describe_db_instances(name)[0]
    forced = str(self.params.get("ForceFailover", False)).lower() == "true"
    if forced and not database.multi_az:
        raise Refused("Cannot force failover of a DB instance that is not Multi-AZ.")
    if database.status != "available":
        raise WrongState(f"Instance {name} is not in available state.")
    database.status = "rebooting"
    if forced:
        _event(self, database, "Multi-AZ instance failover started.")

    def over() -> None:
        if forced:
            here, there = database.availability_zone, database.secondary_availability_zone
            database.availability_zone, database.secondary_availability_zone = there, here
        database.status = "available"
        _event(self, database, "DB instance restarted")
        if forced:
            _event(self, database, "Multi-AZ instance failover completed")

    MOMENT.after(TAKES, over)
    return ActionResult({"DBInstance": database})


class Event:
    """As moto's own, with a message of ours."""

    def __init__(self, database: DBInstance, message: str) -> None:
        self.source_identifier = database.db_instance_identifier
        self.source_type = "db-instance"
        self.message = message
        self.event_categories = ["failover"]
        self.source_arn = database.arn
        self.date = MOMENT.now()


def _event(self: RDSResponse, database: DBInstance, message: str) -> None:
    self.backend.events.append(Event(database, message))


def _groups(self: ElastiCacheResponse) -> dict[str, Any]:
    found: dict[str, Any] = self.elasticache_backend.replication_groups
    return found


def failover(self: ElastiCacheResponse) -> ActionResult:
    """The actions `TestFailover`."""
    name, shard = self._get_param("ReplicationGroupId"), self._get_param("NodeGroupId")
    group = _groups(self).get(name)
    if group is None:
        raise Unknown(f"ReplicationGroup {name} not found.")
    if group.automatic_failover != "enabled":
        raise NotAllowed("Automatic failover is not enabled for this replication group.")
    if group.status != "available":
        raise NotNow(f"{name} is not in available state.")
    members = next(
        each["node_group_members"] for each in group.node_groups if each["node_group_id"] == shard
    )
    if len(members) < 2:
        raise NotNow(f"Node group {shard} has no replica to fail over to.")
    group.status = "modifying"
    events: list[dict[str, Any]] = vars(self.elasticache_backend).setdefault("said", [])
    _told(events, name, f"Test Failover API called for node group {shard}")

    def over() -> None:
        _promote(members)
        group.status = "available"
        _told(events, name, f"Failover to replica of node group {shard} completed")

    MOMENT.after(TAKES / 2, over)
    return ActionResult({"ReplicationGroup": group})


def _promote(members: list[dict[str, Any]]) -> None:
    old = next((m for m in members if m.get("current_role") == "primary"), members[0])
    new = next(m for m in members if m is not old)
    old["current_role"], new["current_role"] = "replica", "primary"


def _told(events: list[dict[str, Any]], name: str, message: str) -> None:
    events.append(
        {
            "SourceIdentifier": name,
            "SourceType": "replication-group",
            "Message": message,
            "Date": MOMENT.now(),
        }
    )


def describe_events(self: ElastiCacheResponse) -> ActionResult:
    wanted = self._get_param("SourceIdentifier")
    events = vars(self.elasticache_backend).get("said", [])
    return ActionResult(
        {"Events": [each for each in events if wanted in (None, each["SourceIdentifier"])]}
    )


def extend() -> None:
    RDSResponse.create_db_instance = create_db_instance
    RDSResponse.reboot_db_instance = reboot_db_instance
    # Named like a test, which pytest would collect.
    ElastiCacheResponse.test_failover = failover
    ElastiCacheResponse.describe_events = describe_events
