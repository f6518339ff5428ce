"""What an incident costs, from the first card to the postmortem, held to the world's true numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.living import Life
from tests.stories.walking import alive, bad_deploy, branches, git, postmortem, shown

TABLE = {
    "lms-availability": ("99.94%", "72%", "healthy"),
    "api-latency": ("342 ms", "N/A", "healthy"),
    "video-delivery": ("99.97%", "84%", "healthy"),
    "authentication": ("99.995%", "95%", "healthy"),
    "enrollment": ("99.87%", "43%", "warning"),
}
TOKEN = "api-demo-token"


@pytest.fixture
def measured(tmp_path) -> Iterator[Life]:
    with alive(tmp_path, objectives=True, TOCSIN_DASHBOARD="on", TOCSIN_API_TOKENS=TOKEN) as life:
        life.until(lambda: rows(life).get("enrollment", {}).get("until"), "the table", 60)
        yield life


def rows(life: Life) -> dict[str, Any]:
    answer = httpx.get(
        f"{life.bot.ports.tocsin}/api/objectives",
        headers={"Authorization": f"Bearer {TOKEN}"},
        trust_env=False,
        timeout=20.0,
    )
    answer.raise_for_status()
    found = answer.json()
    return {each["name"]: each for each in found["objectives"]}


def true_counts(life: Life, name: str, since: str, until: str) -> dict[str, float]:
    told: dict[str, float] = life.world.get("/objectives", name=name, since=since, until=until)[
        "objectives"
    ][name]
    return told


def test_the_quiet_world_shows_the_platforms_table(measured: Life) -> None:
    page = httpx.get(f"{measured.bot.ports.tocsin}/", trust_env=False, timeout=20.0).text
    for current, left, health in TABLE.values():
        assert current in page
        assert left in page
        assert health in page


def test_the_first_card_burns_as_the_world_does(measured: Life) -> None:
    room = bad_deploy(measured)
    for seconds in (200, 15):
        measured.world.advance(seconds)
        measured.settle()
    told = shown(room.card())
    assert "*Error budget* " in told
    rate = int(found(told, r"LMS availability:?(?: \S+ now \(target 99.9%\),)? burning (\d+)x"))
    until = found(told, r"\((\d\d:\d\d) UTC, New Relic\)")
    # Written in whole numbers.
    assert rate == pytest.approx(burn(measured, f"2026-03-10T{until}:00+00:00"), rel=0.01, abs=0.5)


def burn(life: Life, until: str) -> float:
    """Of the five minutes up to then, at 99.9%."""
    counts = true_counts(life, "lms-availability", minute(until, minutes=-5), until)
    return counts["bad"] / counts["total"] / 0.001


def test_the_verdict_is_read_from_the_objective_and_agrees_with_the_world(measured: Life) -> None:
    room = bad_deploy(measured)
    proposal = room.propose("ana")
    fixed = measured.world.get("/clock")["now"]
    room.approve("ana", proposal)
    room.recover()
    told = shown(room.proposal())
    assert "Recovered" in told
    before, after = (
        float(found(told, rf"LMS availability {shape}"))
        for shape in (r"([\d.]+)%", r"[\d.]+% → ([\d.]+)%")
    )
    assert "error rate" in told
    assert "▁" in told
    (picture,) = measured.world.state()["slack"]["files"].values()
    assert picture["complete"]
    assert picture["alt"].startswith(
        "Line chart of LMS availability by minute (UTC), target 99.9%"
    )
    assert "mitigated" in picture["alt"]
    room.say("ana", "resolve rolled back to r141")
    measured.until(
        lambda: "postmortem/" in json.dumps(measured.world.state()["git"]), "the postmortem"
    )
    chart = found(
        postmortem(measured), r"!\[Line chart of LMS availability.+resolved.+\]\((.+\.png)\)"
    )
    assert chart in git(measured, "ls-tree", "-r", "--name-only", branches(measured)[0])
    well = json.loads(found(postmortem(measured), r"mitigated_at: (.+)"))
    assert before == pytest.approx(
        sli(measured, minute(fixed, minutes=-4), minute(fixed, minutes=1)), abs=0.01
    )
    # Ten quiet minutes are like the ten before them, not the same.
    assert after == pytest.approx(sli(measured, well, minute(well, minutes=10)), abs=0.1)


def sli(life: Life, since: str, until: str) -> float:
    """Of the LMS, as the world counts it, in percent."""
    counts = true_counts(life, "lms-availability", minute(since), minute(until))
    return 100 * (1 - counts["bad"] / counts["total"])


def test_what_it_cost_agrees_with_the_world_within_a_hundredth(measured: Life) -> None:
    room = bad_deploy(measured)
    room.click("ana", "acknowledge", on=room.card())
    room.approve("ana", room.propose("ana"))
    room.recover()
    room.say("ana", "resolve rolled back to r141")
    measured.world.advance(10)
    measured.until(
        lambda: "postmortem/" in json.dumps(measured.world.state()["git"]), "the postmortem"
    )
    for _ in range(4):
        measured.world.advance(60)
        measured.settle()
    text = postmortem(measured)
    spent = float(found(text, r"budget_spent: ([\d.]+)"))
    since, until = (
        json.loads(found(text, rf"{at}: (.+)")) for at in ("started_at", "mitigated_at")
    )
    costs = [
        true_cost(measured, name, since, until) for name in ("lms-availability", "enrollment")
    ]
    assert spent == pytest.approx(max(costs), rel=0.01)
    assert "of the 30-day budget of LMS availability" in text


def true_cost(life: Life, name: str, since: str, until: str) -> float:
    """Of the budget of 99.9% over 30 days."""
    during = true_counts(life, name, minute(since), minute(until))
    month = true_counts(life, name, minute(until, days=-30), minute(until))
    return during["bad"] / (0.001 * month["total"])


def found(text: str, pattern: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, pattern
    return match[1]


def minute(stamp: str, **later: int) -> str:
    at = datetime.fromisoformat(stamp).replace(second=0, microsecond=0)
    return (at + timedelta(**later)).isoformat()
