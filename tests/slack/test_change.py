"""Any change to production is found, chosen and proposed the same way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused
from bot.domain.events import MitigationProposed
from bot.domain.mitigation import Offer
from bot.slack.actions import Act
from bot.tools import Tools
from tests.doubles.production import Rollback
from tests.slack.limits import words


def test_what_would_help_is_listed_by_where_without_asking_anybody(front, paged_incident):
    view = front.opener(Act.REMEDIES, paged_incident)
    assert view is not None
    assert view.fill is None
    assert "Roll back lms…" in words(view.blocks)


def test_a_choice_opens_its_offers_with_the_suggestion_chosen(front, paged_incident):
    view = front.opens(Act.CHANGE_FORM, paged_incident, "rollback lms")
    assert view.blocks[0]["element"]["initial_option"]["value"] == "r141"


def test_what_is_chosen_is_proposed_and_nothing_more(house, front, paged_incident, production):
    front.submit(Act.CHANGE_FORM, paged_incident, {"target": "r140"}, value="rollback lms")
    (fact,) = house.facts(paged_incident, MitigationProposed)
    assert (fact.plan.mitigation, fact.plan.target) == ("rollback", "r140")
    assert not production.effects


@pytest.mark.parametrize("said", ["remedy rollback lms r140", "remedy rollback r140"])
def test_a_change_is_proposed_by_name(house, front, paged_incident, said):
    front.say(said, paged_incident)
    (fact,) = house.facts(paged_incident, MitigationProposed)
    assert (fact.plan.service, fact.plan.target) == ("lms", "r140")


def test_an_unknown_change_names_those_there_are(front, paged_incident):
    with pytest.raises(Refused, match="There is: rollback"):
        front.say("remedy explode lms", paged_incident)


def test_the_bare_command_offers_the_list(front, paged_incident):
    said = front.say("remedy", paged_incident)
    assert "Choose…" in words(said.blocks)


@dataclass(frozen=True)
class Restart(Rollback):
    """One way to do it, and nobody says that it should be done."""

    name: str = "restart"
    label: str = "Restart"

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        return [Offer(mitigation="restart", target="pod by pod", title="Restart", label="it")]


def test_where_there_is_one_way_only_it_need_not_be_said(house, front, paged_incident, production):
    house.world.mitigations["restart"] = Restart(production)
    front.say("remedy restart lms", paged_incident)
    (fact,) = house.facts(paged_incident, MitigationProposed)
    assert (fact.plan.mitigation, fact.plan.target) == ("restart", "pod by pod")


def test_where_a_number_could_be_typed_one_way_is_not_taken_for_granted(
    house, front, paged_incident, production
):
    house.world.mitigations["restart"] = Restart(production, free="number of pods")
    with pytest.raises(Refused, match="Say to what: it"):
        front.say("remedy restart lms", paged_incident)


@dataclass(frozen=True)
class Nodes(Rollback):
    """Many that could be meant, and none that should."""

    name: str = "restart"
    label: str = "Drain a node of"
    free: str = "a node's name"

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        return [Offer(mitigation="restart", target=each, title=each, label=each) for each in "ab"]


def test_of_many_that_could_be_meant_none_is_chosen_by_chance(
    house, front, paged_incident, production
):
    house.world.mitigations["restart"] = Nodes(production)
    view = front.opens(Act.CHANGE_FORM, paged_incident, "restart lms")
    assert "initial_option" not in view.blocks[0]["element"]
    assert view.title == "Drain a node"
