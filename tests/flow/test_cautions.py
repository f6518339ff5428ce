"""What the calendar and the last minutes say against a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import Refused
from bot.domain.events import SamplingBegan
from bot.domain.incident import HOUSE
from bot.domain.mitigation import Migrations, Plan, Risk
from bot.domain.policy import Freeze, Policy
from bot.flow import mitigate
from bot.flow.cautions import cautioned
from tests.doubles.house import House
from tests.doubles.meters import available
from tests.doubles.pages import paged
from tests.doubles.people import ANA
from tests.doubles.production import HEALTHY, Production, Rollback
from tests.timeline.ledgers import NOON, HandClock

PLAN = Plan(
    mitigation="scale",
    title="Scale lms to 12",
    service="lms",
    environment="production",
    target="12",
    target_label="12",
    live="10",
    live_label="10",
    migrations=Migrations.IRRELEVANT,
    risk=Risk.LOW,
    risk_reasons=("it can be undone",),
)


def frozen(house: House, clock: HandClock):
    exams = Freeze(
        name="exam week",
        starts=clock.now() - timedelta(days=1),
        ends=clock.now() + timedelta(days=1),
        environment="production",
        why="two million exams",
    )
    return replace(house.tools, policy=Policy(freezes=(exams,)))


def test_a_freeze_asks_for_another_person_and_says_why(house, clock):
    made = cautioned(frozen(house, clock), PLAN)
    assert made.risk is Risk.HIGH
    assert "“exam week” (two million exams)" in made.risk_reasons[0]


def test_a_freeze_holds_up_a_way_forward(house, clock):
    with pytest.raises(Refused, match=r"frozen until .* only ways back are possible"):
        cautioned(frozen(house, clock), replace(PLAN, forward=True))


def test_a_freeze_never_holds_up_a_way_back(house, clock):
    made = cautioned(frozen(house, clock), replace(PLAN, forward=True), way_back=True)
    assert made.risk is Risk.HIGH


@pytest.fixture
def spent(house: House) -> House:
    """The budget of the LMS is overspent."""
    house.world.objectives = (available(),)
    house.restart()
    house.world.meter.goes_bad(NOON - timedelta(hours=10), 20)
    house.record(HOUSE, SamplingBegan())
    house.work()
    return house


def test_a_spent_budget_asks_for_another_person_before_a_way_forward(spent):
    made = cautioned(spent.tools, replace(PLAN, forward=True))
    assert made.risk is Risk.HIGH
    assert made.risk_reasons == (
        "the error budget of LMS availability is spent: a way forward may spend more",
    )


def test_a_spent_budget_never_holds_up_a_way_back(spent):
    assert cautioned(spent.tools, PLAN).risk is Risk.LOW
    assert cautioned(spent.tools, replace(PLAN, forward=True), way_back=True).risk is Risk.LOW


def test_policy_may_let_spent_budgets_be(spent):
    tools = replace(spent.tools, policy=Policy(budget_freeze=False))
    assert cautioned(tools, replace(PLAN, forward=True)).risk is Risk.LOW


def test_a_freeze_elsewhere_changes_nothing(house, clock):
    staging = replace(PLAN, environment="staging", forward=True)
    assert cautioned(frozen(house, clock), staging) == staging


def test_a_change_that_hardly_ended_is_named_for_the_length_of_the_cooldown(house, clock):
    production = Production(clock=clock, verdict=HEALTHY)
    house.world.mitigations["rollback"] = Rollback(production)
    house.restart()
    house.world.pager.on_duty = ("ana@demo.example",)
    made = paged(house)
    house.work()
    id_ = mitigate.propose(house.tools, made, "r141", by=ANA)
    digest = house.incident(made).mitigation(id_).plan.digest
    mitigate.approve(house.tools, made, id_, by=ANA, digest=digest)
    house.forward(minutes=1)
    (said,) = cautioned(house.tools, PLAN).cautions
    assert said == "“Roll lms back to r141” ended 1 min ago as verified"
    house.forward(minutes=10)
    assert cautioned(house.tools, PLAN).cautions == ()
