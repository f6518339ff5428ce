"""How far a replica is behind, as CloudWatch saw it last."""

from __future__ import annotations

from datetime import timedelta

from bot.integrations.aws.account import Account
from bot.integrations.aws.metrics import Metric, points


def lag_of(
    account: Account, metric: tuple[str, str, str, str], *, unit: timedelta
) -> timedelta | None:
    """`metric` is namespace, name, dimension and its value. The worst of five minutes, or None."""
    namespace, name, dimension, value = metric
    wanted = Metric(namespace=namespace, name=name, of={dimension: value}, stat="Maximum")
    (values,) = points(account, [wanted], doing=f"read how far {value} is behind")
    return max(values) * unit if values else None
