"""An Auto Scaling group as AWS shows it: its launch template's versions, its machines, its refreshes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from bot.domain.errors import Refused
from bot.integrations.aws.account import Account

RUNNING = ("Pending", "InProgress", "Baking", "RollbackInProgress", "Cancelling")
_OFFERED = 6
Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Version:
    """One numbered version of a launch template."""

    number: str
    image: str = ""
    instance_type: str = ""
    created: datetime | None = None
    author: str = ""
    description: str = ""

    @property
    def label(self) -> str:
        return f"v{self.number}"


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """A rolling replacement of the group's machines. `wanted` is the version it goes to."""

    id: str
    status: str
    percent: int = 0
    left: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    wanted: str = ""
    why: str = ""
    back: bool = False
    """It was turned round."""

    @property
    def running(self) -> bool:
        return self.status in RUNNING


@dataclass(frozen=True, kw_only=True)
class Group:
    name: str
    template: str
    written: str
    """The version as it is written there: a number, `$Latest` or `$Default`."""
    version: str
    """The number that this means now."""
    desired: int
    lowest: int
    highest: int
    in_service: int
    machines: int
    mixed: Json | None = None
    suspended: tuple[str, ...] = ()
    tags: Json | None = None


@dataclass(frozen=True, kw_only=True)
class GroupState:
    """Kept as JSON in `Plan.state`; a newer field has a default, an unknown one is ignored."""

    group: str
    template: str
    live: str
    target: str
    turn: bool = False
    """A running refresh is turned round, instead of a new one being started."""
    running: str = ""
    seen: str = ""
    """The newest refresh that the plan knew of."""

    def inside(self) -> str:
        return json.dumps({"asg": asdict(self)}, sort_keys=True)


def state_in(state: str) -> GroupState:
    stored = json.loads(state)["asg"]
    known = {each.name for each in fields(GroupState)}
    return GroupState(**{name: value for name, value in stored.items() if name in known})


class Groups:
    """Reads; and nothing else."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def shown(self, *names: str, doing: str) -> list[Json]:
        """As AWS tells them; what is not there is left out."""
        found: list[Json] = self._account.read(
            "autoscaling",
            "describe_auto_scaling_groups",
            doing=doing,
            AutoScalingGroupNames=list(names),
        )["AutoScalingGroups"]
        return found

    def one(self, name: str, *, doing: str) -> Json:
        found = self.shown(name, doing=doing)
        if not found:
            raise Refused(f"AWS has no Auto Scaling group {name}: the catalog names another one.")
        return found[0]

    def group(self, name: str, *, doing: str) -> Group:
        shown = self.one(name, doing=doing)
        mixed, spec = shown.get("MixedInstancesPolicy"), template_of(shown)
        if not spec:
            raise Refused(
                f"{name} uses a launch configuration, which has no versions to go back to."
            )
        written = str(spec.get("Version") or "$Default")
        instances = shown.get("Instances", [])
        return Group(
            name=name,
            template=spec["LaunchTemplateId"],
            written=written,
            version=self._number(spec["LaunchTemplateId"], written, doing),
            desired=shown["DesiredCapacity"],
            lowest=shown["MinSize"],
            highest=shown["MaxSize"],
            in_service=in_service(shown),
            machines=len(instances),
            mixed=mixed,
            suspended=tuple(e["ProcessName"] for e in shown.get("SuspendedProcesses", ())),
        )

    def refreshes(self, name: str, *, doing: str) -> list[Refresh]:
        """Newest first."""
        found = self._account.read(
            "autoscaling", "describe_instance_refreshes", doing=doing, AutoScalingGroupName=name
        )["InstanceRefreshes"]
        return [_refresh(each) for each in found]

    def versions(self, template: str, *, doing: str) -> list[Version]:
        """Newest first, the last few."""
        found = self._account.read(
            "ec2",
            "describe_launch_template_versions",
            doing=doing,
            LaunchTemplateId=template,
            MaxResults=200,
        )["LaunchTemplateVersions"]
        ordered = sorted(found, key=lambda each: -int(each["VersionNumber"]))
        return [_version(each) for each in ordered]

    def offered(self, template: str, *, doing: str) -> list[Version]:
        return self.versions(template, doing=doing)[:_OFFERED]

    def image_there(self, image: str, *, doing: str) -> bool:
        found = self._account.read(
            "ec2",
            "describe_images",
            doing=doing,
            Filters=[{"Name": "image-id", "Values": [image]}],
        )["Images"]
        return any(each.get("State") == "available" for each in found)

    def _number(self, template: str, written: str, doing: str) -> str:
        if written.isdigit():
            return written
        found = self._account.read(
            "ec2",
            "describe_launch_template_versions",
            doing=doing,
            LaunchTemplateId=template,
            Versions=[written],
        )["LaunchTemplateVersions"]
        return str(found[0]["VersionNumber"])


def template_of(shown: Json) -> Json:
    """The launch template that a group starts its machines from; empty where it has none."""
    mixed = shown.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    found: Json = shown.get("LaunchTemplate") or mixed.get("LaunchTemplateSpecification", {})
    return found


def in_service(shown: Json) -> int:
    return sum(each["LifecycleState"] == "InService" for each in shown.get("Instances", ()))


def _version(shown: Json) -> Version:
    data = shown.get("LaunchTemplateData", {})
    return Version(
        number=str(shown["VersionNumber"]),
        image=data.get("ImageId", ""),
        instance_type=data.get("InstanceType", ""),
        created=shown.get("CreateTime"),
        author=str(shown.get("CreatedBy", "")).rpartition("/")[2],
        description=shown.get("VersionDescription", ""),
    )


def _refresh(shown: Json) -> Refresh:
    desired = shown.get("DesiredConfiguration", {})
    spec = desired.get("LaunchTemplate") or desired.get("MixedInstancesPolicy", {}).get(
        "LaunchTemplate", {}
    ).get("LaunchTemplateSpecification", {})
    return Refresh(
        id=shown["InstanceRefreshId"],
        status=shown["Status"],
        percent=int(shown.get("PercentageComplete", 0)),
        left=int(shown.get("InstancesToUpdate", 0)),
        started=shown.get("StartTime"),
        ended=shown.get("EndTime"),
        wanted=str(spec.get("Version", "")),
        why=shown.get("StatusReason", ""),
        back="RollbackDetails" in shown,
    )
