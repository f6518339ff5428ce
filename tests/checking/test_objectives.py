"""What measuring costs is said before it is spent."""

from __future__ import annotations

from pydantic import SecretStr

from bot.checking.objectives import rows
from bot.checking.row import State
from bot.config import AwsConfig, Config, NewRelicConfig
from bot.domain.catalog import Catalog
from bot.domain.policy import Policy
from bot.domain.slo import CloudWatchQuery, Objective, Ratio
from tests.doubles.meters import available

NEW_RELIC = NewRelicConfig(api_url="https://nr.example", api_key=SecretStr("k"), account_id=1)
_ROLE = "arn:aws:iam::111111111111:role/tocsin"
AWS = AwsConfig(environment="production", role_arn=_ROLE, region="us-east-1")


def config(*objectives: Objective, **more: object) -> Config:
    return Config(catalog=Catalog(objectives=objectives), policy=Policy(), **more)  # type: ignore[arg-type]


def of_cloudwatch() -> Objective:
    requests = CloudWatchQuery(namespace="AWS/CloudFront", metric="Requests")
    share = CloudWatchQuery(namespace="AWS/CloudFront", metric="5xx", percent_of=requests)
    return available("video", indicator=Ratio(total=(requests,), bad=(share,)))


def test_cloudwatch_is_told_in_calls_and_dollars() -> None:
    (row,) = rows(config(of_cloudwatch(), aws=(AWS,)))
    assert row.state is State.OK
    assert "3 series every 5 min, 8,640 GetMetricData calls and $0.26 a month" in row.what


def test_new_relic_is_told_in_queries() -> None:
    (row,) = rows(config(available(), newrelic=NEW_RELIC))
    assert "2 series every 5 min, 17,280 NRQL queries a month" in row.what


def test_an_objective_that_nobody_counts_is_named() -> None:
    (row,) = rows(config(of_cloudwatch()))
    assert row.state is State.OFF
    assert "Nobody is configured who counts for video." in row.what


def test_no_objective_at_all_is_off_and_says_what_is_missing() -> None:
    (row,) = rows(config())
    assert (row.state, "error budget" in row.fix) == (State.OFF, True)
