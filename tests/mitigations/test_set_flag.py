"""Feature flags against real boto3 and moto with rollouts: set, found again, refused when others were faster."""

import json

import pytest

from bot.domain.catalog import Catalog, Resource, Team
from bot.domain.errors import Refused
from bot.domain.mitigation import (
    Cleared,
    Receipt,
    Settled,
    StillThere,
    TooEarly,
    Unhealthy,
    Unknown,
    Untouched,
)
from bot.mitigations.set_flag import SetFlag
from tests.mitigations.clouds import (
    ATTEMPT,
    INCIDENT,
    PRODUCTION,
    carried_out,
    denied,
    lost,
    plan_of,
    seen,
    tools_of,
    undo_of,
)

FLAGS = {
    "version": "1",
    "flags": {"new-search": {"name": "New search"}, "fast-grading": {"name": "Fast grading"}},
    "values": {
        "new-search": {"enabled": True, "percentage": 50},
        "fast-grading": {"enabled": False},
    },
}


class Flags:
    def __init__(self, aws):
        self.aws, self.config = aws, aws.client("appconfig")
        self.app = self.config.create_application(Name="lms")["Id"]
        self.profile = self.config.create_configuration_profile(
            ApplicationId=self.app,
            Name="flags",
            LocationUri="hosted",
            Type="AWS.AppConfig.FeatureFlags",
        )["Id"]
        self.roll_out(FLAGS)
        aws.advance(61)

    @property
    def identifier(self):
        return f"{self.app}/prod/{self.profile}"

    def roll_out(self, content):
        made = self.config.create_hosted_configuration_version(
            ApplicationId=self.app,
            ConfigurationProfileId=self.profile,
            Content=json.dumps(content).encode(),
            ContentType="application/json",
        )
        made["Content"].close()
        self.config.start_deployment(
            ApplicationId=self.app,
            EnvironmentId="prod",
            DeploymentStrategyId="AppConfig.AllAtOnce",
            ConfigurationProfileId=self.profile,
            ConfigurationVersion=str(made["VersionNumber"]),
        )

    def values(self):
        """As people get them: of the newest finished rollout."""
        found = self.config.list_deployments(ApplicationId=self.app, EnvironmentId="prod")["Items"]
        version = next(
            each["ConfigurationVersion"] for each in found if each["State"] == "COMPLETE"
        )
        content = self.config.get_hosted_configuration_version(
            ApplicationId=self.app, ConfigurationProfileId=self.profile, VersionNumber=int(version)
        )["Content"]
        return json.loads(content.read())["values"]


@pytest.fixture
def flags(aws):
    return Flags(aws)


@pytest.fixture
def catalog(flags):
    resource = Resource(
        name="lms-flags",
        kind="appconfig",
        owner="team-lms",
        environments=("production",),
        identifiers=(("production", flags.identifier),),
    )
    teams = (Team(name="team-lms", title="LMS team"),)
    return Catalog(environments=(PRODUCTION,), resources=(resource,), teams=teams)


@pytest.fixture
def place(catalog):
    return catalog.deployment("lms-flags", "production")


@pytest.fixture
def tools(aws, account, catalog):
    return tools_of(aws, account, catalog)


@pytest.fixture
def kind():
    return SetFlag(where=frozenset({"production"}))


def test_the_one_flag_that_is_on_is_suggested_to_be_switched_off(kind, tools, place):
    (offer,) = kind.offers(tools, place, before=None)
    assert (offer.target, offer.message, offer.suggested) == (
        "new-search off",
        "now: on for 50 %",
        True,
    )


def test_of_several_flags_that_are_on_the_lately_changed_one_comes_first_and_is_suggested(
    aws, kind, tools, place, flags
):
    both = {name: {**value, "enabled": True} for name, value in FLAGS["values"].items()}
    flags.roll_out({**FLAGS, "values": both})
    aws.advance(61)
    fresh, older = kind.offers(tools, place, before=None)
    assert (fresh.target, fresh.suggested) == ("fast-grading off", True)
    assert (older.target, older.suggested, older.deployed_at) == ("new-search off", False, None)


def test_the_plan_shows_before_after_and_the_owner(kind, tools, place):
    plan = plan_of(tools, kind, place, "new-search off")
    (row,) = plan.differences
    assert (row.what, row.before, row.after) == ("new-search", "on for 50 %", "off")
    assert "the flags belong to LMS team" in plan.stands
    assert not plan.forward


