"""One way into an account: who we are there, what is repeated, and how AWS's refusals read."""

import json
import subprocess
import sys

import pytest

from bot.domain.errors import NotSent, Refused, VendorDown, VendorRejected
from bot.integrations.aws.account import Account
from bot.reactions import deciding, serving
from tests.cloud import ROLE
from tests.integrations.worlds import OPEN, SHUT


def read(account):
    return account.read("autoscaling", "describe_auto_scaling_groups", doing="read the groups")


def write(account):
    return account.write(
        "sns",
        "create_topic",
        doing="make a topic",
        by_hand="Do it in the console.",
        Name="web",
    )


def test_calls_are_made_as_the_role_with_the_incidents_name(aws, account):
    with serving("20260305-lms-ab12"):
        read(account)
    (call,) = aws.calls("DescribeAutoScalingGroups")
    assert call["session"] == "20260305-lms-ab12"


def test_outside_of_an_incident_the_session_is_our_own(aws, account):
    read(account)
    assert aws.calls("DescribeAutoScalingGroups")[0]["session"] == "tocsin"


def test_a_name_that_aws_would_not_take_is_made_fit(aws, account):
    with serving("Störung 1/2"):
        read(account)
    assert aws.calls("DescribeAutoScalingGroups")[0]["session"] == "St-rung-1-2"


def test_a_session_is_used_again(aws, account):
    read(account)
    read(account)
    assert len(aws.calls("AssumeRole")) == 1


def test_a_session_that_ran_out_is_left_and_made_anew(aws, account):
    read(account)
    aws.fault("DescribeAutoScalingGroups", "expire", times=1)
    with pytest.raises(VendorDown, match="our session there ran out"):
        read(account)
    read(account)
    assert len(aws.calls("AssumeRole")) == 2


def test_who_we_are_names_the_role(account):
    assert account.who() == "arn:aws:sts::123456789012:assumed-role/tocsin/tocsin"


def test_the_edge_is_steered_from_one_region(aws, account):
    account.read("route53", "list_hosted_zones", doing="list the zones", region="us-east-1")
    assert {each["region"] for each in aws.calls()} == {"us-east-1"}


@pytest.mark.parametrize("do", ["5xx", "throttle", "drop_before", "drop_after"])
def test_nothing_that_changes_production_is_repeated(aws, account, do):
    read(account)
    aws.fault("CreateTopic", do)
    with pytest.raises((NotSent, VendorDown)):
        write(account)
    reached = len(aws.calls("CreateTopic"))
    assert reached == (0 if do == "drop_before" else 1)


def test_throttled_means_that_nothing_happened_and_later_it_may(aws, account):
    aws.fault("CreateTopic", "throttle")
    with pytest.raises(NotSent, match="limiting how often") as unsent:
        write(account)
    assert unsent.value.may_pass
    assert unsent.value.retry_after is not None


def test_a_denied_call_names_the_missing_right(aws, account):
    aws.fault("CreateTopic", "deny")
    with pytest.raises(NotSent, match="our role lacks sns:CreateTopic") as unsent:
        write(account)
    assert not unsent.value.may_pass
    assert unsent.value.by_hand == "Do it in the console."


def test_a_role_that_may_not_be_assumed_is_told_plainly(aws, account):
    aws.fault("sts.AssumeRole", "deny")
    with pytest.raises(VendorRejected, match="our role lacks sts:AssumeRole"):
        read(account)


def test_a_change_without_a_session_was_certainly_not_sent(aws, account):
    aws.fault("sts.AssumeRole", "drop_before")
    with pytest.raises(NotSent):
        write(account)


def test_an_invalid_request_is_rejected_in_awss_words(account):
    with pytest.raises(VendorRejected, match="not found"):
        account.read(
            "rds", "describe_db_instances", doing="read it", DBInstanceIdentifier="nowhere"
        )


def test_an_answer_that_never_came_leaves_it_in_doubt(aws, account):
    read(account)
    aws.fault("CreateTopic", "drop_after")
    with pytest.raises(VendorDown, match="the connection broke"):
        write(account)


def test_nobody_listening_means_that_nothing_was_sent(aws):
    gone = Account(
        "production", ROLE, "us-east-1", gate=OPEN, clock=aws, endpoint="http://127.0.0.1:9"
    )
    with pytest.raises(NotSent, match="could not be reached"):
        write(gone)
    gone.close()


def test_without_keys_of_our_own_the_reason_is_said(aws, account, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(VendorRejected, match="no AWS credentials are found"):
        read(account)


def test_in_observe_mode_nothing_is_written(aws):
    looking = Account("production", ROLE, "us-east-1", gate=SHUT, clock=aws, endpoint=aws.url)
    with pytest.raises(Refused, match="observe mode"):
        write(looking)
    assert aws.calls() == []
    looking.close()


def test_no_call_is_made_while_a_decision_is_open(account):
    with deciding(), pytest.raises(RuntimeError, match="decide first"):
        read(account)


def test_starting_the_bot_does_not_load_the_sdk():
    code = (
        "import sys, json, bot.wiring; print(json.dumps([m for m in sys.modules if 'boto' in m]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == []


def test_an_answer_that_is_not_of_aws_may_pass(aws, account):
    """Like the page of a proxy in between; moto answers so where it breaks."""
    with pytest.raises(VendorDown):
        account.write(
            "autoscaling",
            "set_desired_capacity",
            doing="scale web",
            AutoScalingGroupName="nowhere",
            DesiredCapacity=2,
        )
