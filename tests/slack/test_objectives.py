"""The objectives in Slack: one line each, in words, and never a success where nothing is known."""

from __future__ import annotations

import pytest

from bot.domain.errors import Refused
from bot.domain.events import BudgetsRead, SamplingBegan
from bot.domain.incident import HOUSE
from bot.domain.slo import Budget
from bot.flow import mitigate
from bot.flow.objectives import statuses
from bot.slack.cards.incident import Surroundings, card
from bot.slack.cards.mitigation import card as mitigation_card
from bot.slack.cards.objectives import objectives, worst_first
from bot.slack.handling import Home, Reply
from tests.doubles.meters import available, fast, migrating
from tests.doubles.pages import at, paged
from tests.doubles.people import ANA
from tests.slack.front import Front
from tests.slack.limits import words


@pytest.fixture
def measured(house):
    """One objective is being spent, one is well, of one nothing is known."""
    unknown = available("staging-lms", environment="staging", title="LMS in staging")
    house.world.objectives = (fast(), unknown, available())
    house.restart()
    house.world.meter.goes_bad(at(-20), 20)
    house.record(HOUSE, SamplingBegan())
    house.work()
    return house


def said(house, text: str) -> str:
    answer = Front(house).say(text)
    assert isinstance(answer, Reply)
    return words(answer.blocks)


def test_the_table_begins_with_what_is_not_well(measured):
    told = said(measured, "slo")
    assert (
        told.index("LMS availability") < told.index("LMS in staging") < told.index("api-latency")
    )
    assert (
        "🟡 *LMS availability* 99.75% now (target 99.9%), 92% left, burning 60x, warning" in told
    )
    assert "*api-latency* 342 ms (target under 500 ms)" in told


def test_the_age_of_the_figures_and_who_counted_are_told(measured):
    assert "as of 11:58 UTC, New Relic" in said(measured, "slo")
    assert "as of 11:58 UTC, New Relic" in said(measured, "slo lms availability")


def test_both_windows_are_named(measured):
    assert "the last 24 h" in said(measured, "slo")
    assert "the rolling 30 days" in said(measured, "slo")


def test_what_is_not_known_says_why(measured):
    told = said(measured, "slo")
    assert "*LMS in staging* no data (target 99.9%)" in told
    assert "no New Relic is configured for staging" in told


def test_one_service_shows_its_burn_and_the_way_of_its_budget(measured):
    told = said(measured, "slo lms availability")
    assert "Burning 200.0x over 5 min, 60.0x over 1 h, 10.0x over 6 h; gone in" in told
    assert "`█" in told


def test_a_name_that_nobody_knows_is_refused_in_words(measured):
    with pytest.raises(Refused, match="No objective is of flux"):
        Front(measured).say("slo flux")


def test_without_objectives_it_says_where_to_write_them(house):
    with pytest.raises(Refused, match="catalog/slos"):
        Front(house).say("slo")


def test_the_home_names_what_is_not_well_and_counts_the_rest(measured):
    home = Front(measured).happens("app_home_opened", "", {"tab": "home"})
    assert isinstance(home, Home)
    told = words(home.blocks)
    assert "*LMS availability*" in told
    assert "1 of 3 objectives are healthy" in told


def test_a_home_without_objectives_has_no_empty_heading():
    assert objectives(worst_first([])) == ()


def test_the_card_of_a_change_shows_what_is_left_of_the_budget(measured):
    made = paged(measured)
    measured.forward(minutes=5)
    mitigate.propose(measured.tools, made, "r141", by=ANA)
    held = next(iter(measured.incident(made).mitigations.values()))
    told = words(mitigation_card(measured.incident(made), held).blocks)
    assert "Error budget of LMS availability: 9" in told
    assert "of 30 days left, gone in" in told


def test_an_objective_that_burns_as_on_any_day_is_no_news(house):
    quiet = available("auth", title="Authentication")
    house.world.objectives = (available(), quiet)
    house.restart()
    made = paged(house)
    house.record(
        made, BudgetsRead(budgets=(_budget("LMS availability", 40.0), _budget("Auth", 0.6)))
    )
    told = words(card(house.incident(made), Surroundings(now=at(0))).blocks)
    assert "LMS availability" in told
    assert "Auth" not in told


def _budget(title: str, burn: float) -> Budget:
    return Budget(objective=title, title=title, target=0.999, burns=(burn, burn, burn), left=0.7)


def test_the_card_shows_the_burn_what_is_left_and_what_it_cost(measured):
    made = paged(measured)
    measured.forward(minutes=10)
    shown = card(measured.incident(made), Surroundings(now=at(10)))
    told = words(shown.blocks)
    assert (
        "*Error budget* LMS availability 80% now (target 99.9%), burning 200x over 5 min" in told
    )
    assert "days left, gone in" in told
    assert "this incident cost" in told


def test_the_sides_of_a_migration_stand_below_their_objective(house):
    house.world.objectives = (migrating(),)
    house.restart()
    house.record(HOUSE, SamplingBegan())
    house.world.meter.goes_bad(at(-32), 20)
    house.work()
    told = said(house, "slo lms")
    assert "*EC2 side* 100% over 6 h, 100% over 1 h; 50% of the events" in told
    assert "*EKS side* 98.33% over 6 h, 90% over 1 h; 50% of the events" in told


def test_an_objective_of_one_side_has_no_line_of_sides(measured):
    assert "of the events" not in said(measured, "slo lms availability")


def test_the_home_shows_the_healthy_ones_too_and_counts_what_it_has_no_room_for(measured):
    many = tuple(available(f"slo-{n}", title=f"Promise {n}") for n in range(13))
    measured.world.objectives = many
    measured.restart()
    measured.forward(minutes=1)
    told = words(objectives(statuses(measured.tools)))
    assert told.count("*Promise") == 10
    assert "3 more are not shown" in told
