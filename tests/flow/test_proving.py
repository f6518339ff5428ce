"""A fix is judged by the objectives that were hit and by the error rate, whoever made it."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.events import Mitigated, SamplingBegan, WatchConcluded
from bot.domain.incident import HOUSE
from bot.flow import aftercare
from tests.doubles.house import House
from tests.doubles.meters import available
from tests.doubles.pages import at, paged
from tests.doubles.people import ANA


def fixed(house: House) -> str:
    """Somebody says what they did."""
    made = paged(house)
    house.forward(minutes=3)
    aftercare.did(house.tools, made, "restarted the pods", by=ANA)
    return made


def verdict(house: House, made: str) -> WatchConcluded:
    (found,) = house.facts(made, WatchConcluded)
    assert isinstance(found, WatchConcluded)
    return found


def test_it_recovered_when_the_objective_is_well_again(burning: House) -> None:
    made = fixed(burning)
    burning.world.meter.goes_bad(at(-5), 5, at(5))
    burning.forward(minutes=25)
    found = verdict(burning, made)
    assert found.recovered
    assert found.evidence.startswith("LMS availability 95% → 99.5%, stable 10 min; error rate")


def test_users_are_well_from_the_minute_that_the_objective_shows(burning: House) -> None:
    made = fixed(burning)
    burning.world.meter.goes_bad(at(-5), 5, at(5))
    burning.forward(minutes=25)
    (over,) = burning.facts(made, Mitigated)
    assert over.happened_at == at(5)
    assert burning.incident(made).mitigated_at == at(5)


def test_a_page_of_the_bad_minutes_is_not_taken_for_a_new_one(burning: House) -> None:
    made = fixed(burning)
    burning.world.meter.goes_bad(at(-5), 5, at(5))
    burning.forward(minutes=25)
    known = burning.incident(made)
    assert known.mitigation_known_at is not None
    assert known.mitigated_at is not None
    assert known.mitigation_known_at > known.mitigated_at


def test_a_calm_error_rate_does_not_make_a_bad_objective_good(burning: House) -> None:
    made = fixed(burning)
    burning.forward(minutes=25)
    found = verdict(burning, made)
    assert not found.recovered
    assert found.evidence.startswith("LMS availability still 95% after")


def test_harder_hit_than_before_is_worse(burning: House) -> None:
    made = fixed(burning)
    burning.world.meter.goes_worse(at(5), 30)
    burning.forward(minutes=25)
    found = verdict(burning, made)
    assert not found.recovered
    assert "LMS availability worse: 70%" in found.evidence


def test_a_blind_objective_leaves_the_verdict_to_the_error_rate_and_is_named(
    burning: House,
) -> None:
    made = fixed(burning)
    burning.world.meter.down = "503"
    burning.forward(minutes=30)
    found = verdict(burning, made)
    assert found.recovered
    assert "blind: LMS availability: New Relic blind since" in found.evidence


def test_no_recovery_is_claimed_where_nobody_sees(burning: House) -> None:
    made = fixed(burning)
    burning.world.meter.down = "503"
    burning.world.metrics.blind = "New Relic silent since 12:04 UTC"
    burning.forward(minutes=40)
    found = verdict(burning, made)
    assert not found.recovered
    assert "blind" in found.evidence


def test_an_objective_that_was_well_all_the_time_proves_nothing(house: House) -> None:
    house.world.objectives = (available(),)
    house.restart()
    house.record(HOUSE, SamplingBegan())
    made = fixed(house)
    house.forward(minutes=25)
    assert "LMS availability" not in verdict(house, made).evidence


def test_an_objective_alone_is_enough_where_there_is_no_error_rate(burning: House) -> None:
    burning.tools = replace(burning.tools, metrics=None)
    made = fixed(burning)
    burning.world.meter.goes_bad(at(-5), 5, at(5))
    burning.forward(minutes=25)
    found = verdict(burning, made)
    assert found.recovered
    assert "error rate" not in found.evidence
