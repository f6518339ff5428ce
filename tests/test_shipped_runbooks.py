"""Holds the shipped runbooks to one shape, and to names that exist."""

import re
from pathlib import Path

import frontmatter
import pytest

from bot.config import load
from bot.domain.catalog import Catalog

ROOT = Path(__file__).parent.parent
RUNBOOKS = sorted((ROOT / "runbooks").glob("*.md"))
SECTIONS = (
    "Is this real?",
    "First three actions",
    "Likely causes, ranked",
    "Steps",
    "Rollback of these steps",
    "Verify recovery",
    "Escalate",
    "Clean up",
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load({"TOCSIN_CATALOG": str(ROOT / "catalog")}).catalog


def test_there_are_enough_runbooks():
    assert len(RUNBOOKS) >= 16


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_has_every_section_in_order(path):
    headings = re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)
    assert tuple(headings) == SECTIONS


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_has_numbered_steps_each_with_a_time(path):
    steps = path.read_text().partition("## Steps")[2].partition("\n## ")[0]
    numbers = re.findall(r"^(\d+)\. \*\*", steps, re.MULTILINE)
    assert numbers == [str(place) for place in range(1, len(numbers) + 1)]
    assert len(numbers) >= 3
    assert steps.count(" min") >= len(numbers)


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_names_things_that_exist(path, catalog):
    front = frontmatter.load(str(path))
    known = {each.name for each in (*catalog.services, *catalog.resources)}
    assert set(front["services"]) <= known
    assert catalog.team(front["owner"]) is not None
    assert front["alerts"]
    others = re.findall(r"`(EP[A-Z]+)`", front.content)
    assert set(others) <= {team.escalation_policy for team in catalog.teams}


def test_a_runbook_that_another_one_refers_to_exists():
    titles = {frontmatter.load(str(path))["title"] for path in RUNBOOKS}
    for path in RUNBOOKS:
        for referred in re.findall(r"(?:go to|Mitigate:) \*([^*]+)\*", path.read_text(), re.I):
            known = any(title.startswith(referred) for title in (*titles, *SECTIONS))
            assert known or f". **{referred}" in path.read_text(), f"{path.name}: {referred}"
