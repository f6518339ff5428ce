"""The simulated cloud, and our account in it."""

from __future__ import annotations

import pytest

from bot.integrations.aws.account import Account
from tests.cloud import ROLE, Cloud, aws, aws_process
from tests.integrations.worlds import OPEN

__all__ = ["aws", "aws_process"]


@pytest.fixture
def account(aws: Cloud):
    made = Account("production", ROLE, "us-east-1", gate=OPEN, clock=aws, endpoint=aws.url)
    yield made
    made.close()
