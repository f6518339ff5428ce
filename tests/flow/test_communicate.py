"""Others hear on the severity's clock, and one person is reminded once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import Refused, VendorRejected
from bot.domain.events import (
    Nagged,
    OnCallFound,
    PublicUpdateFailed,
    PublicUpdatePosted,
    PublicUpdateSuggested,
    Role,
)
from bot.domain.people import Person
from bot.domain.severity import Severity
from bot.domain.update import PublicStatus, Update
from bot.flow import alert, communicate, guessing, resolve, staff
from tests.doubles.house import House
from tests.doubles.pages import at, paged
from tests.doubles.people import ANA, BEN, KENJI, MAYA
from tests.timeline.ledgers import NOON


@pytest.fixture
def made(house: House) -> str:
    """An acknowledged SEV2 in its channel: the next update is due at 12:30."""
    found = paged(house)
    house.channel(found)
    staff.set_severity(house.tools, found, Severity.SEV2, by=ANA)
    alert.acknowledge(house.tools, found, by=ANA)
    staff.give_role(house.tools, found, Role.COMMANDER, KENJI, by=KENJI)
    house.work()
    return found


def reminded(house: House, made: str) -> list[tuple[str, Person | None]]:
    found = [fact for fact in house.facts(made, Nagged) if isinstance(fact, Nagged)]
    said = [(about, fact.person) for fact in found for about in (fact.about, *fact.also)]
    return [(about, person) for about, person in said if about.startswith("update")]


def test_nobody_is_reminded_before_it_is_time(house: House, made: str) -> None:
    house.forward(minutes=27)
    assert reminded(house, made) == []


def test_one_person_is_reminded_once_two_minutes_before(house: House, made: str) -> None:
    house.forward(minutes=70)
    assert reminded(house, made) == [("update 2026-03-02 12:30", KENJI)]


def test_communications_is_reminded_before_the_commander(house: House, made: str) -> None:
    staff.give_role(house.tools, made, Role.COMMS, MAYA, by=MAYA)
    house.forward(minutes=29)
    assert [person for _about, person in reminded(house, made)] == [MAYA]


def test_without_roles_the_on_call_is_reminded(house: House) -> None:
    found = paged(house)
    house.channel(found)
    house.record(found, OnCallFound(people=(BEN,)))
    house.world.pager.on_duty = ("ben@demo.example",)
    house.forward(minutes=29)
    assert [person for _about, person in reminded(house, found)] == [BEN]


def test_a_graver_severity_brings_the_reminder_forward(house: House, made: str) -> None:
    house.forward(minutes=1)
    staff.set_severity(house.tools, made, Severity.SEV1, by=ANA)
    house.forward(minutes=13)
    assert reminded(house, made) == [("update 2026-03-02 12:15", KENJI)]


def test_a_severity_that_is_proposed_later_starts_the_clock(house: House) -> None:
    found = alert.declare(house.tools, "something in staging", by=ANA)
    house.channel(found)
    house.work()
    assert house.incident(found).severity is Severity.SEV4
    guessing.name_service(house.tools, found, "lms", "production", by=ANA)
    house.forward(minutes=29)
    assert len(reminded(house, found)) == 1


def test_an_update_moves_the_reminder(house: House, made: str) -> None:
    house.forward(minutes=10)
    communicate.post_update(house.tools, made, Update(impact="courses fail"), by=KENJI)
    assert house.incident(made).next_update_at == at(40)
    house.forward(minutes=27)
    assert reminded(house, made) == []
    house.forward(minutes=2)
    assert reminded(house, made) == [("update 2026-03-02 12:40", KENJI)]


def test_a_snooze_moves_it_once_and_then_the_commander_hears(house: House, made: str) -> None:
    staff.give_role(house.tools, made, Role.COMMS, MAYA, by=MAYA)
    house.forward(minutes=28)
    communicate.snooze(house.tools, made, by=MAYA)
    with pytest.raises(Refused, match="put off once"):
        communicate.snooze(house.tools, made, by=MAYA)
    house.forward(minutes=16)
    assert [person for _about, person in reminded(house, made)] == [MAYA, KENJI]


def test_a_snooze_never_makes_the_update_due_earlier(house: House, made: str) -> None:
    communicate.snooze(house.tools, made, by=KENJI)
    assert house.incident(made).next_update_at == at(30)


def test_what_is_resolved_needs_no_update(house: House, made: str) -> None:
    resolve.resolve(house.tools, made, by=ANA, unverified_because="it stopped")
    house.forward(minutes=40)
    assert reminded(house, made) == []


def test_secrets_in_an_update_are_taken_out(house: House, made: str) -> None:
    text = "courses fail for ana@demo.example"
    communicate.post_update(house.tools, made, Update(impact=text), by=KENJI)
    assert "ana@demo.example" not in house.incident(made).updates[-1][2].impact


def publish(house: House, made: str, by: Person = KENJI) -> None:
    draft = communicate.draft_public(house.tools, made)
    communicate.publish(house.tools, made, draft.update, by=by, next_at=draft.next_at)


def test_the_public_draft_names_what_customers_see(house: House, made: str) -> None:
    draft = communicate.draft_public(house.tools, made)
    assert draft.update.title == "Problems with Courses"
    assert (draft.update.status, draft.subscribers) == (PublicStatus.INVESTIGATING, 1204)
    assert draft.next_at == NOON + timedelta(hours=1)
    assert "lms" not in draft.update.body.lower()


def test_the_public_post_is_sent_once_with_its_marker(house: House, made: str) -> None:
    publish(house, made)
    house.work()
    assert [marker for marker, _update in house.world.status_page.posts] == [made]
    assert house.facts(made, PublicUpdatePosted)


def test_who_has_no_part_in_it_may_not_post_publicly(house: House, made: str) -> None:
    with pytest.raises(Refused, match="Only comms or commander or on-call"):
        publish(house, made, by=MAYA)


def test_a_refused_post_says_what_to_do_by_hand(house: House, made: str) -> None:
    publish(house, made)
    house.world.status_page.trouble = VendorRejected("Statuspage", "post", "422")
    house.work()
    (said,) = house.facts(made, PublicUpdateFailed)
    assert isinstance(said, PublicUpdateFailed)
    assert "Post it in Statuspage yourself" in said.by_hand


def test_resolving_proposes_the_closing_post_and_sends_nothing(house: House, made: str) -> None:
    publish(house, made)
    house.work()
    resolve.resolve(house.tools, made, by=ANA, unverified_because="it stopped")
    house.work()
    assert house.facts(made, PublicUpdateSuggested)
    assert len(house.world.status_page.posts) == 1
    assert communicate.draft_public(house.tools, made).update.status is PublicStatus.RESOLVED
