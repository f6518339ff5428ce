"""Numbers put into the simulated CloudWatch, and what is then said of a resource."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.places import Deployment, Driver
from bot.domain.vitals import Condition
from bot.integrations.aws.account import Account
from bot.integrations.aws.health import AwsHealth
from tests.cloud import Cloud


def placed(kind: str, name: str, **spec: str) -> Deployment:
    return Deployment(
        service=name,
        environment="production",
        driver=Driver.MANAGED,
        cluster="prod-eks-1",
        kind=kind,
        identifier=name,
        spec=tuple(spec.items()),
    )


def condition(account: Account, kind: str, name: str, **spec: str) -> Condition:
    return AwsHealth(account).condition(placed(kind, name, **spec))


def counted(aws: Cloud, namespace: str, of: dict[str, str], **metrics: float) -> None:
    """As if CloudWatch had heard it a minute ago."""
    dimensions = [{"Name": name, "Value": value} for name, value in of.items()]
    aws.client("cloudwatch").put_metric_data(
        Namespace=namespace,
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": dimensions,
                "Timestamp": aws.now() - timedelta(seconds=90),
                "Value": value,
            }
            for name, value in metrics.items()
        ],
    )
