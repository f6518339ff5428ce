"""What holds changes up stands on the front page, and who went alone is told."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from bot.domain.mitigation import Plan
from bot.domain.policy import Freeze, Policy, Quorum
from bot.flow import mitigate
from tests.doubles.house import House
from tests.doubles.people import ANA, BEN
from tests.timeline.ledgers import NOON
from tests.web.doors import DAY, PRIVATE, Doors, Measured, Reader, declare, tools_of


def reader(house: House, *, policy: Policy | None = None, spent: bool = False) -> Reader:
    """Without a spent budget, nothing is measured."""
    tools = tools_of(house) if spent else tools_of(house, samples=Measured())
    return Reader(Doors(replace(tools, policy=policy or Policy())).app())


def words(page: str) -> str:
    section = page.partition('id="changes"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", section).split())


def overridden(house: House, incident: str, why: str, **more: object) -> None:
    declare(house, incident, "Course pages fail", **more)
    plan = Plan(
        mitigation="scale",
        title="Scale lms to 12",
        service="lms",
        environment="production",
        target="12",
        target_label="12",
        live="10",
        live_label="10",
    )
    quorum = Quorum(wants_another=True, approvers=(), break_glass_after=timedelta(0))
    with house.store.open(incident) as open_:
        made = open_.propose(plan, by=ANA, quorum=quorum)
        digest = open_.mitigation(made).plan.digest
        open_.break_glass(made, by=ANA, digest=digest, typed="lms", reason=why)


def test_a_spent_budget_says_whose_changes_forward_need_another_person(house: House) -> None:
    page = reader(house, spent=True).get("/").text
    told = words(page)
    assert "the error budget of Forums availability is spent" in told
    assert "Changes forward need another person" in told
    assert "For changes to FORUMS." in told
    assert 'href="/?objective=forums-availability#burn-down"' in page
    assert "LMS availability is spent" not in told


def test_where_policy_asks_nobody_a_spent_budget_holds_nothing_up(house: House) -> None:
    page = reader(house, spent=True, policy=Policy(budget_freeze=False)).get("/").text
    assert words(page) == ""


def test_a_running_freeze_says_why_and_until_when_and_a_later_one_nothing(house: House) -> None:
    exams = Freeze(
        name="exam week",
        starts=NOON - DAY,
        ends=NOON + DAY,
        environment="production",
        why="two million exams",
    )
    later = replace(exams, name="holidays", starts=NOON + DAY, ends=NOON + 2 * DAY)
    told = words(reader(house, policy=Policy(freezes=(exams, later))).get("/").text)
    assert "production is frozen by “exam week” until 03 Mar 2026 12:00 UTC" in told
    assert "two million exams. Only ways back are possible" in told
    assert "holidays" not in told


def test_the_switch_says_who_threw_it_why_and_how_it_is_lifted(house: House) -> None:
    mitigate.freeze(house.tools, by=BEN, frozen=True, why="the database fails over")
    told = words(reader(house).get("/").text)
    assert "Ben Okafor has frozen all mitigations since 02 Mar 12:00 UTC" in told
    assert "the database fails over. Nothing is proposed" in told
    assert "/incident unfreeze-mitigations" in told
    mitigate.freeze(house.tools, by=ANA, frozen=False)
    assert words(reader(house).get("/").text) == ""


def test_who_went_alone_is_told_with_the_reason_and_leads_to_the_incident(house: House) -> None:
    overridden(house, "i1", "nobody answers")
    house.clock.forward(2 * DAY)
    page = reader(house).get("/").text
    assert "Scale lms to 12 2 d ago Ana Lima broke glass: nobody answers" in words(page)
    assert '<a href="/incidents/i1" rel="noreferrer">Scale lms to 12</a>' in page
    assert "broke glass: nobody answers" in reader(house).get("/insights").text


def test_after_a_month_it_stands_on_the_page_of_insights_alone(house: House) -> None:
    overridden(house, "i1", "nobody answers")
    house.clock.forward(31 * DAY)
    assert words(reader(house).get("/").text) == ""
    assert "broke glass: nobody answers" in reader(house).get("/insights").text


def test_a_private_incident_tells_of_no_override(house: House) -> None:
    overridden(house, "i1", "nobody answers", visibility=PRIVATE)
    for path in ("/", "/insights"):
        assert "nobody answers" not in reader(house).get(path).text
