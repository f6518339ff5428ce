"""How a target group does: which of its targets pass, and what CloudWatch counted lately."""

from __future__ import annotations

from datetime import timedelta

from bot.integrations.aws.account import Account
from bot.integrations.aws.metrics import Metric, points

_METRICS = (
    ("RequestCount", "Sum"),
    ("HTTPCode_Target_5XX_Count", "Sum"),
    ("TargetResponseTime", "Average"),
)


def targets_of(account: Account, group: str) -> tuple[int, int]:
    """Healthy ones, and all."""
    found = account.read(
        "elbv2", "describe_target_health", doing="read target health", TargetGroupArn=group
    )["TargetHealthDescriptions"]
    healthy = [each for each in found if each["TargetHealth"]["State"] == "healthy"]
    return len(healthy), len(found)


def numbers(
    account: Account, group: str, balancer: str
) -> tuple[int | None, int, timedelta | None]:
    """Requests, errors and mean latency of the last five minutes; no data is None, not zero."""
    of = {
        "TargetGroup": group.rpartition(":")[2],
        "LoadBalancer": balancer.partition(":loadbalancer/")[2],
    }
    requests, errors, latency = points(
        account,
        [
            Metric(namespace="AWS/ApplicationELB", name=name, of=of, stat=stat)
            for name, stat in _METRICS
        ],
        doing="read the requests of a target group",
    )
    return (
        round(sum(requests)) if requests else None,
        # A metric of errors has no points while there are none.
        round(sum(errors)),
        timedelta(seconds=sum(latency) / len(latency)) if latency else None,
    )
