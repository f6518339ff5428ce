"""The page of what the last months tell."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.events import (
    FollowUpAdded,
    LeftoverCleared,
    LeftoverNoted,
    Resolved,
    StartEstimated,
)
from bot.domain.review import FollowUp, FollowUpType
from tests.doubles.house import House
from tests.doubles.people import ANA
from tests.timeline.ledgers import NOON
from tests.web.doors import PRIVATE, Reader, declare


def test_too_few_incidents_are_said_to_be_too_few(house: House, reader: Reader) -> None:
    declare(house, "i1", "Course pages fail")
    house.record("i1", Resolved(how="over", by=ANA))
    page = reader.get("/insights").text
    assert "1 incident of the last 90 days" in page
    assert "under 10 incidents" in page


def test_ten_make_a_median(house: House, reader: Reader) -> None:
    for number in range(10):
        declare(house, f"i{number}", "Course pages fail")
        start = StartEstimated(start=NOON - timedelta(minutes=4), how="measured", measured=True)
        house.record(f"i{number}", start, Resolved(how="over", by=ANA))
    page = reader.get("/insights").text
    assert page.count("4 min") >= 2


def test_what_is_left_over_leads_to_its_incident(house: House, reader: Reader) -> None:
    declare(house, "i1", "Course pages fail")
    left = LeftoverNoted(
        leftover="l1", mitigation="m1", text="auto-sync of lms is off", team="team-lms"
    )
    house.record("i1", left)
    page = reader.get("/insights").text
    assert "auto-sync of lms is off" in page
    assert 'href="/incidents/i1"' in page


def test_left_overs_stand_oldest_first_however_old_their_incident_is(
    house: House, reader: Reader
) -> None:
    for number, team in enumerate(("team-lms", "")):
        declare(house, f"i{number}", f"Course pages fail {number}")
        text = f"auto-sync {number} is off"
        left = LeftoverNoted(leftover="l1", mitigation="m1", text=text, team=team)
        house.record(f"i{number}", left)
        house.clock.forward(timedelta(days=100))
    page = reader.get("/insights").text
    assert "2 things that incidents left in a temporary state" in page
    assert page.index("auto-sync 0 is off") < page.index("auto-sync 1 is off")
    assert "for 200 d, since 02 Mar 2026" in page
    assert "nobody in particular · from “Course pages fail 1”" in page


def test_what_was_put_back_is_left_over_no_more(house: House, reader: Reader) -> None:
    declare(house, "i1", "Course pages fail")
    left = LeftoverNoted(leftover="l1", mitigation="m1", text="auto-sync is off", team="t")
    house.record("i1", left, LeftoverCleared(leftover="l1", shows="auto-sync is on"))
    assert "auto-sync is off" not in reader.get("/insights").text


def test_follow_ups_past_their_date_are_counted(house: House, reader: Reader) -> None:
    declare(house, "i1", "Course pages fail")
    for number, days in enumerate((-3, 3)):
        work = FollowUp(
            id=f"f{number}",
            title=f"Add a check {number}",
            type=FollowUpType.DETECT,
            due=(NOON + timedelta(days=days)).date(),
            done_when="it fails in a test",
        )
        house.record("i1", FollowUpAdded(follow_up=work, by=ANA))
    page = reader.get("/insights").text
    assert "1 of them is past the date" in page
    assert page.index("Add a check 0") < page.index("Add a check 1")


def test_a_private_incident_tells_nobody_anything(house: House, reader: Reader) -> None:
    declare(house, "i1", "Somebody reads the mail of others", visibility=PRIVATE)
    house.record(
        "i1", LeftoverNoted(leftover="l1", mitigation="m1", text="a rule blocks", team="t")
    )
    page = reader.get("/insights").text
    assert "0 incidents of the last 90 days" in page
    assert "a rule blocks" not in page
