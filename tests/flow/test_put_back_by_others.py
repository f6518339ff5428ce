"""What was changed by hand and is put back by who writes it down: announced at once, and not fought."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from bot.domain.catalog import Deployment
from bot.domain.events import LeftoverCleared
from bot.domain.mitigation import Cleared, Plan, StillThere
from bot.flow import mitigate
from bot.slack.cards.notices import notice
from bot.tools import Tools
from tests.doubles.house import House
from tests.doubles.pages import paged
from tests.doubles.people import ANA, BEN
from tests.doubles.production import HEALTHY, Production, Rollback
from tests.timeline.ledgers import HandClock

TERRAFORM = "Terraform load-balancer in production"


@dataclass(frozen=True)
class Written(Rollback):
    """Of something that is written down elsewhere."""

    owner: str = TERRAFORM

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        return replace(super().plan(tools, deployment, target), owned_by=self.owner)


@pytest.fixture
def production(clock: HandClock) -> Production:
    return Production(clock=clock, verdict=HEALTHY, left=StillThere(shows="the weights are 90/10"))


def shifted(house: House, production: Production, owner: str = TERRAFORM) -> str:
    house.world.mitigations["rollback"] = Written(production, owner=owner)
    house.restart()
    house.world.pager.on_duty = ("ana@demo.example", "ben@demo.example")
    made = paged(house)
    house.work()
    id_ = mitigate.propose(house.tools, made, "r141", by=ANA)
    digest = house.incident(made).mitigation(id_).plan.digest
    mitigate.approve(house.tools, made, id_, by=BEN, digest=digest)
    house.work()
    return made


def cleared(house: House, made: str) -> LeftoverCleared:
    (found,) = house.facts(made, LeftoverCleared)
    assert isinstance(found, LeftoverCleared)
    return found


def test_it_is_noticed_within_two_minutes_while_the_incident_is_open(
    house: House, production: Production
) -> None:
    made = shifted(house, production)
    production.left = Cleared(shows="the weights are 50/50")
    house.forward(minutes=2)
    assert cleared(house, made).again_by == TERRAFORM


def test_the_channel_is_told_who_writes_it_down_and_that_nothing_is_fought(
    house: House, production: Production
) -> None:
    made = shifted(house, production)
    production.left = Cleared(shows="the weights are 50/50")
    house.forward(minutes=2)
    incident = house.incident(made)
    entry = next(
        each for each in house.store.entries(made) if isinstance(each.fact, LeftoverCleared)
    )
    message = notice(entry, incident)
    assert message is not None
    assert "No longer in force" in message.text
    assert "Now: the weights are 50/50" in str(message.blocks)
    assert f"{TERRAFORM} writes it down" in str(message.blocks)
    assert "does not fight it" in str(message.blocks)


def test_what_nobody_writes_down_is_just_cleared(house: House, production: Production) -> None:
    made = shifted(house, production, owner="")
    production.left = Cleared(shows="the weights are 50/50")
    house.forward(minutes=10)
    assert cleared(house, made).again_by == ""


def test_what_never_took_effect_was_put_back_by_nobody(
    house: House, production: Production
) -> None:
    production.on_execute.append("rejected")
    production.left = Cleared(shows="the weights are 50/50")
    made = shifted(house, production)
    house.forward(minutes=10)
    assert cleared(house, made).again_by == ""
