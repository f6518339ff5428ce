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


def newest(
    account: Account, wanted: Sequence[Metric], *, doing: str, region: str = ""
) -> list[float | None]:
    """In the order of what is wanted; None where CloudWatch has no points."""
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
    return [_told(found.get(f"m{number}"), each) for number, each in enumerate(wanted)]


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


def _told(answer: Mapping[str, Any] | None, metric: Metric) -> float | None:
    values = [float(each) for each in answer["Values"]] if answer else []
    if answer is None or not values:
        return None
    if metric.stat == "Sum":
        return sum(values)
    _, last = max(zip(answer["Timestamps"], values, strict=True), key=lambda each: each[0])
    return last
