"""How far a replica is behind, as CloudWatch saw it last."""

from __future__ import annotations

from datetime import timedelta

from bot.integrations.aws.account import Account

_WINDOW = timedelta(minutes=5)


def lag_of(
    account: Account, metric: tuple[str, str, str, str], *, unit: timedelta
) -> timedelta | None:
    """`metric` is namespace, name, dimension and its value. The worst of five minutes, or None."""
    namespace, name, dimension, value = metric
    now = account.clock.now()
    found = account.read(
        "cloudwatch",
        "get_metric_data",
        doing=f"read how far {value} is behind",
        MetricDataQueries=[
            {
                "Id": "lag",
                "MetricStat": {
                    "Metric": {
                        "Namespace": namespace,
                        "MetricName": name,
                        "Dimensions": [{"Name": dimension, "Value": value}],
                    },
                    "Period": 60,
                    "Stat": "Maximum",
                },
            }
        ],
        StartTime=now - _WINDOW,
        EndTime=now,
    )["MetricDataResults"]
    values = [float(each) for each in found[0]["Values"]] if found else []
    return max(values) * unit if values else None
