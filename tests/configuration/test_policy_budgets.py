"""What a team decides about its error budgets in policy.yaml."""

from __future__ import annotations

import pytest

from bot.configuration.lines import parsed
from bot.configuration.policy_file import policy
from bot.configuration.problem import Problem
from bot.domain.policy import Policy


def read(text: str) -> tuple[Policy, list[Problem]]:
    (document,), problems = parsed(text, "catalog/policy.yaml")
    return policy(document, problems), problems


def test_a_share_is_written_in_per_cent() -> None:
    found, problems = read("error_budgets: {postmortem_over: 12.5%, freeze: false}")
    assert problems == []
    assert (found.postmortem_over, found.budget_freeze) == (0.125, False)


def test_what_is_left_out_keeps_a_careful_value() -> None:
    found, _problems = read("announcements: incidents")
    assert (found.postmortem_over, found.budget_freeze) == (0.20, True)


@pytest.mark.parametrize("wrong", ["0.2", "20", "120%", "a lot"])
def test_another_shape_is_named_with_its_line(wrong: str) -> None:
    _found, (problem,) = read(f"error_budgets:\n  postmortem_over: {wrong}")
    assert problem.where == "catalog/policy.yaml:2"
    assert "written like 20%" in f"{problem.what} {problem.fix}"
