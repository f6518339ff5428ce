"""What an incident costs: on its card while it burns, and in its postmortem when it is over."""

from __future__ import annotations

import pytest

from bot.domain.events import BudgetsRead, ErrorsMeasured, SamplingBegan, SeverityProposed
from bot.domain.incident import HOUSE
from bot.domain.mitigation import Measure
from bot.domain.severity import Severity
from bot.domain.slo import Budget
from bot.flow import budget_words as words
from bot.flow import budgets, resolve, review, staff
from tests.doubles.house import House
from tests.doubles.meters import available
from tests.doubles.pages import at, page, paged
from tests.doubles.people import ANA


def worst(house: House, incident: str) -> Budget:
    return house.incident(incident).budgets[0]


def test_a_page_arrives_with_its_burn(burning: House) -> None:
    made = paged(burning)
    burning.work()
    found = worst(burning, made)
    assert found.burns[0] == pytest.approx(30)
    assert found.sli == pytest.approx(0.97)
    assert found.first_bad == at(-5)


def test_numbers_that_did_not_move_are_not_told_again(house: House) -> None:
    house.world.objectives = (available(),)
    house.restart()
    house.record(HOUSE, SamplingBegan())
    made = paged(house)
    house.forward(minutes=20)
    assert len(house.facts(made, BudgetsRead)) == 1


def test_the_rule_that_fires_is_named_once_both_its_windows_burn(burning: House) -> None:
    made = paged(burning)
    burning.forward(minutes=10)
    assert worst(burning, made).rule == ""
    burning.forward(minutes=20)
    assert worst(burning, made).rule == "14.4x over 1 h"
    assert "(above the rule of 14.4x over 1 h)" in words.standing(worst(burning, made))


def test_while_it_burns_its_numbers_are_never_older_than_a_few_minutes(burning: House) -> None:
    made = paged(burning)
    burning.forward(minutes=10)
    until = worst(burning, made).until
    assert until is not None
    assert until >= at(8 - 5)


def test_a_service_without_objectives_shows_no_budget(burning: House) -> None:
    made = paged(burning, page("Q2", service="PNOTES", title="Notes are slow"))
    burning.forward(minutes=5)
    assert burning.facts(made, BudgetsRead) == []


def test_a_fast_burn_proposes_a_graver_severity_with_its_numbers(burning: House) -> None:
    made = paged(burning, page(urgency="low"))
    burning.world.meter.goes_bad(at(-5), 50)
    burning.forward(minutes=30)
    told = burning.facts(made, SeverityProposed)[-1]
    assert isinstance(told, SeverityProposed)
    assert told.severity is Severity.SEV2
    assert "x over 1 h" in told.reason


def test_what_a_person_said_stays_whatever_burns(burning: House) -> None:
    made = paged(burning, page(urgency="low"))
    staff.set_severity(burning.tools, made, Severity.SEV4, by=ANA, reason="a test")
    burning.world.meter.goes_bad(at(-5), 50)
    burning.forward(minutes=30)
    assert burning.incident(made).severity is Severity.SEV4


def test_where_cloudwatch_is_asked_its_first_bad_minute_is_the_start(house: House) -> None:
    made = paged(house)
    slow, late = (_seen(source, minutes) for source, minutes in (("CloudWatch", -7), ("NR", -9)))
    with house.store.open(made) as incident:
        measure = Measure(source="New Relic", at=at(0), error_ratio=0.1)
        incident.record(ErrorsMeasured(now=measure, normal=measure, first_bad=at(-4)))
        incident.record(BudgetsRead(budgets=(late, slow)))
        budgets.estimate(incident)
    assert house.incident(made).started_at == at(-7)
    assert house.incident(made).started_how == "the first bad minute of LMS in CloudWatch"


def test_what_comes_late_through_others_does_not_override_what_was_measured(house: House) -> None:
    made = paged(house)
    before = house.incident(made).started_at
    with house.store.open(made) as incident:
        measure = Measure(source="New Relic", at=at(0), error_ratio=0.1)
        incident.record(ErrorsMeasured(now=measure, normal=measure, first_bad=at(-4)))
        incident.record(BudgetsRead(budgets=(_seen("New Relic", -9),)))
        budgets.estimate(incident)
    assert house.incident(made).started_at == before


def _seen(source: str, minutes: float) -> Budget:
    return Budget(objective="lms", title="LMS", target=0.999, source=source, first_bad=at(minutes))


def test_what_it_cost_ends_when_users_are_well_again(burning: House) -> None:
    made = paged(burning)
    burning.world.meter.goes_bad(at(-5), 5, at(20))
    burning.forward(minutes=40)
    cost = worst(burning, made).spent
    assert cost == pytest.approx(25 * 5 / (0.001 * 30 * 24 * 6000), rel=0.03)


def test_the_postmortem_says_what_was_spent(burning: House) -> None:
    made = paged(burning)
    burning.forward(minutes=20)
    text = review.draft_of(burning.tools, burning.incident(made)).text
    assert 'slo: ["lms-availability"]' in text
    assert "budget_spent: 0.0" in text
    assert "of the 30-day budget of LMS availability" in text


def test_an_objective_that_was_hardly_touched_is_not_in_the_postmortem(burning: House) -> None:
    made = paged(burning)
    burning.forward(minutes=5)
    with burning.store.open(made) as incident:
        touched = Budget(objective="lms", title="LMS", target=0.999, spent=0.02, left=0.7)
        hardly = Budget(objective="video", title="Video", target=0.999, spent=0.0004, left=0.8)
        incident.record(BudgetsRead(budgets=(touched, hardly)))
    text = review.draft_of(burning.tools, burning.incident(made)).text
    assert "It spent 2.0% of the 30-day budget of LMS, 70% left." in text
    assert "budget of Video" not in text


def test_a_costly_incident_is_written_up_whatever_its_severity(burning: House) -> None:
    burning.world.meter.goes_bad(at(-5), 90)
    made = paged(burning, page(urgency="low"))
    staff.set_severity(burning.tools, made, Severity.SEV4, by=ANA, reason="a test")
    burning.forward(minutes=30)
    resolve.resolve(burning.tools, made, how="it ended", unverified_because="seen", by=ANA)
    burning.work()
    assert burning.incident(made).postmortem_asked


def test_a_budget_is_told_in_one_line() -> None:
    told = Budget(
        objective="lms",
        title="LMS availability",
        target=0.999,
        sli=0.971,
        burns=(29.0, 12.4, 2.11),
        left=0.62,
        lasts=2400.0,
    )
    assert words.standing(told) == (
        "LMS availability 97.1% now (target 99.9%), burning 29x over 5 min, 12x over 1 h, 2.1x over"
        " 6 h; 62% of 30 days left, gone in 40 min"
    )


def test_a_ratio_is_never_rounded_up_onto_its_target() -> None:
    told = words.standing(Budget(objective="lms", title="LMS", target=0.999, sli=0.998996))
    assert told.startswith("LMS 99.8996% now (target 99.9%)")


def test_days_are_told_as_days() -> None:
    told = Budget(objective="lms", title="LMS", target=0.999, left=0.4, lasts=60.0 * 60 * 60)
    assert words.remaining(told) == "40% of 30 days left, gone in 2 d"
