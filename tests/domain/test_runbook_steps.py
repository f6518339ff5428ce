"""Runbook steps as a checklist."""

from __future__ import annotations

from bot.domain.runbook_steps import steps
from bot.integrations.runbook_files import parse_runbook


def texts(markdown: str) -> list[str]:
    return [one.text for one in steps(parse_runbook("a.md", markdown))]


def test_the_first_three_actions_come_before_any_other_list():
    book = "# A\n## Mitigation\n- later\n## First three actions\n1. look\n2. compare\n3. undo\n"
    assert texts(book) == ["look", "compare", "undo"]


def test_steps_follow_the_first_actions():
    book = "# A\n## First three actions\n1. look\n## Steps\n1. drain\n2. wait\n"
    assert texts(book) == ["look", "drain", "wait"]


def test_steps_are_numbered_through():
    book = parse_runbook("a.md", "# A\n## Steps\n1. one\n1. two\n1. three\n")
    assert [one.number for one in steps(book)] == [1, 2, 3]


def test_a_command_below_a_step_is_kept_with_it_and_not_read_as_a_step():
    book = parse_runbook(
        "a.md", "## Steps\n1. Look\n   ```\n   kubectl get pods\n   - x\n   ```\n2. Go\n"
    )
    found = steps(book)
    assert [one.text for one in found] == ["Look", "Go"]
    assert found[0].command == "kubectl get pods\n- x"


def test_a_nested_list_belongs_to_its_step():
    assert texts("## Steps\n1. Look at\n    - the queue\n2. Go\n") == ["Look at - the queue", "Go"]


def test_links_and_bold_become_plain_words():
    assert texts("## Steps\n- [ ] Open **the** [board](https://x.example)\n") == ["Open the board"]


def test_prose_after_a_list_is_no_step():
    assert texts("## Steps\n1. Look\n\nThat is all.\n") == ["Look"]


def test_a_runbook_without_lists_has_no_steps():
    assert steps(parse_runbook("a.md", "# A\nRead the logs.\n")) == ()


def test_the_steps_of_one_section_can_be_asked_for():
    book = parse_runbook("a.md", "## One\n- a\n## Two\n- b\n")
    assert [one.text for one in steps(book, section="two")] == ["b"]
