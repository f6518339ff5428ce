"""Rollouts of flags as changes, by real boto3: the flag in words, its way back, one change by two sources."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from bot.domain.catalog import Catalog, Resource, Service
from bot.domain.change import Change, ChangeKind, ChangeStatus
from bot.domain.change_merging import Ours, merged
from bot.domain.flags import setting
from bot.domain.suspicion import Trouble, placed, rank
from bot.integrations.aws.pace import Pace
from bot.integrations.aws.rollouts import FlagRollouts
from bot.integrations.aws.trail import CloudTrail
from tests.cloud import Cloud
from tests.mitigations.clouds import INCIDENT, PRODUCTION
from tests.mitigations.test_set_flag import FLAGS, Flags


@pytest.fixture
def flags(aws: Cloud) -> Flags:
    return Flags(aws)


@pytest.fixture
def catalog(flags: Flags) -> Catalog:
    return Catalog(
        environments=(PRODUCTION,),
        services=(Service(name="lms", depends_on=("flags",)),),
        resources=(
            Resource(
                name="flags",
                kind="appconfig",
                environments=("production",),
                identifiers=(("production", flags.identifier),),
            ),
        ),
    )


@pytest.fixture
def seen(aws: Cloud, account, catalog: Catalog):
    """What was rolled out in the last hour, oldest first."""

    def found() -> list[Change]:
        now = aws.now() + timedelta(seconds=1)
        source = FlagRollouts(account, catalog)
        told = source.changes((), since=now - timedelta(hours=1), until=now)
        return sorted(told, key=lambda each: each.at)

    return found


def with_values(**values: object) -> dict[str, object]:
    content = copy.deepcopy(FLAGS)
    for name, value in values.items():
        content["values"][name.replace("_", "-")] |= value
    return content


def rolled_out(aws: Cloud, flags: Flags, **values: object) -> None:
    """An hour after what was there before, and through."""
    aws.advance(3600)
    flags.roll_out(with_values(**values))
    aws.advance(61)


def test_a_flag_that_was_switched_on_is_told_in_words_with_its_way_back(aws, flags, seen):
    rolled_out(aws, flags, fast_grading={"enabled": True})
    (change,) = seen()
    assert (change.kind, change.status) == (ChangeKind.FLAG, ChangeStatus.DONE)
    assert change.title == "flags fast-grading off → fast-grading on"
    assert (change.reversible_by, change.target) == ("set_flag", "fast-grading off")


def test_the_way_back_of_a_percentage_is_the_percentage_before(aws, flags, seen):
    rolled_out(aws, flags, new_search={"percentage": 100})
    (change,) = seen()
    assert (change.before, change.after) == ("new-search on for 50 %", "new-search on for 100 %")
    assert setting(change.target).text == "new-search 50%"


def test_of_two_flags_at_once_none_is_said_to_take_it_back(aws, flags, seen):
    rolled_out(aws, flags, new_search={"enabled": False}, fast_grading={"enabled": True})
    (change,) = seen()
    assert change.after == "fast-grading on, new-search off"
    assert (change.size, change.reversible_by) == (2, "")


def test_what_is_rolled_out_right_now_is_in_progress(aws, flags, seen):
    aws.advance(3600)
    flags.roll_out(with_values(fast_grading={"enabled": True}))
    (change,) = seen()
    assert (change.status, change.ended) == (ChangeStatus.RUNNING, None)


def test_the_first_rollout_of_all_has_nothing_to_be_held_against(flags, seen):
    (change,) = seen()
    assert (change.before, change.after, change.reversible_by) == ("", "", "")
    assert change.message == "rollout 1 of version 1"


def test_another_set_of_flags_in_the_same_environment_is_not_mixed_in(aws, flags, seen):
    own = flags.profile
    made = flags.config.create_configuration_profile(
        ApplicationId=flags.app, Name="limits", LocationUri="hosted", Type="AWS.Freeform"
    )
    flags.profile = made["Id"]
    rolled_out(aws, flags, new_search={"enabled": False})
    flags.profile = own
    aws.advance(60)
    flags.roll_out(with_values(fast_grading={"enabled": True}))
    aws.advance(61)
    assert [each.after for each in seen()] == ["fast-grading on"]


def test_our_own_rollout_carries_the_attempt_and_is_no_suspect(aws, flags, seen):
    flags.config.start_deployment(
        ApplicationId=flags.app,
        EnvironmentId="prod",
        DeploymentStrategyId="AppConfig.AllAtOnce",
        ConfigurationProfileId=flags.profile,
        ConfigurationVersion="1",
        Description=f"{INCIDENT}.m1.1",
    )
    assert Ours(marks=frozenset({INCIDENT})).did(seen()[-1])


def test_the_trail_and_the_rollout_are_one_change_that_knows_its_actor_and_its_way_back(
    aws, flags, seen, account, catalog
):
    flags.config = aws.somebody("mei.tanaka")("appconfig")
    rolled_out(aws, flags, fast_grading={"enabled": True})
    now = aws.now() + timedelta(seconds=1)
    trail = CloudTrail(account, catalog, pace=Pace(timedelta(0)))
    places = (catalog.deployment("flags", "production"),)
    called = trail.changes(places, since=now - timedelta(hours=1), until=now).changes
    assert len(called) == 1
    (one,) = merged(placed(each, catalog, "lms") for each in (*called, *seen()))
    assert one.sources == ("AppConfig", "CloudTrail")
    assert (one.actor, one.target) == ("mei.tanaka", "fast-grading off")
    (suspect,) = rank(
        [one], Trouble(environment="production", start=one.at + timedelta(minutes=4))
    )
    assert suspect.reasons[:2] == (
        "flag changed 3 min before the first bad minute",
        "a dependency, 1 step away",
    )