def test_more_people_is_forward_and_fewer_is_not(kind, tools, place):
    assert plan_of(tools, kind, place, "new-search 80%").forward
    assert not plan_of(tools, kind, place, "new-search 10%").forward
    assert plan_of(tools, kind, place, "fast-grading on").forward


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("new-search", "not understood"),
        ("new-search 101%", "from 0 to 100"),
        ("fast-grading 10%", "only on and off"),
        ("fast-grading off", "is off already"),
        ("no-such off", "no flag"),
    ],
)
def test_what_makes_no_sense_is_refused(kind, tools, place, target, why):
    with pytest.raises(Refused, match=why):
        plan_of(tools, kind, place, target)


def test_a_flag_is_switched_off_and_the_others_stay(aws, kind, tools, place, flags):
    plan = plan_of(tools, kind, place, "new-search off")
    receipt = carried_out(tools, kind, plan)
    (*_, call) = aws.calls("StartDeployment")
    assert call["session"] == INCIDENT
    assert isinstance(kind.verify(tools, plan, receipt), TooEarly)
    assert isinstance(seen(aws, tools, kind, plan, receipt), Settled)
    assert flags.values() == {
        "new-search": {"enabled": False, "percentage": 50},
        "fast-grading": {"enabled": False},
    }


def test_a_percentage_is_set(aws, kind, tools, place, flags):
    plan = plan_of(tools, kind, place, "new-search 10%")
    receipt = carried_out(tools, kind, plan)
    assert isinstance(seen(aws, tools, kind, plan, receipt), Settled)
    assert flags.values()["new-search"] == {"enabled": True, "percentage": 10}


def test_a_rollout_of_others_since_then_is_refused(aws, kind, tools, place, flags):
    plan = plan_of(tools, kind, place, "new-search off")
    flags.roll_out(FLAGS)
    aws.advance(61)
    with pytest.raises(Refused, match="rolled out since this plan"):
        carried_out(tools, kind, plan)


def test_while_a_rollout_runs_nothing_is_planned(kind, tools, place, flags):
    flags.roll_out(FLAGS)
    with pytest.raises(Refused, match="right now"):
        plan_of(tools, kind, place, "new-search off")


@pytest.mark.parametrize("action", ["StartDeployment", "CreateHostedConfigurationVersion"])
def test_a_missing_right_is_told_plainly(aws, kind, tools, place, action):
    plan = plan_of(tools, kind, place, "new-search off")
    assert f"lacks appconfig:{action}" in denied(aws, tools, kind, plan, action)


def test_a_lost_answer_is_found_again_by_its_marker(aws, kind, tools, place):
    plan = plan_of(tools, kind, place, "new-search off")
    lost(aws, tools, kind, plan, "StartDeployment", "drop_after")
    assert isinstance(kind.look(tools, plan, ATTEMPT), Receipt)
    assert isinstance(kind.look(tools, plan, "another.m1.1"), Unknown)


def test_a_lost_request_left_nothing_behind(aws, kind, tools, place):
    plan = plan_of(tools, kind, place, "new-search off")
    lost(aws, tools, kind, plan, "StartDeployment", "drop_before")
    assert isinstance(kind.look(tools, plan, ATTEMPT), Untouched)


def test_a_flag_that_others_set_again_is_not_recovered(aws, kind, tools, place, flags):
    plan = plan_of(tools, kind, place, "new-search off")
    receipt = carried_out(tools, kind, plan)
    aws.advance(61)
    flags.roll_out(FLAGS)
    aws.advance(61)
    assert isinstance(kind.verify(tools, plan, receipt), Unhealthy)


def test_the_undo_restores_the_percentage_too(aws, kind, tools, place, flags):
    plan = plan_of(tools, kind, place, "new-search off")
    receipt = carried_out(tools, kind, plan)
    aws.advance(61)
    undo = undo_of(tools, kind, plan, receipt)
    assert plan_of(tools, kind, place, undo.target).digest == undo.digest
    carried_out(tools, kind, undo)
    aws.advance(61)
    assert flags.values() == FLAGS["values"]


def test_what_is_left_over_is_the_flag(aws, kind, tools, place, flags):
    plan = plan_of(tools, kind, place, "new-search off")
    carried_out(tools, kind, plan)
    aws.advance(61)
    assert isinstance(kind.leftover(tools, plan), StillThere)
    flags.roll_out(FLAGS)
    aws.advance(61)
    assert kind.leftover(tools, plan) == Cleared(shows="the flag new-search is on for 50 %")
