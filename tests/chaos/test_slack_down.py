"""A vendor is away for a while: nothing is lost, and nothing is doubled when it is back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.reckoning import Books
from tests.living import Life

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(150)]

SERVICES = ("lms", "payments", "forums", "identity", "video-pipeline", "grading")


@pytest.mark.parametrize(
    "how", [{"do": "5xx", "status": 503}, {"do": "refuse"}], ids=["503", "refused"]
)
def test_ten_minutes_without_slack_lose_and_double_nothing(
    life: Life, how: dict[str, Any]
) -> None:
    world = life.world
    world.page(service="lms", title="before it went away")
    life.until(world.channels, "the first channel")
    life.settle()
    world.fault(service="slack", kind="request", **how)
    titles = [f"page {number} while Slack is away" for number in range(12)]
    for number, title in enumerate(titles):
        world.page(service=SERVICES[number % len(SERVICES)], title=title)
        life.settle()
        world.advance(50)
    assert len(world.channels()) == 1
    world.heal()
    _come_back(life)
    books = Books(world.state(), world.log())
    assert len(books.incident_rooms) == len(SERVICES)
    assert {title: len(books.rooms_that_say(title)) for title in titles} == dict.fromkeys(
        titles, 1
    )
    assert books.half_made() == []
    assert books.doubled_channels() == []
    assert books.doubled_messages() == []
    assert life.bot.metric('tocsin_owed{state="parked"}') == 0


def test_answers_of_slack_that_get_lost_double_nothing(life: Life) -> None:
    world = life.world
    world.fault(service="slack", match="c*.*", when={"probability": 0.3}, do="drop_response")
    titles = [f"page {number} on a bad line" for number in range(12)]
    for number, title in enumerate(titles):
        world.page(service=SERVICES[number % len(SERVICES)], title=title)
    life.settle(60)
    for _ in range(4):
        world.advance(20)
        life.settle(60)
    world.heal()
    _come_back(life)
    books = Books(world.state(), world.log())
    assert sum(one["fault"] == "drop_response" for one in books.called("slack")) >= 10
    assert len(books.incident_rooms) == len(SERVICES)
    assert {title: len(books.rooms_that_say(title)) for title in titles} == dict.fromkeys(
        titles, 1
    )
    assert books.half_made() == []
    assert books.doubled_channels() == []
    assert books.doubled_messages() == []


def test_without_pagerduty_an_incident_opens_and_says_what_it_could_not_read(life: Life) -> None:
    world = life.world
    world.fault(service="pagerduty", kind="request", do="5xx")
    world.page(service="lms", title="LMS errors", alerts=[{"condition": "error rate"}])
    life.until(world.channels, "the channel")
    life.settle()
    assert "could not be read from PagerDuty" in str(life.room())
    world.heal()
    world.advance(60)
    life.settle()
    assert "could not be read from PagerDuty" not in str(life.room())
    assert Books(world.state(), world.log()).half_made() == []


def _come_back(life: Life) -> None:
    """Back-off is at most a minute; boards rest for ten seconds."""
    for seconds in (70, 70, 15, 15):
        life.world.advance(seconds)
        life.settle(60)
