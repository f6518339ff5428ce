"""The runbooks on the page of what the last months tell: the stale ones first, and what has none."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.domain.events import RunbookFound, RunbookTaken
from bot.domain.runbook import Runbook, Verdict
from tests.doubles.house import House
from tests.doubles.people import ANA
from tests.doubles.vendors import Runbooks
from tests.web.doors import DAY, PRIVATE, Doors, Reader, declare, tools_of


def book(path: str, reviewed: str, **front: str) -> Runbook:
    said = {"last_reviewed": reviewed, "review_every": "30d", "owner": "team-lms", **front}
    return Runbook(path=path, title=f"About {path}", body="", services=("lms",), front=said)


@pytest.fixture
def reader(house: House) -> Reader:
    known = [
        book("fresh.md", "2026-02-27"),
        book("late.md", "2026-01-21"),
        book("later.md", "2025-12-01", owner=""),
        book("undated.md", ""),
    ]
    tools = replace(tools_of(house), runbooks=Runbooks(known={e.path: e for e in known}))
    return Reader(Doors(tools).app())


def words(page: str) -> str:
    section = page.partition('id="runbooks"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", section).split())


def test_they_are_counted_by_their_last_review(reader: Reader) -> None:
    told = words(reader.get("/insights").text)
    assert "4 runbooks, by their last review: ■ overdue 2 ○ no date 1 ● fresh 1" in told


def test_the_stalest_stands_first_with_its_owner_and_the_fresh_ones_are_folded(
    reader: Reader,
) -> None:
    page = reader.get("/insights").text
    told = words(page)
    order = [told.index(f"About {each}.md") for each in ("later", "late", "undated", "fresh")]
    assert order == sorted(order)
    assert "About later.md ■ overdue nobody in particular" in told
    assert "late.md: reviewed 21 Jan 2026, due again 10 days ago." in told
    assert "About fresh.md" in page.partition('id="fresh-runbooks"')[2]


def test_a_runbook_leads_to_the_incident_that_used_it_last(house: House, reader: Reader) -> None:
    for number in range(2):
        declare(house, f"i{number}", "Course pages fail")
        house.record(f"i{number}", RunbookTaken(path="late.md", title="Late", steps=(), by=ANA))
        house.clock.forward(DAY)
    page = reader.get("/insights").text
    assert 'Last used in <a href="/incidents/i1">an incident of 03 Mar 2026</a>' in page
    assert page.count("No incident is known that used it.") == 3


def test_what_no_runbook_fitted_is_counted_and_leads_to_an_incident(
    house: House, reader: Reader
) -> None:
    for number in range(2):
        declare(house, f"i{number}", "Grades wait")
        house.clock.forward(DAY)
        none = RunbookFound(verdict=Verdict.NONE, matches=(), query="GradingQueueStuck")
        house.record(f"i{number}", none)
    declare(house, "i3", "Secret", visibility=PRIVATE)
    house.record("i3", RunbookFound(verdict=Verdict.NONE, matches=(), query="SecretAlert"))
    page = reader.get("/insights").text
    assert "No runbook fitted GradingQueueStuck 2 incidents of the last 90 days" in words(page)
    assert '<a href="/incidents/i1">GradingQueueStuck</a>' in page
    assert "SecretAlert" not in page


def test_a_runbook_that_somebody_found_by_hand_answers_the_question(
    house: House, reader: Reader
) -> None:
    declare(house, "i1", "Grades wait")
    house.record(
        "i1",
        RunbookFound(verdict=Verdict.NONE, matches=(), query="GradingQueueStuck"),
        RunbookTaken(path="late.md", title="Late", steps=(), by=ANA),
    )
    assert "No runbook fitted" not in reader.get("/insights").text


def test_services_without_a_runbook_lead_to_the_map(reader: Reader) -> None:
    bare = reader.get("/insights").text.partition('id="bare-services"')[2]
    assert '<a href="/map?of=auth#radius">AUTH</a>' in bare
    assert "LMS" not in bare


def test_without_any_runbook_it_says_where_they_go(house: House) -> None:
    page = Reader(Doors(tools_of(house)).app()).get("/insights").text
    assert "they are Markdown files in the folder" in page
