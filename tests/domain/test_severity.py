"""The severity that is proposed: the matrix, and that it does not cry wolf."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from bot.domain.severity import Severity, Signs, propose


@pytest.mark.parametrize(
    ("signs", "wanted"),
    [
        (Signs(priority="P1", tier=1), "SEV1"),
        (Signs(priority="P2", tier=1), "SEV2"),
        (Signs(priority="P5", tier=1), "SEV4"),
        (Signs(priority="P1", tier=3), "SEV3"),
        (Signs(priority="P1", tier=1, production=False, environment="staging"), "SEV4"),
        (Signs(urgency="high", tier=1, core_journeys=("Logging in",)), "SEV2"),
        (Signs(urgency="high", tier=2), "SEV3"),
        (Signs(urgency="low", tier=1), "SEV4"),
        (Signs(urgency="high", tier=3), "SEV3"),
        (Signs(tier=1, by_person=True), "SEV1"),
        (Signs(tier=2, by_person=True), "SEV2"),
        (Signs(tier=3, by_person=True), "SEV3"),
        (Signs(priority="P3", tier=1, by_person=True), "SEV3"),
    ],
)
def test_the_matrix(signs: Signs, wanted: str) -> None:
    assert propose(signs).severity.value == wanted


def test_a_page_says_that_nobody_knows_yet_who_is_hit() -> None:
    assert "users hit: not known yet" in propose(Signs(urgency="high", tier=1)).reason


def test_staging_says_why_it_is_low() -> None:
    said = propose(Signs(priority="P1", production=False, environment="staging"))
    assert said.reason == "staging is never above SEV4"


def test_replaying_300_varied_pages_proposes_at_most_three_sev1() -> None:
    chance = random.Random(300)
    priorities = ["", "", "", "P2", "P3", "P4", "P5"]
    pages = [
        Signs(
            priority="P1" if number in {40, 170} else chance.choice(priorities),
            urgency=chance.choice(["high", "high", "low"]),
            tier=chance.choice([1, 1, 2, 2, 2, 3]),
            production=chance.random() < 0.8,
            environment="staging",
            core_journeys=("Logging in",) if chance.random() < 0.4 else (),
        )
        for number in range(300)
    ]
    found = Counter(propose(signs).severity for signs in pages)
    assert found[Severity.SEV1] <= 3
    assert found[Severity.SEV2] > 10


@pytest.mark.parametrize("text", ["1", "sev1", "SEV-1", " Sev 1 "])
def test_a_severity_is_read_any_way_it_is_written(text: str) -> None:
    assert Severity.parse(text) is Severity.SEV1


@pytest.mark.parametrize("text", ["", "5", "sev", "high"])
def test_what_is_no_severity_is_none(text: str) -> None:
    assert Severity.parse(text) is None
