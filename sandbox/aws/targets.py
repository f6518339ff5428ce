"""Target health that can be made bad: moto's targets are all well for ever."""

from __future__ import annotations

from dataclasses import dataclass, field

from moto.core.responses import ActionResult
from moto.elbv2.responses import ELBV2Response


@dataclass(kw_only=True)
class Targets:
    sick: dict[str, int] = field(default_factory=dict)
    """By the ARN of a target group: how many of its targets do not pass."""

    def clear(self) -> None:
        self.sick = {}


TARGETS = Targets()


def describe_target_health(self: ELBV2Response) -> ActionResult:
    group = self._get_param("TargetGroupArn")
    found = self.elbv2_backend.describe_target_health(group, self._get_param("Targets", []))
    for each in found[: TARGETS.sick.get(group, 0)]:
        each.status, each.reason = "unhealthy", "Target.ResponseCodeMismatch"
    return ActionResult({"TargetHealthDescriptions": found})


def extend() -> None:
    ELBV2Response.describe_target_health = describe_target_health
