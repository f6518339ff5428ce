"""What the pager says later, in whatever order and however often it says it."""

from __future__ import annotations

import pytest

from bot.domain.errors import Refused
from bot.domain.events import (
    BaselineTaken,
    HouseOpened,
    PageAnnotated,
    PageEscalated,
    PageReopened,
    PageReprioritised,
    PageResolved,
    ResolveQuestioned,
)
from bot.domain.incident import HOUSE, Stage
from bot.domain.page import PageEvent, PageStatus
from bot.flow import alert, news, resolve, staff
from tests.doubles.house import House
from tests.doubles.pages import at, held, opened, page, paged, tell
from tests.doubles.people import ANA, BEN

E = PageEvent


def test_the_same_news_again_under_another_id_changes_nothing(house: House) -> None:
    made = paged(house)
    tell(house, E.TRIGGERED, event_id="other")
    tell(house, E.ACKNOWLEDGED, seconds=30)
    seq = house.incident(made).seq
    tell(house, E.ACKNOWLEDGED, seconds=30, event_id="other")
    assert house.incident(made).seq == seq


def test_an_old_acknowledgement_does_not_undo_a_newer_state(house: House) -> None:
    made = paged(house)
    tell(house, E.RESOLVED, seconds=60)
    tell(house, E.ACKNOWLEDGED, seconds=30)
    assert house.incident(made).pages["Q1"].status is PageStatus.RESOLVED


def test_a_resolve_that_comes_before_its_page_opens_nothing(house: House) -> None:
    tell(house, E.RESOLVED, seconds=60)
    tell(house, E.TRIGGERED)
    assert opened(house) == []


def test_an_acknowledgement_that_comes_first_opens_an_acknowledged_incident(house: House) -> None:
    tell(house, E.ACKNOWLEDGED, seconds=30)
    (made,) = opened(house)
    assert made.pages["Q1"].status is PageStatus.ACKNOWLEDGED
    tell(house, E.TRIGGERED)
    assert len(opened(house)) == 1


def test_a_page_that_nobody_touched_closes_as_a_flap(house: House) -> None:
    made = paged(house)
    tell(house, E.RESOLVED, seconds=60)
    assert (house.incident(made).stage, house.incident(made).flapped) == (Stage.RESOLVED, True)


def test_after_a_flap_the_next_page_opens_anew(house: House) -> None:
    made = paged(house)
    tell(house, E.RESOLVED, seconds=60)
    assert paged(house, page("Q2")) != made


def test_where_people_work_a_resolve_is_asked_about_once(house: House) -> None:
    made = paged(house)
    staff.note(house.tools, made, "looking", by=ANA)
    tell(house, E.RESOLVED, seconds=60)
    tell(house, E.REOPENED, seconds=90)
    tell(house, E.RESOLVED, seconds=120)
    assert len(house.facts(made, ResolveQuestioned)) == 1
    assert house.incident(made).resolved_at is None


def test_a_resolve_of_one_of_two_pages_asks_nothing(house: House) -> None:
    made = paged(house)
    paged(house, page("Q2"))
    tell(house, E.RESOLVED, seconds=60)
    assert house.facts(made, ResolveQuestioned) == []
    assert house.incident(made).stage is Stage.ALERT


def test_a_merged_page_says_into_which_and_closes_nothing(house: House) -> None:
    made = paged(house)
    tell(house, E.MERGED, seconds=60, detail="Q7")
    assert (house.incident(made).stage, house.incident(made).merged_into) == (Stage.MERGED, "Q7")
    assert house.incident(made).resolved_at is None
    assert paged(house, page("Q8")) != made


def test_a_merge_inside_one_incident_does_not_end_it(house: House) -> None:
    made = paged(house)
    paged(house, page("Q2"))
    tell(house, E.MERGED, seconds=60, detail="Q2")
    assert house.incident(made).merged_into == ""


def test_a_reopened_page_reopens_a_resolved_incident(house: House) -> None:
    made = paged(house)
    resolve.resolve(house.tools, made, by=ANA, unverified_because="it stopped")
    tell(house, E.RESOLVED, seconds=60)
    tell(house, E.REOPENED, seconds=90)
    assert house.incident(made).stage is not Stage.RESOLVED
    assert house.facts(made, PageReopened)
    assert paged(house, page("Q2")) == made


def test_a_reopened_incident_of_an_unknown_service_takes_its_place_again(house: House) -> None:
    made = paged(house, page("Q1", "PWHO"))
    resolve.resolve(house.tools, made, by=ANA, unverified_because="it stopped")
    resolve.reopen(house.tools, made, "it is back", by=ANA)
    assert paged(house, page("Q2", "PWHO")) == made


