"""The demo world and the simulated cloud over real HTTP."""

import pytest

from tests.cloud import aws, aws_process
from tests.mitigations.clouds import account_of
from tests.sandbox.conftest import demo, receiver, start

__all__ = ["aws", "aws_process", "demo", "receiver", "start"]


@pytest.fixture
def account(aws):
    made = account_of(aws)
    yield made
    made.close()
