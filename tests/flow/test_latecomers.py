"""A source that tells of a change late is asked again: the one that set it off comes to light by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.change import TOLD, Unasked
from bot.domain.events import SuspectsRanked
from tests.doubles.house import House, World
from tests.doubles.vendors import Changes
from tests.flow.test_staff_and_triage import change, opened
from tests.timeline.ledgers import NOON, HandClock

LATE = "CloudTrail tells of a change up to 15 min late"
SHIFT = replace(change(), id="t1", source="CloudTrail", at=NOON - timedelta(minutes=2))


@pytest.fixture
def trail() -> Changes:
    return Changes(name="CloudTrail", late=LATE)


@pytest.fixture
def house(tmp_path: Path, trail: Changes):
    made = House(tmp_path / "tocsin.db", HandClock(), World(more_changes=[trail]))
    yield made
    made.close()


def suspected(house: House, incident: str) -> list[str]:
    return [each.change.id for each in house.incident(incident).suspects]


def ranked(house: House, incident: str) -> int:
    return len(house.facts(incident, SuspectsRanked))


def test_a_change_that_comes_to_light_late_is_suspected_then(house: House, trail: Changes) -> None:
    made = opened(house)
    assert suspected(house, made) == []
    trail.found = [SHIFT]
    house.forward(minutes=5)
    assert suspected(house, made) == []
    house.forward(minutes=2)
    assert suspected(house, made) == ["t1"]


def test_it_is_asked_once_more_when_the_last_of_it_has_to_be_there(
    house: House, trail: Changes
) -> None:
    made = opened(house)
    house.forward(minutes=15)
    trail.found = [SHIFT]
    house.forward(minutes=2)
    assert suspected(house, made) == ["t1"]
    assert len(trail.done("changes")) == 3
    house.forward(minutes=60)
    assert len(trail.done("changes")) == 3


def test_what_brings_nothing_new_is_not_put_on_record(house: House, trail: Changes) -> None:
    trail.found = [SHIFT]
    made = opened(house)
    house.forward(minutes=20)
    assert ranked(house, made) == 1


def test_only_those_who_are_late_are_asked_again(house: House) -> None:
    opened(house)
    house.forward(minutes=20)
    assert len(house.world.changes.done("changes")) == 1


def test_a_source_that_gave_no_answer_stays_named(house: House, trail: Changes) -> None:
    house.world.changes.down("503")
    made = opened(house)
    trail.found = [SHIFT]
    house.forward(minutes=20)
    assert suspected(house, made) == ["t1"]
    assert house.incident(made).changes_missing == ("Argo CD",)


def test_what_a_source_did_not_see_is_named_and_it_counts_as_asked(
    house: House, trail: Changes
) -> None:
    trail.gaps = (Unasked(source="CloudTrail before 09:40 UTC", why="too many"),)
    incident = house.incident(opened(house))
    assert incident.changes_not_checked == ("CloudTrail before 09:40 UTC (too many)",)
    assert "CloudTrail" in incident.changes_asked
    assert incident.changes_missing == ()


def test_what_a_pipeline_tells_when_it_has_ended_is_suspected_then(
    house: House, trail: Changes
) -> None:
    trail.name, trail.late = TOLD, ""
    made = opened(house)
    trail.found = [replace(SHIFT, source=TOLD)]
    house.forward(minutes=7)
    assert suspected(house, made) == ["t1"]
