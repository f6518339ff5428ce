"""CloudWatch as the demo world has it: its numbers are asked for where they are made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from sandbox.aws.fleet import BUCKETS

_PATIENCE = 5.0
_QUERIES, _POINTS = 500, 100_800
"""In one request, and in one answer to it."""


def extend(world: str) -> None:
    """`world` is the demo world's address; a metric that it does not know has no points."""
    http = httpx.Client(base_url=world, timeout=_PATIENCE, trust_env=False)

    def get_metric_data(self: CloudWatchResponse) -> ActionResult:
        asked = self._get_param("MetricDataQueries", [])
        since, until = (_seconds(self._get_param(name)) for name in ("StartTime", "EndTime"))
        queries = [_query(each) for each in asked if "MetricStat" in each]
        body = {"queries": queries, "since": since, "until": until}
        if len(queries) > _QUERIES:
            raise ValidationError(f"At most {_QUERIES} MetricDataQueries are allowed")
        found = http.post("/_sandbox/aws/numbers", json=body).raise_for_status().json()
        start = int(self._get_param("NextToken") or 0)
        return ActionResult(_page(found["series"], start, found.get("most", _POINTS)))

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


def _page(series: list[dict[str, Any]], start: int, most: int) -> dict[str, Any]:
    """From the `start`th point on, `most` of them; a metric that goes on is PartialData here."""
    results, at = [], 0
    for each in series:
        first, at = at, at + len(each["at"])
        if at < start or (at == start and start > 0) or first > start + most:
            continue
        part = slice(max(0, start - first), max(0, start + most - first))
        status = "PartialData" if at > start + most else each.get("status", "Complete")
        times = [datetime.fromtimestamp(seconds).astimezone() for seconds in each["at"][part]]
        found = {"Id": each["id"], "Label": each["id"], "StatusCode": status}
        results.append(found | {"Timestamps": times, "Values": each["values"][part]})
    told: dict[str, Any] = {"MetricDataResults": results, "Messages": []}
    return told | ({"NextToken": str(start + most)} if at > start + most else {})


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