def test_our_own_notes_in_the_pager_are_not_echoed(house: House) -> None:
    made = paged(house)
    tell(house, E.ANNOTATED, seconds=5, detail="from us", ours=True)
    tell(house, E.ANNOTATED, seconds=6, detail="from Ben")
    said = house.facts(made, PageAnnotated)
    assert [fact.text for fact in said if isinstance(fact, PageAnnotated)] == ["from Ben"]


def test_an_escalation_says_who_is_paged_now(house: House) -> None:
    made = paged(house)
    tell(house, E.ESCALATED, page(assignees=("Ben Okafor",)), seconds=300)
    tell(house, E.ESCALATED, page(assignees=("Ben Okafor",)), seconds=301)
    assert len(house.facts(made, PageEscalated)) == 1
    assert house.incident(made).pages["Q1"].paged_now.names == ("Ben Okafor",)


def test_a_new_priority_is_kept(house: House) -> None:
    made = paged(house)
    tell(house, E.PRIORITY, page(priority="P1"), seconds=10)
    assert len(house.facts(made, PageReprioritised)) == 1


def test_a_ping_changes_nothing(house: House) -> None:
    tell(house, E.PING, page(""))
    assert opened(house) == []


@pytest.fixture
def started(house: House) -> House:
    """A house that found Q1 open at its first start."""
    house.world.pager.has(held(page("Q1", created_at=at(-60)), PageStatus.ACKNOWLEDGED, "Ben"))
    house.record(HOUSE, HouseOpened(version="0.1"))
    house.work()
    return house


def test_the_first_start_lists_what_is_open_and_touches_nothing(started: House) -> None:
    (taken,) = started.facts(HOUSE, BaselineTaken)
    assert isinstance(taken, BaselineTaken)
    assert [each.page.id for each in taken.pages] == ["Q1"]
    assert opened(started) == []
    tell(started, E.ESCALATED, page("Q1"), seconds=5)
    assert opened(started) == []


def test_a_webhook_that_comes_late_does_not_open_what_the_baseline_listed(
    started: House,
) -> None:
    tell(started, E.TRIGGERED, page("Q1"), seconds=5)
    assert opened(started) == []


def test_a_page_that_began_after_our_doors_opened_is_not_in_the_baseline(house: House) -> None:
    house.world.pager.has(held(page("Q1", created_at=at(-60))))
    house.world.pager.has(held(page("Q2", created_at=at(1))))
    house.record(HOUSE, HouseOpened(version="0.1", happened_at=at(0)))
    house.work()
    (taken,) = house.facts(HOUSE, BaselineTaken)
    assert isinstance(taken, BaselineTaken)
    assert [each.page.id for each in taken.pages] == ["Q1"]


def test_what_began_before_our_doors_opened_waits_for_the_baseline(house: House) -> None:
    house.world.pager.has(held(page("Q1", created_at=at(-60))))
    house.world.pager.has(held(page("Q2", created_at=at(0))))
    house.record(HOUSE, HouseOpened(version="0.1", happened_at=at(0)))
    tell(house, E.TRIGGERED, page("Q1", created_at=at(-60)))
    tell(house, E.TRIGGERED, page("Q2", created_at=at(0)))
    assert [set(made.pages) for made in opened(house)] == [{"Q2"}]
    house.work()
    (taken,) = house.facts(HOUSE, BaselineTaken)
    assert isinstance(taken, BaselineTaken)
    assert [each.page.id for each in taken.pages] == ["Q1"]
    assert len(opened(house)) == 1


def test_a_page_of_the_baseline_is_adopted_once(started: House) -> None:
    made = news.adopt(started.tools, "Q1", by=ANA)
    assert started.incident(made).pages["Q1"].acknowledged_by == "Ben"
    with pytest.raises(Refused, match="adopted already"):
        news.adopt(started.tools, "Q1", by=BEN)
    with pytest.raises(Refused, match="not on the list"):
        news.adopt(started.tools, "Q5", by=BEN)


def test_reconciling_finds_a_page_that_no_webhook_told(started: House) -> None:
    started.world.pager.has(held(page("Q2", created_at=at(2))))
    started.forward(minutes=6)
    assert started.store.claimed("page", "Q2") == opened(started)[0].id
    started.forward(minutes=11)
    assert len(opened(started)) == 1


def test_reconciling_finds_a_resolve_that_no_webhook_told(started: House) -> None:
    started.forward(minutes=1)
    made = paged(started, page("Q2", created_at=at(1)))
    alert.acknowledge(started.tools, made, by=ANA)
    started.world.pager.has(held(page("Q2", created_at=at(1)), PageStatus.RESOLVED))
    started.forward(minutes=6)
    assert started.facts(made, PageResolved)
    assert started.facts(made, ResolveQuestioned)
