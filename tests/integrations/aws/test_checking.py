"""`check` tries the role of each environment, and says what is off where none is named."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.checking import accounts
from bot.checking.row import Row, State
from bot.config import AwsConfig, Config, survey
from tests.cloud import ROLE


@pytest.fixture
def shipped() -> Config:
    return survey({}).config


def rows(config: Config, *roles: AwsConfig) -> dict[str, Row]:
    found = asyncio.run(accounts.rows(replace(config, aws=roles)))
    return {row.what.removeprefix("AWS in ").split()[0].strip(":"): row for row in found}


def role(aws, environment: str = "production", arn: str = ROLE) -> AwsConfig:
    return AwsConfig(environment=environment, role_arn=arn, region="eu-west-1", endpoint=aws.url)


def test_a_role_that_can_be_assumed_is_shown_with_who_we_are_there(aws, shipped):
    row = rows(shipped, role(aws))["production"]
    assert row.state is State.OK
    assert "assumed-role/tocsin/tocsin-check" in row.what


def test_a_role_that_may_not_be_assumed_is_a_problem_of_its_variable(aws, shipped):
    aws.fault("AssumeRole", "deny")
    row = rows(shipped, role(aws))["production"]
    assert (row.state, row.where) == (State.PROBLEM, "AWS_PRODUCTION_ROLE_ARN")
    assert "trust policy" in row.fix


def test_an_environment_without_a_role_says_what_is_off_there(aws, shipped):
    row = rows(shipped, role(aws))["staging"]
    assert row.state is State.OFF
    assert "No traffic is shifted" in row.fix
