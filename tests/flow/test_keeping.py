"""What was changed by hand and is written down in Terraform: proposed to it, once, and settled by it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.domain.catalog import Deployment, TerraformModule
from bot.domain.errors import Refused, VendorRejected
from bot.domain.events import (
    LeftoverCleared,
    LeftoverKeepFailed,
    LeftoverKept,
    LeftoverReminded,
)
from bot.domain.facts import Fact
from bot.domain.incident import Leftover
from bot.domain.mitigation import Cleared, Difference, Plan, StillThere
from bot.domain.written import Kept, Setting
from bot.flow import keeping, mitigate
from bot.slack.cards.listing import leftovers
from bot.slack.cards.notices import notice
from bot.tools import Gate, Tools
from tests.doubles.house import House
from tests.doubles.pages import paged
from tests.doubles.people import ANA, BEN, KENJI
from tests.doubles.production import HEALTHY, Production, Rollback
from tests.timeline.ledgers import HandClock

MODULE = TerraformModule(
    name="load-balancer", area="edge", path="modules/lb", environments=("production", "staging")
)
WEIGHT = Setting(attribute="weight", before="50", after="90", names=("lms-ec2",))


@dataclass(frozen=True)
class Weights(Rollback):
    """Of something that is written down elsewhere."""

    ends_after: timedelta | None = None

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        made = super().plan(tools, deployment, target)
        return replace(
            made,
            owned_by=MODULE.called("production"),
            written=(WEIGHT,),
            differences=(Difference(what="traffic to EC2", before="50 %", after="90 %"),),
            ends_after=self.ends_after,
        )


@pytest.fixture
def production(clock: HandClock) -> Production:
    return Production(clock=clock, verdict=HEALTHY, left=StillThere(shows="the weights are 90/10"))


def shifted(house: House, production: Production, **more: timedelta) -> str:
    house.world.mitigations["rollback"] = Weights(production, **more)
    house.restart()
    house.tools = replace(house.tools, catalog=replace(house.tools.catalog, modules=(MODULE,)))
    house.world.pager.on_duty = ("ana@demo.example", "ben@demo.example")
    made = paged(house)
    house.work()
    id_ = mitigate.propose(house.tools, made, "r141", by=ANA)
    digest = house.incident(made).mitigation(id_).plan.digest
    mitigate.approve(house.tools, made, id_, by=BEN, digest=digest)
    house.work()
    return made


def left(house: House, made: str) -> Leftover:
    (found,) = house.incident(made).leftovers.values()
    return found


def asked(house: House, made: str) -> None:
    keeping.ask_to_keep(house.tools, made, left(house, made).id, by=KENJI)
    house.work()


def said(house: House, made: str, kind: type[Fact]) -> str:
    """What the channel reads of the newest fact of this kind."""
    entry = [each for each in house.store.entries(made) if isinstance(each.fact, kind)][-1]
    message = notice(entry, house.incident(made))
    assert message is not None
    return str(message.blocks)


def test_it_is_proposed_with_everything_that_a_reviewer_asks(
    house: House, production: Production
) -> None:
    made = shifted(house, production)
    asked(house, made)
    (proposal,) = house.world.forge.keepings
    assert proposal.settings == (WEIGHT,)
    assert proposal.folders == ("environments/production", "envs/production", "production")
    for told in (
        "| traffic to EC2 | 50 % | 90 % |",
        "`weight = 50` → `weight = 90` of lms-ec2",
        f"Incident: {made}",
        "Proposed by Ana Lima, approved by Ben Okafor at ",
        "**Merge it** to keep",
        "**Close it** to let Terraform put",
    ):
        assert told in proposal.body
    assert left(house, made).kept == "https://github.example/pull/8"
    assert "Merge it to keep" in said(house, made, LeftoverKept)


def test_a_second_click_is_told_where_it_was_proposed(
    house: House, production: Production
) -> None:
    made = shifted(house, production)
    asked(house, made)
    with pytest.raises(Refused, match="proposed to its owner already: https://github"):
        asked(house, made)
    assert len(house.world.forge.done("keep")) == 1


def test_two_clicks_at_once_are_one(house: House, production: Production) -> None:
    made = shifted(house, production)
    id_ = left(house, made).id
    keeping.ask_to_keep(house.tools, made, id_, by=KENJI)
    with pytest.raises(Refused, match="Kenji Mori already asked for it"):
        keeping.ask_to_keep(house.tools, made, id_, by=ANA)


def test_once_it_is_merged_nothing_is_left_over(house: House, production: Production) -> None:
    made = shifted(house, production)
    asked(house, made)
    house.forward(minutes=10)
    assert house.incident(made).standing_leftovers
    house.world.forge.done_with = True
    house.forward(minutes=6)
    assert house.incident(made).standing_leftovers == ()
    assert "Kept: " in said(house, made, LeftoverCleared)


def test_what_is_put_back_meanwhile_needs_its_pull_request_closed(
    house: House, production: Production
) -> None:
    made = shifted(house, production)
    asked(house, made)
    house.forward(hours=3)
    house.record(made, LeftoverCleared(leftover=left(house, made).id, shows="50/50", by=KENJI))
    assert "not wanted any more: close it" in said(house, made, LeftoverCleared)


def test_what_terraform_says_already_is_cleared(house: House, production: Production) -> None:
    made = shifted(house, production)
    house.world.forge.kept = None
    asked(house, made)
    (fact,) = house.facts(made, LeftoverCleared)
    assert isinstance(fact, LeftoverCleared)
    assert (fact.kept, fact.by) == (True, KENJI)


def test_an_issue_says_why_it_is_no_pull_request(house: House, production: Production) -> None:
    made = shifted(house, production)
    house.world.forge.kept = Kept(
        address="https://x.example/issues/3", why="two lines could be it"
    )
    asked(house, made)
    told = said(house, made, LeftoverKept)
    assert "an issue says what to change" in told
    assert "two lines could be it" in told


def test_a_failure_says_what_to_commit_by_hand_and_may_be_tried_again(
    house: House, production: Production
) -> None:
    made = shifted(house, production)
    house.world.forge.trouble = VendorRejected("GitHub", "propose it", "no right", by_hand="Look.")
    asked(house, made)
    told = said(house, made, LeftoverKeepFailed)
    assert "no right" in told
    assert "Commit it to Terraform load-balancer in production yourself: `weight = 50`" in told
    house.world.forge.trouble = None
    asked(house, made)
    assert house.facts(made, LeftoverKept)


def test_while_github_is_down_it_stays_owed(house: House, production: Production) -> None:
    made = shifted(house, production)
    house.world.forge.down()
    asked(house, made)
    assert not house.facts(made, LeftoverKeepFailed)
    house.world.forge.trouble = None
    house.forward(minutes=10)
    assert house.facts(made, LeftoverKept)


def test_in_observe_mode_nothing_is_opened(house: House, production: Production) -> None:
    made = shifted(house, production)
    house.tools = replace(house.tools, gate=Gate(observe=True))
    asked(house, made)
    assert house.world.forge.done("keep") == []
    assert "observe" in said(house, made, LeftoverKeepFailed)


def test_what_ends_by_itself_is_not_to_be_kept(house: House, production: Production) -> None:
    made = shifted(house, production, ends_after=timedelta(hours=2))
    with pytest.raises(Refused, match="ends by itself"):
        asked(house, made)


def test_what_is_put_back_is_not_to_be_kept(house: House, production: Production) -> None:
    made = shifted(house, production)
    production.left = Cleared(shows="the weights are 50/50")
    house.forward(minutes=6)
    with pytest.raises(Refused, match="not in force"):
        asked(house, made)


def test_the_list_and_the_reminder_offer_it_until_it_is_proposed(
    house: House, production: Production
) -> None:
    made = shifted(house, production)
    house.forward(hours=5)
    assert "keep-leftover" in str(leftovers([house.incident(made)]))
    assert "keep-leftover" in said(house, made, LeftoverReminded)
    asked(house, made)
    listed = str(leftovers([house.incident(made)]))
    assert "keep-leftover" not in listed
    assert "<https://github.example/pull/8|proposed to Terraform load-balancer" in listed
