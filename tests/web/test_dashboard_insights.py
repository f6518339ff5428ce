"""The page of what the last months tell."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.events import FollowUpAdded, LeftoverNoted, Resolved, StartEstimated
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
