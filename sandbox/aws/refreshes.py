"""Instance refreshes of Auto Scaling groups, which moto does not play: start, watch, roll back, cancel."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

from sandbox.aws.moment import MOMENT

TAKES = timedelta(minutes=5)
_RUNNING = ("Pending", "InProgress", "RollbackInProgress", "Cancelling", "Baking")


class InProgress(ServiceException):
    code = "InstanceRefreshInProgress"


class NotFound(ServiceException):
    code = "ActiveInstanceRefreshNotFound"


class Irreversible(ServiceException):
    code = "IrreversibleInstanceRefresh"


class Invalid(ServiceException):
    code = "ValidationError"


@dataclass(kw_only=True)
class Refresh:
    """Its status is worked out from the time."""

    group: FakeAutoScalingGroup
    desired: dict[str, Any]
    preferences: dict[str, Any]
    before: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: datetime = field(default_factory=MOMENT.now)
    status: str = "Pending"
    back_since: datetime | None = None
    ended: datetime | None = None
    reached: int = 0

    @property
    def running(self) -> bool:
        return self.status in _RUNNING

    def move(self) -> None:
        now = MOMENT.now()
        if self.status == "Cancelling":
            self._end("Cancelled", now)
        elif self.back_since is not None and self.running:
            share = (now - self.back_since) / (TAKES / 2)
            self._end("RollbackSuccessful", now) if share >= 1 else None
        elif self.status in ("Pending", "InProgress"):
            share = (now - self.started) / TAKES
            self.reached = min(100, int(share * 100))
            self.status = "InProgress" if share > 0.05 else "Pending"
            if share >= 1:
                self._end("Successful", now)
                if template := self.desired.get("LaunchTemplate"):
                    self.group._set_launch_configuration("", dict(template), None)

    def _end(self, status: str, now: datetime) -> None:
        self.status, self.ended = status, now

    def shown(self) -> dict[str, Any]:
        count = len(self.group.instance_states)
        found = {
            "InstanceRefreshId": self.id,
            "AutoScalingGroupName": self.group.name,
            "Status": self.status,
            "StartTime": self.started,
            "PercentageComplete": self.reached,
            "InstancesToUpdate": count - count * self.reached // 100,
            "Preferences": self.preferences,
            "Strategy": "Rolling",
        }
        if self.ended:
            found["EndTime"] = self.ended
        if self.desired:
            found["DesiredConfiguration"] = self.desired
        if self.back_since:
            found["RollbackDetails"] = {
                "RollbackStartTime": self.back_since,
                "PercentageCompleteOnRollback": self.reached,
                "RollbackReason": "The user asked for it",
            }
        return found


def start_instance_refresh(self: AutoScalingResponse) -> ActionResult:
    group, known = _known(self)
    desired = self._get_param("DesiredConfiguration", {}) or {}
    preferences = self._get_param("Preferences", {}) or {}
    if any(each.running for each in known):
        raise InProgress("An Instance Refresh is already in progress and blocks the execution.")
    template = desired.get("LaunchTemplate") or {}
    if version := template.get("Version"):
        found = group.ec2_launch_template
        if version.isdigit() and found and int(version) > len(found.versions):
            raise Invalid(f"Could not find launch template version {version}")
    made = Refresh(
        group=group,
        desired=desired,
        preferences=preferences,
        before=str(group.launch_template_version),
    )
    known.insert(0, made)
    # Also for whoever looks at the group and not at the refresh.
    MOMENT.after(TAKES.total_seconds(), made.move)
    return ActionResult({"InstanceRefreshId": made.id})


def describe_instance_refreshes(self: AutoScalingResponse) -> ActionResult:
    _group, known = _known(self)
    wanted = self._get_param("InstanceRefreshIds", [])
    shown = [each.shown() for each in known if not wanted or each.id in wanted]
    return ActionResult({"InstanceRefreshes": shown})


def rollback_instance_refresh(self: AutoScalingResponse) -> ActionResult:
    group, known = _known(self)
    running = next((each for each in known if each.status in ("Pending", "InProgress")), None)
    if running is None:
        raise NotFound("No in progress or pending Instance Refresh found for Auto Scaling group")
    if not running.desired:
        raise Irreversible("There is no desired configuration specified")
    if not str(group.launch_template_version).isdigit():
        raise Irreversible("The Auto Scaling group uses $Latest or $Default")
    running.status, running.back_since = "RollbackInProgress", MOMENT.now()
    MOMENT.after(TAKES.total_seconds() / 2, running.move)
    return ActionResult({"InstanceRefreshId": running.id})


def cancel_instance_refresh(self: AutoScalingResponse) -> ActionResult:
    _group, known = _known(self)
    running = next((each for each in known if each.running), None)
    if running is None:
        raise NotFound("No in progress or pending Instance Refresh found for Auto Scaling group")
    running.status = "Cancelling"
    return ActionResult({"InstanceRefreshId": running.id})


def _known(self: AutoScalingResponse) -> tuple[FakeAutoScalingGroup, list[Refresh]]:
    """Kept on moto's group, so that its reset forgets them too."""
    name = self._get_param("AutoScalingGroupName")
    groups = self.autoscaling_backend.describe_auto_scaling_groups([name])
    if not groups:
        raise Invalid(f"AutoScalingGroup name not found - {name}")
    known: list[Refresh] = vars(groups[0]).setdefault("refreshes", [])
    for each in known:
        each.move()
    return groups[0], known


def extend() -> None:
    for each in (
        start_instance_refresh,
        describe_instance_refreshes,
        rollback_instance_refresh,
        cancel_instance_refresh,
    ):
        setattr(AutoScalingResponse, each.__name__, each)
