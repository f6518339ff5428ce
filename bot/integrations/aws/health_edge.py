"""How what stands in front is doing: buckets, the CDN, the firewall and the load balancers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.places import Deployment
from bot.domain.vitals import Condition, Sign, Vital
from bot.integrations.aws.account import EDGE, Account
from bot.integrations.aws.metrics import NO_NUMBERS, Metric, newest

_WHOLE = "EntireBucket"
"""What AWS's console calls a filter that lets everything through."""
_FEW = 20
"""Of fewer requests in the window a percentage says nothing."""


def buckets(account: Account, place: Deployment) -> Condition:
    """One or several, as the catalog names them; each by its request metrics."""
    names = (place.option("buckets") or place.identifier).split()
    listed = account.pages(
        "cloudwatch",
        "list_metrics",
        doing="see which buckets have request metrics",
        key="Metrics",
        Namespace="AWS/S3",
        MetricName="AllRequests",
    )
    found = [{d["Name"]: d["Value"] for d in each["Dimensions"]} for each in listed]
    filters: dict[str, str] = {}
    for each in found:
        bucket, name = each.get("BucketName", ""), each.get("FilterId", "")
        if bucket in names and (name == _WHOLE or bucket not in filters):
            filters[bucket] = name
    dark = [each for each in names if each not in filters]
    return Condition(
        vitals=tuple(_of_buckets(account, filters)) if filters else (),
        unseen=(f"request metrics are not switched on: {', '.join(dark)}",) if dark else (),
    )


def _of_buckets(account: Account, filters: dict[str, str]) -> Iterator[Vital]:
    numbers = newest(
        account,
        [
            Metric(
                namespace="AWS/S3",
                name=metric,
                of={"BucketName": bucket, "FilterId": name},
                stat="Sum",
            )
            for bucket, name in filters.items()
            for metric in ("AllRequests", "5xxErrors", "4xxErrors")
        ],
        doing="read the requests of the buckets",
    )
    for place, bucket in enumerate(filters):
        every, broken, refused = numbers[3 * place : 3 * place + 3]
        yield from _rates(every, broken, refused, bucket)


def _rates(
    every: float | None, broken: float | None, refused: float | None, of: str
) -> Iterator[Vital]:
    """A metric of errors has no points while there are none."""
    if not every or every < _FEW:
        return
    for sign, count in ((Sign.SERVER_ERRORS, broken), (Sign.CLIENT_ERRORS, refused)):
        yield Vital(sign=sign, value=100 * (count or 0) / every, basis=of)


def distribution(account: Account, place: Deployment) -> Condition:
    of = {"DistributionId": place.identifier, "Region": "Global"}
    broken, refused = newest(
        account,
        [
            Metric(namespace="AWS/CloudFront", name=name, of=of)
            for name in ("5xxErrorRate", "4xxErrorRate")
        ],
        doing=f"read the errors of {place.identifier}",
        region=EDGE,
    )
    return _seen(
        [
            *_plain(Sign.SERVER_ERRORS, broken),
            *_plain(Sign.CLIENT_ERRORS, refused),
        ]
    )


def firewall(account: Account, place: Deployment) -> Condition:
    """How much of what comes is stopped; in front of CloudFront it is counted in us-east-1."""
    at_the_edge = place.option("scope") == "CLOUDFRONT"
    region = {} if at_the_edge else {"Region": account.region}
    of = {"WebACL": place.identifier, "Rule": "ALL", **region}
    allowed, blocked = newest(
        account,
        [
            Metric(namespace="AWS/WAFV2", name=name, of=of, stat="Sum")
            for name in ("AllowedRequests", "BlockedRequests")
        ],
        doing=f"read what {place.identifier} blocks",
        region=EDGE if at_the_edge else "",
    )
    every = (allowed or 0) + (blocked or 0)
    if allowed is None or every < _FEW:
        return _seen([])
    return _seen([Vital(sign=Sign.BLOCKED, value=100 * (blocked or 0) / every)])


def balancer(account: Account, place: Deployment) -> Condition:
    shown = account.read(
        "elbv2",
        "describe_load_balancers",
        doing=f"read how {place.identifier} is",
        Names=[place.identifier],
    )["LoadBalancers"][0]
    groups = account.read(
        "elbv2",
        "describe_target_groups",
        doing=f"read the target groups of {place.identifier}",
        LoadBalancerArn=shown["LoadBalancerArn"],
    )["TargetGroups"]
    of = {"LoadBalancer": str(shown["LoadBalancerArn"]).partition(":loadbalancer/")[2]}
    whole = ("RequestCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count")
    sides = [each["TargetGroupArn"].rpartition(":")[2] for each in groups]
    numbers = newest(
        account,
        [
            *(_of_balancer(metric, of) for metric in whole),
            *(
                _of_balancer(metric, {**of, "TargetGroup": side}, "Maximum")
                for side in sides
                for metric in ("HealthyHostCount", "UnHealthyHostCount")
            ),
        ],
        doing=f"read the numbers of {place.identifier}",
    )
    every, behind, itself = numbers[:3]
    broken = (behind or 0) + (itself or 0)
    rates = [v for v in _rates(every, broken, None, "") if v.sign is Sign.SERVER_ERRORS]
    return _seen([*rates, *_targets(sides, numbers[3:])])


def _of_balancer(metric: str, of: dict[str, str], stat: str = "Sum") -> Metric:
    return Metric(namespace="AWS/ApplicationELB", name=metric, of=of, stat=stat)


def _targets(sides: Sequence[str], numbers: Sequence[float | None]) -> Iterator[Vital]:
    for place, side in enumerate(sides):
        healthy, sick = numbers[2 * place : 2 * place + 2]
        if sick:
            name = side.split("/")[1] if "/" in side else side
            up = healthy or 0
            yield Vital(sign=Sign.TARGETS, value=up, of=up + sick, basis=name)


def _plain(sign: Sign, value: float | None) -> Iterator[Vital]:
    if value is not None:
        yield Vital(sign=sign, value=value)


def _seen(vitals: Sequence[Vital]) -> Condition:
    return Condition(vitals=tuple(vitals), unseen=() if vitals else (NO_NUMBERS,))
