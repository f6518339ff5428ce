"""CloudWatch as the demo world has it: its numbers are asked for where they are made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from sandbox.aws.fleet import BUCKETS

_PATIENCE = 5.0


def extend(world: str) -> None:
    """`world` is the demo world's address; a metric that it does not know has no points."""
    http = httpx.Client(base_url=world, timeout=_PATIENCE, trust_env=False)

    def get_metric_data(self: CloudWatchResponse) -> ActionResult:
        asked = self._get_param("MetricDataQueries", [])
        since, until = (_seconds(self._get_param(name)) for name in ("StartTime", "EndTime"))
        queries = [_query(each) for each in asked if "MetricStat" in each]
        body = {"queries": queries, "since": since, "until": until}
        found = http.post("/_sandbox/aws/numbers", json=body).raise_for_status().json()
        results = [
            {
                "Id": each["id"],
                "Label": each["id"],
                "Timestamps": [datetime.fromtimestamp(at).astimezone() for at in each["at"]],
                "Values": each["values"],
                "StatusCode": "Complete",
            }
            for each in found["series"]
        ]
        return ActionResult({"MetricDataResults": results, "Messages": []})

    def list_metrics(self: CloudWatchResponse) -> ActionResult:
        """Buckets alone are looked for like this: which of them have request metrics."""
        found = [
            {
                "Namespace": "AWS/S3",
                "MetricName": "AllRequests",
                "Dimensions": [
                    {"Name": "BucketName", "Value": each},
                    {"Name": "FilterId", "Value": "EntireBucket"},
                ],
            }
            for each in BUCKETS
        ]
        return ActionResult({"Metrics": found})

    actions: Any = CloudWatchResponse
    actions.list_metrics = list_metrics
    actions.get_metric_data = get_metric_data


def _seconds(given: Any) -> float:
    if isinstance(given, datetime):
        return given.timestamp()
    if isinstance(given, int | float):
        return float(given)
    return datetime.fromisoformat(str(given)).timestamp()


def _query(asked: dict[str, Any]) -> dict[str, Any]:
    stat = asked["MetricStat"]
    metric = stat["Metric"]
    return {
        "id": asked["Id"],
        "namespace": metric["Namespace"],
        "metric": metric["MetricName"],
        "of": {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])},
        "period": int(stat["Period"]),
        "stat": stat["Stat"],
    }
