"""A private incident is there for the members of its channel, and for nobody else in any way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.web.dashboard.eyes import Eyes
from bot.web.dashboard.live import FRONT, Place, look_as
from tests.doubles.house import House
from tests.doubles.people import ANA
from tests.sandbox.conftest import receiver, start
from tests.web.doors import PRIVATE, declare, tools_of
from tests.web.porches import URL, Browser, Members
from tests.web.porches import Place as Porched

__all__ = ["receiver", "start"]

TITLE = "Somebody reads the mail of others"
PAGES = ["/", "/?objective=lms-availability", "/insights"]


@pytest.fixture
def place(house: House, start: Callable[..., Any]) -> Iterator[Porched]:
    """Ana is in the channel of the private incident i1, Ben is not; i2 is public."""
    declare(house, "i1", TITLE, visibility=PRIVATE)
    house.channel("i1")
    declare(house, "i2", "Course pages fail")
    with closing(Porched(house, start(bot_url=URL, strict=False))) as made:
        made.members.inside = {"U01ANA": {"Ci1"}, "U02BEN": {"Celsewhere"}}
        yield made


@pytest.fixture
def ana(place: Porched) -> Browser:
    return signed_in(place, "ana")


@pytest.fixture
def ben(place: Porched) -> Browser:
    return signed_in(place, "ben")


def signed_in(place: Porched, person: str) -> Browser:
    browser = place.browser(members_only=False)
    browser.signs_in(person)
    return browser


def test_a_member_sees_it_in_the_list_on_the_chart_and_on_its_page(ana: Browser) -> None:
    front = ana.get("/?objective=lms-availability").text
    assert "2 open incidents" in front
    assert f"Incident, 02 Mar 12:00 UTC: {TITLE}" in front
    page = ana.get("/incidents/i1")
    assert page.status_code == 200
    assert TITLE in page.text


def test_somebody_who_is_not_in_its_channel_sees_it_nowhere(ben: Browser) -> None:
    for path in PAGES:
        assert "mail of others" not in ben.get(path).text
    assert "1 open incident<" in ben.get("/").text
    hidden, unknown = ben.get("/incidents/i1"), ben.get("/incidents/never-was")
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert _same(hidden.text) == _same(unknown.text)


def _same(page: str) -> str:
    """Without the name of the page itself."""
    return page.replace("never-was", "i1")


def test_whoever_is_not_signed_in_sees_it_nowhere(place: Porched) -> None:
    anybody = place.browser(members_only=False)
    for path in PAGES:
        assert "mail of others" not in anybody.get(path).text
    hidden, unknown = anybody.get("/incidents/i1"), anybody.get("/incidents/never-was")
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert _same(hidden.text) == _same(unknown.text)


def test_it_counts_in_what_a_member_learns_of_the_last_months(ana: Browser, ben: Browser) -> None:
    assert "2 incidents" in ana.get("/insights").text
    assert "1 incident" in ben.get("/insights").text


def test_who_leaves_the_channel_does_not_see_it_any_more(place: Porched, ana: Browser) -> None:
    assert ana.get("/incidents/i1").status_code == 200
    place.members.inside["U01ANA"] = set()
    assert ana.get("/incidents/i1").status_code == 404
    assert "mail of others" not in ana.get("/").text


def test_while_slack_cannot_say_who_is_a_member_it_is_shown_to_nobody(
    place: Porched, ana: Browser
) -> None:
    place.members.down = True
    assert ana.get("/incidents/i1").status_code == 404
    assert "Course pages fail" in ana.get("/").text


def test_before_it_has_a_channel_it_has_no_members(
    house: House, place: Porched, ana: Browser
) -> None:
    declare(house, "i3", "A second secret", visibility=PRIVATE)
    place.members.inside["U01ANA"].add("")
    assert "A second secret" not in ana.get("/").text
    assert ana.get("/incidents/i3").status_code == 404


def test_who_signed_out_does_not_see_it_any_more(ana: Browser) -> None:
    ana.post("/sign-out", goodbye=ana.goodbye())
    assert ana.get("/incidents/i1").status_code == 404


def test_who_reads_it_is_written_down_and_who_reads_a_public_one_is_not(
    ana: Browser, ben: Browser
) -> None:
    with capture_logs() as lines:
        ana.get("/incidents/i1")
        ana.get("/incidents/i2")
        ben.get("/incidents/i1")
    reads = [line for line in lines if line["event"] == "private incident read"]
    assert [(line["incident"], line["user"], line["team"]) for line in reads] == [
        ("i1", "U01ANA", "T0DEMO")
    ]


def test_open_pages_of_members_alone_hear_that_it_moves(house: House) -> None:
    declare(house, "i1", TITLE, visibility=PRIVATE)
    house.channel("i1")
    tools = tools_of(house)
    members = Members({"U01ANA": {"Ci1"}})
    ana = Eyes(person=ANA, channels=members.private_channels)
    insider = {Place(FRONT, ana), Place("i1", ana)}
    outsiders = {Place(FRONT), Place("i1")}

    def seen() -> dict[Place, object]:
        return dict(look_as(tools, frozenset(insider | outsiders)))

    before = seen()
    assert seen() == before
    house.channel("i1")
    after = seen()
    assert {place for place in after if after[place] != before[place]} >= {Place("i1", ana)}
    assert all(after[place] == before[place] for place in outsiders)


def test_an_api_token_opens_no_private_incident(place: Porched) -> None:
    browser = place.browser(members_only=False)
    browser.app.state.house.api_tokens = ("a-token",)
    answer = browser.get("/api/incidents", authorization="Bearer a-token")
    assert [each["id"] for each in answer.json()["incidents"]] == ["i2"]
