"""How it ends in the pager, and fixes that people made by hand."""

from __future__ import annotations

import pytest

from bot.domain.errors import Refused, VendorRejected
from bot.domain.events import (
    Mitigated,
    PagerClearing,
    PageResolved,
    WatchAsked,
    WatchConcluded,
)
from bot.domain.incident import Stage
from bot.domain.page import PageEvent
from bot.flow import aftercare, alert, resolve
from tests.doubles.house import House
from tests.doubles.pages import page, paged, tell
from tests.doubles.people import ANA, BEN, GUS


@pytest.fixture
def made(house: House) -> str:
    found = paged(house)
    alert.acknowledge(house.tools, found, by=ANA)
    house.work()
    return found


def end(house: House, made: str) -> PagerClearing:
    resolve.resolve(house.tools, made, by=ANA, unverified_because="it stopped")
    house.work()
    (cleared,) = house.facts(made, PagerClearing)
    assert isinstance(cleared, PagerClearing)
    return cleared


def test_resolving_resolves_its_pages_as_the_person(house: House, made: str) -> None:
    assert end(house, made).resolved == ("Q1",)
    assert house.world.pager.done("resolve") == [("resolve", "Q1", "ana@demo.example")]


def test_what_fired_again_after_the_fix_stays_open(house: House, made: str) -> None:
    house.forward(minutes=5)
    resolve.mitigated(house.tools, made, "restarted", by=ANA)
    house.forward(minutes=1)
    again = page("Q2", title="LMS errors again", created_at=house.clock.now())
    paged(house, again)
    cleared = end(house, made)
    assert cleared.resolved == ("Q1",)
    assert cleared.left == ("LMS errors again: it fired again after the fix",)


def test_what_the_pager_refuses_is_left_open_with_its_reason(house: House, made: str) -> None:
    house.world.pager.trouble = VendorRejected("PagerDuty", "resolve", "not allowed")
    cleared = end(house, made)
    assert cleared.resolved == ()
    assert "not allowed" in cleared.left[0]


def test_who_the_pager_does_not_know_leaves_it_open(house: House, made: str) -> None:
    resolve.resolve(house.tools, made, by=GUS, unverified_because="it stopped")
    house.work()
    assert house.world.pager.done("resolve") == []


def test_the_echo_of_our_resolve_asks_nothing(house: House, made: str) -> None:
    end(house, made)
    seq = house.incident(made).seq
    tell(house, PageEvent.RESOLVED, seconds=30)
    assert house.incident(made).seq == seq


def test_a_flap_is_not_resolved_in_the_pager_again(house: House) -> None:
    found = paged(house)
    tell(house, PageEvent.RESOLVED, seconds=30)
    house.work()
    assert house.world.pager.done("resolve") == []
    assert house.facts(found, PageResolved)


def test_after_resolving_the_next_page_opens_anew(house: House, made: str) -> None:
    end(house, made)
    assert paged(house, page("Q2")) != made


def test_reopening_wants_a_reason(house: House, made: str) -> None:
    end(house, made)
    with pytest.raises(Refused, match="what came back"):
        resolve.reopen(house.tools, made, " ", by=BEN)


def test_a_reopened_incident_is_joined_again(house: House, made: str) -> None:
    end(house, made)
    resolve.reopen(house.tools, made, "errors again", by=BEN)
    assert paged(house, page("Q2")) == made


def fixed_by_hand(house: House, made: str) -> None:
    house.world.metrics.ratio = 0.114
    aftercare.did(house.tools, made, "restarted the pods", by=BEN)
    house.work()


def test_a_fix_by_hand_is_verified_against_the_numbers_before_it(house: House, made: str) -> None:
    fixed_by_hand(house, made)
    house.world.metrics.ratio = 0.002
    house.forward(minutes=11)
    (said,) = house.facts(made, WatchConcluded)
    assert isinstance(said, WatchConcluded)
    assert said.evidence == "error rate 11.4% → 0.2%, stable 10 min"
    assert house.incident(made).stage is Stage.ANALYSIS


def test_a_fix_that_did_not_help_is_said_to_have_not(house: House, made: str) -> None:
    fixed_by_hand(house, made)
    house.forward(minutes=11)
    (said,) = house.facts(made, WatchConcluded)
    assert isinstance(said, WatchConcluded)
    assert (said.recovered, said.evidence.startswith("still 11.4% after")) == (False, True)


def test_a_service_without_any_request_has_not_recovered(house: House, made: str) -> None:
    fixed_by_hand(house, made)
    house.world.metrics.ratio, house.world.metrics.requests = None, 0
    house.forward(minutes=20)
    assert house.facts(made, Mitigated) == []
    (watch,) = house.incident(made).watches.values()
    assert watch.progress == "cannot tell yet: no requests"


def test_blind_numbers_prove_nothing(house: House, made: str) -> None:
    fixed_by_hand(house, made)
    house.world.metrics.ratio, house.world.metrics.blind = 0.0, "New Relic silent since 12:01"
    house.forward(minutes=31)
    (said,) = house.facts(made, WatchConcluded)
    assert isinstance(said, WatchConcluded)
    assert not said.recovered
    assert "blind: New Relic silent since 12:01" in said.evidence


def test_without_metrics_a_fix_by_hand_is_only_noted(house: House) -> None:
    found = paged(house, page("Q9", "PWHO"))
    aftercare.did(house.tools, found, "restarted the pods", by=BEN)
    assert house.facts(found, WatchAsked) == []
    assert house.incident(found).notes[0].text == "restarted the pods"
