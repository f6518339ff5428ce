"""A page or a person opens an incident, joins one, and is acknowledged."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import Refused, VendorRejected
from bot.domain.events import (
    AlertsRead,
    AlertsUnread,
    PageAcknowledged,
    PagerActFailed,
    StartEstimated,
)
from bot.domain.page import Alert, PagedNow, PageEvent
from bot.flow import alert, guessing
from tests.doubles.house import House
from tests.doubles.pages import opened, page, paged, tell
from tests.doubles.people import ANA, BEN, GUS
from tests.timeline.ledgers import NOON

SINCE = NOON - timedelta(minutes=6)
ALERT = Alert(id="a1", summary="5xx", condition="error rate", threshold="> 5%", since=SINCE)


def test_a_page_opens_an_incident_of_its_service(house: House) -> None:
    made = house.incident(paged(house))
    assert (made.service, made.environment, made.cluster) == ("lms", "production", "prod-eks-1")


def test_a_second_page_of_the_service_joins(house: House) -> None:
    first = paged(house)
    assert paged(house, page("Q2")) == first
    assert set(house.incident(first).pages) == {"Q1", "Q2"}


def test_a_page_of_another_environment_never_joins(house: House) -> None:
    first = paged(house)
    assert paged(house, page("Q2", "PLMSSTG")) != first
    assert {i.environment for i in opened(house)} == {"production", "staging"}


def test_an_unknown_service_opens_with_the_three_nearest(house: House) -> None:
    made = house.incident(paged(house, page("Q9", "PFORUM", title="forum is slow")))
    assert made.service == ""
    assert len(made.nearest) == 3
    assert made.nearest[0] == "forums"


def test_two_pages_of_the_same_unknown_service_are_one_incident(house: House) -> None:
    first = paged(house, page("Q9", "PWHO"))
    assert paged(house, page("Q10", "PWHO")) == first
    assert paged(house, page("Q11", "PELSE")) != first


def test_the_alerts_fields_decide_where_the_pager_service_does_not(house: House) -> None:
    labels = Alert(id="a1", summary="queue", name="GradingQueueStuck")
    house.world.pager.found = (labels,)
    assert house.incident(paged(house, page("Q9", "PSHARED"))).service == "grading"


def test_the_alerts_are_read_once_the_page_is_stored(house: House) -> None:
    house.world.pager.found = (ALERT,)
    house.world.pager.now = PagedNow(names=("Ana",), next_names=("Ben",))
    made = paged(house)
    house.work()
    assert house.incident(made).alerts == (ALERT,)
    assert house.incident(made).started_at == SINCE


def test_it_opens_although_the_alerts_cannot_be_read(house: House) -> None:
    house.world.pager.down()
    made = paged(house)
    house.forward(minutes=3)
    (said,) = house.facts(made, AlertsUnread)
    assert isinstance(said, AlertsUnread)
    assert said.by_hand == "Read them at https://pd.example/Q1."
    house.world.pager.trouble = None
    house.forward(minutes=1)
    assert len(house.facts(made, AlertsRead)) == 1


def test_a_person_declares_with_one_sentence(house: House) -> None:
    made = house.incident(alert.declare(house.tools, "lms  fails\nfor everybody", by=ANA))
    assert (made.title, made.service) == ("lms fails for everybody", "lms")
    assert set(made.guessed) == {"severity", "service", "start"}
    assert house.facts(made.id, StartEstimated)


def test_an_empty_declaration_is_refused(house: House) -> None:
    with pytest.raises(Refused, match="Say what is wrong"):
        alert.declare(house.tools, "   ", by=ANA)


def test_a_page_joins_what_a_person_declared(house: House) -> None:
    made = alert.declare(house.tools, "lms fails", by=ANA)
    assert paged(house) == made


def test_naming_another_service_frees_the_one_that_was_guessed(house: House) -> None:
    made = paged(house)
    guessing.name_service(house.tools, made, "auth", "production", by=ANA)
    house.work()
    assert paged(house, page("Q2")) != made
    assert paged(house, page("Q3", "PAUTH")) == made


def test_naming_twice_frees_what_was_named_in_between(house: House) -> None:
    made = paged(house)
    guessing.name_service(house.tools, made, "auth", "production", by=ANA)
    guessing.name_service(house.tools, made, "grading", "production", by=ANA)
    house.work()
    assert paged(house, page("Q3", "PAUTH")) != made


def test_an_unknown_name_is_answered_with_the_nearest(house: House) -> None:
    made = paged(house, page("Q9", "PWHO"))
    with pytest.raises(Refused, match="Nearest: forums"):
        guessing.name_service(house.tools, made, "forum", "production", by=ANA)


def test_acknowledging_tells_the_pager_as_the_person_who_clicked(house: House) -> None:
    made = paged(house)
    alert.acknowledge(house.tools, made, by=ANA)
    house.work()
    assert house.world.pager.done("acknowledge") == [("acknowledge", "Q1", "ana@demo.example")]
    assert house.incident(made).pages["Q1"].acknowledged_by == "Ana Lima"


def test_the_echo_of_our_own_acknowledgement_is_no_news(house: House) -> None:
    made = paged(house)
    alert.acknowledge(house.tools, made, by=ANA)
    house.work()
    tell(house, PageEvent.ACKNOWLEDGED, seconds=1)
    assert len(house.facts(made, PageAcknowledged)) == 1


def test_an_echo_that_overtakes_our_own_note_of_it_is_told_once(house: House) -> None:
    made = paged(house)
    alert.acknowledge(house.tools, made, by=ANA)
    tell(house, PageEvent.ACKNOWLEDGED, seconds=1)
    house.work()
    assert len(house.facts(made, PageAcknowledged)) == 1


def test_who_the_pager_does_not_know_acknowledges_nothing(house: House) -> None:
    made = paged(house)
    alert.acknowledge(house.tools, made, by=GUS)
    house.work()
    (said,) = house.facts(made, PagerActFailed)
    assert isinstance(said, PagerActFailed)
    assert "Do it yourself at https://pd.example/Q1" in said.why
    assert house.world.pager.done("acknowledge") == []


def test_what_the_pager_refuses_is_said(house: House) -> None:
    made = paged(house)
    house.world.pager.trouble = VendorRejected("PagerDuty", "acknowledge", "no such user")
    alert.acknowledge(house.tools, made, by=BEN)
    house.work()
    assert any(
        isinstance(said, PagerActFailed) and said.why == "no such user"
        for said in house.facts(made, PagerActFailed)
    )
