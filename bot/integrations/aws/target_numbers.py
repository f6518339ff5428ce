"""How a target group does: which of its targets pass, and what CloudWatch counted lately."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.integrations.aws.account import Account

WINDOW = timedelta(minutes=5)
_METRICS = (
    ("requests", "RequestCount", "Sum"),
    ("errors", "HTTPCode_Target_5XX_Count", "Sum"),
    ("latency", "TargetResponseTime", "Average"),
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
    now = account.clock.now()
    answered = account.read(
        "cloudwatch",
        "get_metric_data",
        doing="read the requests of a target group",
        MetricDataQueries=[_query(*each, group, balancer) for each in _METRICS],
        StartTime=now - WINDOW,
        EndTime=now,
    )["MetricDataResults"]
    values = {each["Id"]: [float(value) for value in each["Values"]] for each in answered}
    requests, latency = values.get("requests"), values.get("latency")
    return (
        round(sum(requests)) if requests else None,
        # A metric of errors has no points while there are none.
        round(sum(values.get("errors", ()))),
        timedelta(seconds=sum(latency) / len(latency)) if latency else None,
    )


def _query(name: str, metric: str, statistic: str, group: str, balancer: str) -> dict[str, Any]:
    dimensions = [
        {"Name": "TargetGroup", "Value": group.rpartition(":")[2]},
        {"Name": "LoadBalancer", "Value": balancer.partition(":loadbalancer/")[2]},
    ]
    named = {"Namespace": "AWS/ApplicationELB", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": named, "Period": 60, "Stat": statistic}}
