"""Who is called, who is nagged once, and what was found or not checked."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.change import Change
from bot.domain.events import (
    Finding,
    MarkRemoved,
    MessageMarked,
    Nagged,
    NotChecked,
    OnCallFound,
    PagerActFailed,
    Question,
    Role,
    StartEstimated,
)
from bot.domain.people import Person
from bot.domain.severity import Severity
from bot.flow import alert, staff
from tests.doubles.house import House
from tests.doubles.pages import page, paged
from tests.doubles.people import ANA, BEN, GUS
from tests.timeline.ledgers import NOON


def nags(house: House, made: str) -> list[tuple[str, Person | None]]:
    found = [fact for fact in house.facts(made, Nagged) if isinstance(fact, Nagged)]
    return [(fact.about, fact.person) for fact in found if not fact.about.startswith("update")]


def opened(house: House) -> str:
    made = paged(house)
    house.channel(made)
    house.work()
    return made


def test_the_on_call_of_the_service_is_found(house: House) -> None:
    made = opened(house)
    assert house.incident(made).on_call == (ANA,)


def test_an_on_call_without_slack_is_named(house: House) -> None:
    house.world.pager.on_duty = ("new@demo.example",)
    (found,) = house.facts(opened(house), OnCallFound)
    assert isinstance(found, OnCallFound)
    assert found.unmatched == ("new@demo.example",)


def test_five_minutes_without_an_answer_nag_one_person_once(house: House) -> None:
    made = opened(house)
    house.forward(minutes=4.9)
    assert ("acknowledge", ANA) not in nags(house, made)
    paged(house, page("Q2"))
    house.forward(minutes=30)
    assert nags(house, made).count(("acknowledge", ANA)) == 1


def test_who_acknowledged_is_not_nagged(house: House) -> None:
    made = opened(house)
    alert.acknowledge(house.tools, made, by=ANA)
    house.forward(minutes=10)
    assert "acknowledge" not in [about for about, _person in nags(house, made)]


def test_a_grave_incident_without_a_commander_is_said_once(house: House) -> None:
    made = opened(house)
    alert.acknowledge(house.tools, made, by=ANA)
    house.forward(minutes=30)
    assert nags(house, made).count(("commander", ANA)) == 1


def test_nobody_is_asked_to_command_what_nobody_has_acknowledged(house: House) -> None:
    made = opened(house)
    house.forward(minutes=12)
    assert next(about for about, _person in nags(house, made)) == "acknowledge"
    assert "commander" not in [about for about, _person in nags(house, made)]


def test_with_a_commander_nobody_asks_for_one(house: House) -> None:
    made = opened(house)
    staff.give_role(house.tools, made, Role.COMMANDER, BEN, by=BEN)
    house.forward(minutes=30)
    assert "commander" not in [about for about, _person in nags(house, made)]


def test_a_severity_is_written_back_as_the_pages_priority(house: House) -> None:
    made = opened(house)
    staff.set_severity(house.tools, made, Severity.SEV1, by=ANA)
    house.work()
    assert house.world.pager.done("set_priority") == [("set_priority", "Q1", "P1")]


def test_a_priority_that_could_not_be_written_is_said(house: House) -> None:
    made = opened(house)
    staff.set_severity(house.tools, made, Severity.SEV1, by=GUS)
    house.work()
    (told,) = house.facts(made, PagerActFailed)
    assert isinstance(told, PagerActFailed)
    assert "Set it at https://" in told.by_hand


def test_a_priority_waits_for_a_pager_that_does_not_answer(house: House) -> None:
    made = opened(house)
    staff.set_severity(house.tools, made, Severity.SEV1, by=ANA)
    house.world.pager.down()
    house.work()
    assert not house.facts(made, PagerActFailed)
    house.world.pager.trouble = None
    house.forward(minutes=2)
    assert house.world.pager.done("set_priority")[-1] == ("set_priority", "Q1", "P1")
    assert not house.facts(made, PagerActFailed)


def test_marks_are_kept_once_a_person(house: House) -> None:
    made = opened(house)
    marked = MessageMarked(ts="9.1", text="r142", author=BEN, by=ANA, emoji="pushpin")
    staff.mark(house.tools, made, marked)
    staff.mark(house.tools, made, marked)
    staff.unmark(house.tools, made, "9.1", by=BEN)
    assert len(house.facts(made, MessageMarked, MarkRemoved)) == 1


def test_a_note_loses_its_secrets_and_says_so(house: House) -> None:
    made = opened(house)
    found = staff.note(house.tools, made, "mail ana@demo.example", by=ANA)
    assert found
    assert "ana@demo.example" not in house.incident(made).notes[0].text


def change() -> Change:
    return Change(
        id="d1",
        source="Argo CD",
        service="lms",
        environment="production",
        at=NOON - timedelta(minutes=9),
        before="r141",
        after="r142",
    )


def test_triage_finds_the_suspect_and_the_error_rate(house: House) -> None:
    house.world.changes.found = [change()]
    house.world.metrics.ratio = 0.114
    made = house.incident(opened(house))
    said = made.findings[Question.CHANGES]
    assert isinstance(said, Finding)
    assert said.text.startswith("Suspect: lms r141 → r142, deployed 9 min before")
    errors = made.findings[Question.ERRORS]
    assert isinstance(errors, Finding)
    assert errors.text == "Error rate 11.4% now, normally 0.1%"


def test_triage_asks_about_what_the_service_stands_on(house: House) -> None:
    opened(house)
    assert house.world.changes.done("changes") == [("changes", "lms", "auth")]


def test_what_does_not_answer_is_named_as_not_checked(house: House) -> None:
    house.world.beside.slow = {"Argo CD"}
    house.world.metrics.down("503")
    made = house.incident(opened(house))
    changes, errors = made.findings[Question.CHANGES], made.findings[Question.ERRORS]
    assert isinstance(changes, NotChecked)
    assert changes.why == "no answer within 10 s"
    assert isinstance(errors, NotChecked)
    assert errors.why == "503"
    assert made.changes_missing == ("Argo CD",)
    assert made.changes_not_checked == ("Argo CD (no answer within 10 s)",)


def test_silent_metrics_are_blind_and_not_well(house: House) -> None:
    house.world.metrics.ratio, house.world.metrics.blind = None, "New Relic silent since 11:58"
    said = house.incident(opened(house)).findings[Question.ERRORS]
    assert isinstance(said, NotChecked)
    assert said.why == "New Relic silent since 11:58"


def test_the_first_bad_minute_moves_the_start(house: House) -> None:
    house.world.metrics.first_bad = NOON - timedelta(minutes=7)
    made = opened(house)
    assert house.incident(made).impact_start == NOON - timedelta(minutes=7)
    assert house.facts(made, StartEstimated)


def test_an_unnamed_service_says_what_naming_it_would_add(house: House) -> None:
    made = paged(house, page("Q9", "PWHO"))
    house.work()
    said = house.incident(made).findings[Question.SERVICE]
    assert isinstance(said, NotChecked)
    assert "Name the service" in said.by_hand
