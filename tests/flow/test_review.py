"""The postmortem tells what happened by role, computes its times, and keeps no secret."""

from __future__ import annotations

from datetime import timedelta

import frontmatter
import pytest

from bot.domain.events import (
    FollowUpTicketed,
    NoteKind,
    PostmortemCommented,
    PostmortemWritten,
    Role,
)
from bot.domain.severity import Severity
from bot.flow import alert, resolve, review, staff
from tests.doubles.house import House
from tests.doubles.pages import paged
from tests.doubles.people import ANA, BEN, KENJI
from tests.timeline.ledgers import NOON

SHA = "3f786850e387550fdab836ed7e6dc881de23001b"
DIGEST = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.fixture
def made(house: House) -> str:
    """Paged at 12:00, acknowledged 12:02, mitigated 12:20, and then an hour of quiet."""
    found = paged(house)
    house.channel(found)
    house.forward(minutes=2)
    alert.acknowledge(house.tools, found, by=ANA)
    staff.set_severity(house.tools, found, Severity.SEV2, by=ANA)
    staff.give_role(house.tools, found, Role.COMMANDER, KENJI, by=KENJI)
    words = f"Kenji Mori asked Ben Okafor about {SHA} and {DIGEST}; mail ben@demo.example"
    staff.note(house.tools, found, words, by=ANA)
    staff.note(house.tools, found, "token xoxb-1234567890-abcdefghij", by=BEN, kind=NoteKind.NOTE)
    house.forward(minutes=18)
    resolve.mitigated(house.tools, found, "rolled back by Ana Lima", by=ANA)
    return found


def draft(house: House, made: str) -> frontmatter.Post:
    text = review.draft_of(house.tools, house.incident(made)).text
    return frontmatter.loads(text)


def test_people_appear_by_their_role(house: House, made: str) -> None:
    text = draft(house, made).content
    assert "the incident commander" in text.lower()
    for person in (ANA, BEN, KENJI):
        assert person.name not in text


def test_secrets_and_addresses_are_gone_and_revisions_stay(house: House, made: str) -> None:
    text = draft(house, made).content
    assert "ben@demo.example" not in text
    assert "xoxb-1234567890" not in text
    assert SHA in text
    assert DIGEST in text


def test_the_times_are_computed(house: House, made: str) -> None:
    house.forward(minutes=40)
    resolve.resolve(house.tools, made, by=ANA, unverified_because="it stopped")
    front = draft(house, made).metadata
    assert (front["tta_s"], front["ttm_s"], front["ttr_s"]) == (120, 1200, 3600)
    assert front["severity"] == "SEV2"
    assert front["timeline_hash"] == house.store.head_hash(made)


def test_the_front_matter_has_every_key_that_machines_read(house: House, made: str) -> None:
    wanted = (
        "id title severity status owner commander services started_at detected_at acked_at"
        " mitigated_at resolved_at ttd_s tta_s ttm_s ttr_s slo budget_spent customer_impact trigger"
        " detection change_refs runbooks_used follow_ups tags visibility timeline_hash environment"
    )
    front = draft(house, made).metadata
    assert set(front) == set(wanted.split())
    assert (front["status"], front["detection"]) == ("draft", "alert")
    assert front["services"] == ["lms"]


def test_a_silence_is_named_as_a_gap(house: House, made: str) -> None:
    house.clock.forward(timedelta(hours=1))
    resolve.resolve(house.tools, made, by=ANA, unverified_because="it stopped")
    assert "12:20 to 13:20" in draft(house, made).content


def test_resolving_without_proof_is_an_open_question(house: House, made: str) -> None:
    resolve.resolve(house.tools, made, by=ANA, unverified_because="it stopped")
    assert "without proof of recovery" in draft(house, made).content


def test_a_grave_incident_gets_its_postmortem_by_itself(house: House, made: str) -> None:
    resolve.resolve(house.tools, made, by=ANA, unverified_because="it stopped")
    house.forward(minutes=1)
    (written,) = house.facts(made, PostmortemWritten)
    assert isinstance(written, PostmortemWritten)
    assert written.path.startswith(f"postmortems/2026/{NOON:%Y-%m-%d}-")
    assert written.branch == f"postmortem/{made}"
    assert written.pull_request
    assert house.facts(made, PostmortemCommented)


def test_a_small_one_waits_to_be_asked(house: House) -> None:
    found = paged(house)
    staff.set_severity(house.tools, found, Severity.SEV3, by=ANA, reason="one tenant")
    resolve.resolve(house.tools, found, by=ANA, unverified_because="it stopped")
    house.forward(minutes=1)
    assert house.world.archive.drafts == []
    review.ask_for_postmortem(house.tools, found, by=ANA)
    house.forward(minutes=1)
    assert len(house.world.archive.drafts) == 1


def test_resolving_again_after_a_reopening_writes_it_again(house: House, made: str) -> None:
    for _ in range(2):
        resolve.resolve(house.tools, made, by=ANA, unverified_because="it stopped")
        house.forward(minutes=1)
        resolve.reopen(house.tools, made, "errors again", by=ANA)
    paths = {each.path for each in house.world.archive.drafts}
    assert (len(house.world.archive.drafts), len(paths)) == (2, 1)


def test_a_follow_up_becomes_one_ticket(house: House, made: str) -> None:
    id_ = review.follow_up(
        house.tools, made, "Test migrations in CI", by=ANA, done_when="CI fails without it"
    )
    house.work()
    house.restart()
    house.work()
    assert house.world.tracker.done("create") == [("create", f"tocsin-{made}-{id_}")]
    assert house.incident(made).follow_ups[id_].due == (NOON + timedelta(days=30)).date()


def test_a_ticket_that_an_earlier_try_made_is_found_again(house: House, made: str) -> None:
    house.world.tracker.tickets[f"tocsin-{made}-f1"] = "https://jira.example/OPS-9"
    review.follow_up(house.tools, made, "Test migrations", by=ANA, done_when="CI fails")
    house.work()
    assert house.world.tracker.done("create") == []
    (said,) = house.facts(made, FollowUpTicketed)
    assert isinstance(said, FollowUpTicketed)
    assert said.ticket == "https://jira.example/OPS-9"
