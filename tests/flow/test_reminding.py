"""What falls together for one person is one reminder; what is for another is another."""

from __future__ import annotations

import pytest

from bot.domain.events import Nagged, Role
from bot.domain.severity import Severity
from bot.domain.update import Update
from bot.flow import alert, communicate, staff
from tests.doubles.house import House
from tests.doubles.pages import at, paged
from tests.doubles.people import ANA, KENJI, MAYA


@pytest.fixture
def grave(house: House) -> str:
    """An acknowledged SEV1: both the next update and the first public post are due at 12:15."""
    found = paged(house)
    house.channel(found)
    staff.set_severity(house.tools, found, Severity.SEV1, by=ANA)
    alert.acknowledge(house.tools, found, by=ANA)
    staff.give_role(house.tools, found, Role.COMMANDER, KENJI, by=KENJI)
    house.work()
    return found


def said(house: House, incident: str) -> list[tuple[set[str], str]]:
    """What each reminder is about, and who hears it."""
    found = [fact for fact in house.facts(incident, Nagged) if isinstance(fact, Nagged)]
    return [
        ({each.split()[0] for each in (f.about, *f.also)}, f.person.name if f.person else "")
        for f in found
    ]


def test_two_that_fall_into_one_minute_are_one_reminder(house: House, grave: str) -> None:
    house.forward(minutes=14)
    assert said(house, grave) == [({"update", "public"}, "Kenji Mori")]


def test_what_was_said_with_another_is_not_said_again(house: House, grave: str) -> None:
    house.forward(minutes=40)
    assert said(house, grave) == [({"update", "public"}, "Kenji Mori")]
    assert len(house.incident(grave).nags) == 2


def test_what_is_due_much_later_is_not_brought_forward(house: House, grave: str) -> None:
    house.forward(minutes=5)
    communicate.post_update(house.tools, grave, Update(impact="courses fail"), by=KENJI)
    house.forward(minutes=9)
    assert said(house, grave) == [({"public"}, "Kenji Mori")]
    house.forward(minutes=5)
    assert said(house, grave)[1:] == [({"update"}, "Kenji Mori")]


def test_what_was_done_meanwhile_is_not_asked_for(house: House, grave: str) -> None:
    draft = communicate.draft_public(house.tools, grave)
    communicate.publish(house.tools, grave, draft.update, by=KENJI, next_at=draft.next_at)
    house.forward(minutes=14)
    assert [about for about, _person in said(house, grave)] == [{"update"}]


def test_who_commands_and_what_is_due_are_asked_of_different_people(house: House) -> None:
    """The on-call is asked to command; communications hears of the update, in its own message."""
    found = alert.declare(house.tools, "lms fails for everybody", by=MAYA)
    house.channel(found)
    staff.set_severity(house.tools, found, Severity.SEV1, by=ANA)
    staff.give_role(house.tools, found, Role.COMMS, MAYA, by=MAYA)
    house.forward(minutes=14)
    heard = {person: about for about, person in said(house, found)}
    assert heard["Maya Singh"] == {"update", "public"}
    assert {"commander"} in heard.values()


def test_an_unanswered_page_is_asked_about_at_its_own_time(house: House) -> None:
    found = paged(house)
    house.channel(found)
    house.forward(minutes=6)
    assert [about for about, _person in said(house, found)] == [{"acknowledge"}]
    assert house.incident(found).last_at == at(5)
