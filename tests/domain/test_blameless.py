"""The rules of blameless wording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.domain.blameless import Category, Severity, lint

LABELLED = Path(__file__).parents[2] / "benchmarks" / "fixtures" / "blameless.jsonl"


def categories(text: str, people: tuple[str, ...] = ()) -> list[str]:
    return [one.category.value for one in lint(text, people)]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("The engineer should have checked the graph.", Category.COUNTERFACTUAL),
        ("If we had tested it, nobody would have noticed.", Category.COUNTERFACTUAL),
        ("Had the team waited, the queue would have drained.", Category.COUNTERFACTUAL),
        ("The cause was human error.", Category.HUMAN_ERROR),
        ("The outage was caused by a developer.", Category.PERSON_CAUSE),
        ("The DBA failed to run the check.", Category.PERSON_FAILED),
        ("The check was skipped by the release team.", Category.PERSON_FAILED),
        ("Obviously it broke.", Category.HINDSIGHT),
        ("A careless change.", Category.CHARACTER),
        ("Who merged it?", Category.WHO_WHY),
        ("Why did the engineer restart it?", Category.WHO_WHY),
        ("The root cause was a full disk.", Category.SINGLE_CAUSE),
        ("Action: be more careful.", Category.WEAK_ACTION),
        ("@rita restarted the replica.", Category.PERSON_NAMED),
        ("It was the vendor's fault.", Category.BLAME),
    ],
)
def test_each_class_is_recognised(text, category):
    assert category.value in categories(text)


@pytest.mark.parametrize(
    ("machine", "somebody"),
    [
        ("The pod failed to start.", "The engineer failed to start it."),
        ("The scheduler missed a beat.", "The reviewer missed a beat."),
        ("The connection manager ignored it.", "The release manager ignored it."),
        ("The API should have returned 429.", "She should have returned 429s."),
        ("Requests from the team failed to finish.", "The team failed to finish."),
        ("The user error rate doubled.", "It was user error."),
        ("Lazy loading was on.", "A lazy change."),
        ("A page fault was logged.", "It is their fault."),
        ("Why did the pod restart?", "Why did Tom restart?"),
        ("It was not obvious on the graph.", "It was obvious on the graph."),
    ],
)
def test_the_subject_decides_and_not_the_verb(machine, somebody):
    assert categories(machine) == []
    assert categories(somebody) != []


@pytest.mark.parametrize(
    "text",
    [
        "```\nThe engineer failed to check.\n```",
        "~~~text\nThe engineer failed to check.\n~~~",
        "> The engineer failed to check.",
        "The label is `human error`.",
        'The banner read "the engineer failed to check" at 03:10.',
        "2026-03-01T03:04:05Z ERROR the operator failed to check",
        "---\ntitle: The engineer failed to check\n---\nAll good.\n",
        "    The engineer failed to check.",
        "<!-- The engineer failed to check. -->",
    ],
)
def test_code_quotes_and_logs_are_not_the_authors_words(text):
    assert categories(text) == []


def test_lines_count_from_one_and_through_front_matter():
    text = "---\ntitle: x\n---\n\n# Review\n\nFine so far. The team forgot the flag.\n"
    assert [(one.line, one.sentence) for one in lint(text)] == [(7, "The team forgot the flag.")]


def test_a_sentence_over_two_lines_is_read_as_one_and_found_where_it_starts():
    found = lint("All was well. The on-call\nengineer failed to check.\n")
    assert [(one.line, one.sentence) for one in found] == [
        (1, "The on-call engineer failed to check.")
    ]


def test_list_items_and_table_cells_are_sentences_of_their_own():
    text = "- The pod failed to start\n- Action: be careful\n\n| a | b |\n|--|--|\n| x | Who merged it? |\n"
    assert [one.line for one in lint(text)] == [2, 6]


def test_names_belong_in_the_roles_table():
    table = "| Role | Person |\n|---|---|\n| Commander | @ana |\n"
    assert categories(table) == []
    assert categories("| Time | What |\n|---|---|\n| 03:04 | @ana joined |\n") == ["person-named"]


def test_names_known_here_are_recognised_besides_common_ones():
    assert categories("Okafor restarted the worker.") == []
    assert categories("Okafor restarted the worker.", ("Ben Okafor",)) == ["person-named"]


def test_an_address_is_no_mention():
    assert categories("Write to team@demo.example about it.") == []


def test_one_root_cause_is_only_advice():
    assert [one.severity for one in lint("The root cause was a full disk.")] == [Severity.INFO]


def test_every_finding_carries_a_reason_and_a_rewrite():
    found = lint("The engineer should have known better. Who did it?")
    assert found
    assert all(one.reason and one.rewrite for one in found)


def test_an_empty_document_is_clean():
    assert lint("") == ()


def test_on_our_own_sentences_recall_and_false_alarms_stay_on_target():
    rows = [json.loads(line) for line in LABELLED.read_text().splitlines()]
    bad = [bool(lint(row["text"])) for row in rows if row["label"] == "flag"]
    good = [bool(lint(row["text"])) for row in rows if row["label"] == "ok"]
    assert sum(bad) / len(bad) >= 0.95
    assert sum(good) / len(good) <= 0.03
