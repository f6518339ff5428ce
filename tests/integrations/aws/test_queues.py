"""How much waits in a queue, read by real boto3 from moto."""

from __future__ import annotations

import pytest

from bot.domain.errors import VendorRejected
from bot.domain.places import Queue
from bot.domain.queue import Depth
from bot.integrations.aws.account import Account
from bot.integrations.aws.queues import MeasuredQueues
from tests.cloud import Cloud
from tests.integrations.aws.numbers import counted

SQS = Queue(
    namespace="AWS/SQS",
    metric="ApproximateNumberOfMessagesVisible",
    of=(("QueueName", "grades"),),
)
CELERY = Queue(namespace="Platform/Celery", metric="QueueLength")


def test_what_waits_is_the_newest_number(aws: Cloud, account: Account) -> None:
    counted(aws, "AWS/SQS", {"QueueName": "grades"}, ApproximateNumberOfMessagesVisible=9000)
    aws.advance(120)
    counted(aws, "AWS/SQS", {"QueueName": "grades"}, ApproximateNumberOfMessagesVisible=1204)
    counted(aws, "AWS/SQS", {"QueueName": "mails"}, ApproximateNumberOfMessagesVisible=7)

    assert MeasuredQueues(account).depth(SQS) == Depth(waiting=1204)
    assert MeasuredQueues(account).depth(SQS).words == "1,204 waiting"


def test_a_metric_of_the_team_s_own_needs_no_dimension(aws: Cloud, account: Account) -> None:
    counted(aws, "Platform/Celery", {}, QueueLength=380)

    assert MeasuredQueues(account).depth(CELERY) == Depth(waiting=380)


def test_an_empty_queue_is_a_number(aws: Cloud, account: Account) -> None:
    counted(aws, "Platform/Celery", {}, QueueLength=0)

    assert MeasuredQueues(account).depth(CELERY).words == "0 waiting"


def test_without_a_number_of_now_it_is_not_known(aws: Cloud, account: Account) -> None:
    counted(aws, "Platform/Celery", {}, QueueLength=380)
    aws.advance(600)

    assert MeasuredQueues(account).depth(CELERY).words == (
        "cannot be read: CloudWatch has no number of the last 5 minutes"
    )


def test_a_missing_right_is_named(aws: Cloud, account: Account) -> None:
    aws.fault("GetMetricData", "deny", times=1)

    with pytest.raises(VendorRejected, match="lacks cloudwatch:GetMetricData"):
        MeasuredQueues(account).depth(CELERY)
