"""What the pages show, what they hide, and what they never run."""

from __future__ import annotations

import pytest

from bot.domain.change import Change, Suspect
from bot.domain.events import (
    LeftoverNoted,
    Noted,
    NoteKind,
    PostmortemWritten,
    Resolved,
    Role,
    RoleGiven,
    SuspectsRanked,
)
from bot.domain.mitigation import Plan
from bot.domain.policy import Quorum
from bot.domain.severity import Severity
from tests.doubles.house import House
from tests.doubles.people import ANA, BEN
from tests.timeline.ledgers import NOON
from tests.web.doors import DAY, PRIVATE, Doors, Reader, declare, tools_of


def note(text: str, link: str = "") -> Noted:
    return Noted(id="n1", kind=NoteKind.NOTE, text=text, by=ANA, link=link)


def test_open_incidents_are_listed_with_the_worst_first(house: House, reader: Reader) -> None:
    declare(house, "i1", "Forums slow", service="forums", severity=Severity.SEV4)
    declare(house, "i2", "Course pages fail", severity=Severity.SEV1)
    house.channel("i2")
    page = reader.get("/").text
    assert "2 open incidents" in page
    assert page.index("Course pages fail") < page.index("Forums slow")
    assert 'href="/incidents/i2"' in page
    assert "https://slack.com/app_redirect?channel=Ci2" in page


def test_a_private_incident_is_neither_listed_nor_marked_nor_served(
    house: House, reader: Reader
) -> None:
    declare(house, "i1", "Somebody reads the mail of others", visibility=PRIVATE)
    declare(house, "i2", "Course pages fail")
    front = reader.get("/?objective=lms-availability").text
    assert "mail of others" not in front
    assert "1 open incident<" in front
    assert "Incident, 02 Mar 12:00 UTC: Course pages fail" in front
    hidden, unknown = reader.get("/incidents/i1"), reader.get("/incidents/never-was")
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert hidden.text == unknown.text


def test_the_house_itself_is_no_incident(reader: Reader) -> None:
    assert reader.get("/incidents/house").status_code == 404


def test_an_incident_that_is_over_is_served_and_not_listed(house: House, reader: Reader) -> None:
    declare(house, "i1", "Course pages fail")
    house.record("i1", Resolved(how="rolled back", by=ANA))
    assert "No open incidents" in reader.get("/").text
    assert "was open for" in reader.get("/incidents/i1").text


def test_the_story_is_told_newest_first_in_the_words_of_the_postmortem(
    house: House, reader: Reader
) -> None:
    declare(house, "i1", "Course pages fail")
    house.clock.forward(DAY)
    house.record("i1", note("the cache was cold"))
    page = reader.get("/incidents/i1").text
    told = ["Tuesday, 03 March", "Ana Lima noted: the cache was cold", "Monday, 02 March"]
    places = [page.index(each) for each in [*told, "Ana Lima declared: Course pages fail"]]
    assert places == sorted(places)


def test_roles_suspects_and_the_postmortem_stand_beside_the_story(
    house: House, reader: Reader
) -> None:
    declare(house, "i1", "Course pages fail")
    change = Change(
        id="c1", source="Argo CD", service="lms", environment="production", at=NOON, after="r142"
    )
    suspect = Suspect(change=change, score=0.9, reasons=("deployed a minute before",))
    house.record(
        "i1",
        RoleGiven(role=Role.COMMANDER, person=BEN, by=BEN),
        SuspectsRanked(suspects=(suspect,), asked=("Argo CD",)),
        PostmortemWritten(
            path="pm.md", branch="b", commit="c", pull_request="https://git.example/1"
        ),
    )
    page = reader.get("/incidents/i1").text
    for each in ("Incident commander", "Ben Okafor", "lms r142", "deployed a minute before"):
        assert each in page
    assert '<a href="https://git.example/1" rel="noreferrer">Postmortem</a>' in page


