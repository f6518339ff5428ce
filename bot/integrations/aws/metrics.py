"""CloudWatch's newest numbers of one resource: all that is wanted of it in one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.integrations.aws.account import Account

WINDOW = timedelta(minutes=5)
NO_NUMBERS = "CloudWatch has no numbers of it"
_PERIOD = 60


@dataclass(frozen=True, kw_only=True)
class Metric:
    """`of` are its dimensions. A `Sum` is told as the sum of the window, the rest as its newest."""

    namespace: str
    name: str
    of: Mapping[str, str]
    stat: str = "Average"


def points(
    account: Account, wanted: Sequence[Metric], *, doing: str, region: str = ""
) -> list[list[float]]:
    """Of the last minutes, oldest first, in the order of what is wanted; empty where there are none."""
    now = account.clock.now()
    answered = account.read(
        "cloudwatch",
        "get_metric_data",
        doing=doing,
        region=region,
        MetricDataQueries=[_query(number, each) for number, each in enumerate(wanted)],
        StartTime=now - WINDOW,
        EndTime=now,
    )["MetricDataResults"]
    found = {each["Id"]: each for each in answered}
    return [_in_order(found.get(f"m{number}")) for number in range(len(wanted))]


def newest(
    account: Account, wanted: Sequence[Metric], *, doing: str, region: str = ""
) -> list[float | None]:
    """In the order of what is wanted; None where CloudWatch has no points."""
    read = points(account, wanted, doing=doing, region=region)
    return [
        None if not values else sum(values) if each.stat == "Sum" else values[-1]
        for each, values in zip(wanted, read, strict=True)
    ]


def a_minute(total: float) -> float:
    return total / (WINDOW / timedelta(minutes=1))


def worst(values: Sequence[float | None]) -> float | None:
    """The highest that is known."""
    known = [each for each in values if each is not None]
    return max(known) if known else None


def _query(number: int, metric: Metric) -> dict[str, Any]:
    named = {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in metric.of.items()],
    }
    stat = {"Metric": named, "Period": _PERIOD, "Stat": metric.stat}
    return {"Id": f"m{number}", "MetricStat": stat}


def _in_order(answer: Mapping[str, Any] | None) -> list[float]:
    if answer is None:
        return []
    seen = zip(answer["Timestamps"], answer["Values"], strict=True)
    return [float(value) for _, value in sorted(seen, key=lambda each: each[0])]
