"""What a trail writes is read as it comes: hidden, cut short or of another shape, it breaks nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.domain.catalog import Catalog
from bot.integrations.aws.trail_events import event
from bot.integrations.aws.trail_places import Known
from bot.integrations.aws.trail_sorts import SORTS
from bot.integrations.aws.trail_telling import told

KNOWN = Known(catalog=Catalog(), environment="production")
SHAPES = (
    None,
    {},
    {"rules": None, "actions": "cut", "addresses": 3, "changeBatch": None},
    {"actions": [None, {"forwardConfig": None}], "launchTemplate": "x", "rules": [1]},
    {"actions": [{"forwardConfig": {"targetGroups": [{"weight": 3}]}}], "changeBatch": {}},
    {"changeBatch": {"changes": [{"resourceRecordSet": None}, "x"]}, "rules": [{"action": None}]},
)


def shown(sort: str, asked: object = None, **more: object) -> dict[str, object]:
    service, _, name = sort.partition(":")
    detail = {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "requestParameters": asked,
        **more,
    }
    return {
        "EventId": "e1",
        "EventTime": datetime(2026, 3, 10, tzinfo=UTC),
        "CloudTrailEvent": json.dumps(detail),
        "Username": "kenji",
    }


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_every_sort_of_call_is_told_whatever_it_was_given(sort):
    for asked in SHAPES:
        read = event(shown(sort, asked))
        assert read is not None
        change = told(read, KNOWN, lambda _after, read=read: read)
        assert (change is not None) == SORTS[sort].shared


@pytest.mark.parametrize(
    ("identity", "actor"),
    [
        ({"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/ci/apply-77"}, "apply-77"),
        ({"type": "IAMUser", "userName": "rosa"}, "rosa"),
        ({"type": "AWSService", "invokedBy": "rds.amazonaws.com"}, "rds.amazonaws.com"),
        ({"type": "Root"}, "root"),
        ({}, "kenji"),
        (None, "kenji"),
    ],
)
def test_the_actor_is_the_session_the_user_or_the_service(identity, actor):
    read = event(shown("rds:RebootDBInstance", userIdentity=identity))
    assert read is not None
    assert read.actor == actor


@pytest.mark.parametrize("text", ["", "{", "[]", "3"])
def test_what_cannot_be_read_is_passed_over(text):
    assert event({**shown("rds:RebootDBInstance"), "CloudTrailEvent": text}) is None


def test_what_ec2_wraps_once_more_is_unwrapped():
    asked = {"ModifyLaunchTemplateRequest": {"LaunchTemplateId": "lt-1", "SetDefaultVersion": "3"}}
    read = event(shown("ec2:ModifyLaunchTemplate", asked))
    assert read is not None
    assert read.text("launchTemplateId") == "lt-1"