def test_a_mitigation_says_how_it_stands_and_what_is_left_of_it(
    house: House, reader: Reader
) -> None:
    declare(house, "i1", "Course pages fail")
    plan = Plan(
        mitigation="rollback",
        title="Roll lms back to r141",
        service="lms",
        environment="production",
        target="7",
        target_label="r141",
        live="8",
        live_label="r142",
    )
    quorum = Quorum(wants_another=True, approvers=())
    with house.store.open("i1") as incident:
        proposed = incident.propose(plan, by=ANA, quorum=quorum)
        incident.record(
            LeftoverNoted(
                leftover="l1", mitigation=proposed, text="auto-sync is off", team="team-lms"
            )
        )
    page = reader.get("/incidents/i1").text
    for each in (plan.title, "waiting for approval", "proposed by Ana Lima", "auto-sync is off"):
        assert each in page


@pytest.mark.parametrize("path", ["/", "/incidents/i1"])
def test_what_people_wrote_is_text_and_never_markup(
    house: House, reader: Reader, path: str
) -> None:
    declare(house, "i1", "<img src=x onerror=alert(1)> & 'more'")
    house.record("i1", note("<script>alert(1)</script>"))
    page = reader.get(path).text
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; &#39;more&#39;" in page


def test_a_link_that_would_run_something_is_left_out(house: House, reader: Reader) -> None:
    declare(house, "i1", "Course pages fail")
    house.record("i1", note("look here", link="javascript:alert(1)"))
    assert "javascript:" not in reader.get("/incidents/i1").text


def test_mentions_become_names_and_secrets_go(house: House, reader: Reader) -> None:
    declare(house, "i1", "Course pages fail")
    said = "<@U02BEN> sees <https://grafana.example/d|the graph>, password=hunter2secret"
    house.record("i1", note(said))
    page = reader.get("/incidents/i1").text
    assert "@Ben Okafor sees the graph" in page
    assert "hunter2secret" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/incidents/never-was",
        "/static/dashboard.css",
        "/static/dashboard.js",
        "/api/incidents",
    ],
)
def test_every_answer_keeps_foreign_code_and_frames_out(reader: Reader, path: str) -> None:
    headers = reader.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_pages_need_no_inline_script_or_style(house: House, reader: Reader) -> None:
    declare(house, "i1", "Course pages fail")
    for path in ("/", "/incidents/i1", "/incidents/never-was"):
        page = reader.get(path).text
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert ' onclick="' not in page


def test_without_a_script_the_page_is_read_again_each_minute(reader: Reader) -> None:
    again = '<noscript><meta http-equiv="refresh" content="60"></noscript>'
    assert again in reader.get("/").text


def test_the_rolling_line_is_a_link_and_keeps_the_objective(reader: Reader) -> None:
    page = reader.get("/?objective=video-delivery&line=rolling").text
    assert "Error budget of Video delivery" in page
    assert 'id="line-rolling"' in page
    assert "/?objective=authentication&amp;line=rolling#burn-down" in page
    assert "it rises when bad hours leave" in page


def test_an_objective_nobody_knows_shows_the_worst_one(reader: Reader) -> None:
    page = reader.get("/?objective=%3Cscript%3E").text
    assert "Error budget of Forums availability" in page


def test_every_day_of_the_chart_can_be_focused_and_read_as_a_table(reader: Reader) -> None:
    page = reader.get("/?objective=enrollment").text
    assert page.count('tabindex="0" role="img"') == 30
    assert "<title>Day 30, 02 Mar: 43% left</title>" in page
    assert page.count('<th scope="row">Day ') == 30


def test_while_it_is_off_the_front_says_how_to_switch_it_on(house: House) -> None:
    off = Reader(Doors(tools_of(house), dashboard=False).app())
    assert "set TOCSIN_DASHBOARD to sign-in" in off.get("/").text
    assert "Tocsin is ready" in off.get("/").text
    for path in ("/incidents/i1", "/events"):
        assert off.get(path).status_code == 404


def test_while_the_bot_starts_the_page_says_so_and_looks_again() -> None:
    page = Reader(Doors(None).app()).get("/")
    assert page.status_code == 503
    assert "opening the database" in page.text
    assert "retry-after" in page.headers
