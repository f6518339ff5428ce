"""The words of a lint: what was found, why it matters and what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    """The kinds of wording that make people stop telling what happened."""

    COUNTERFACTUAL = "counterfactual"
    HUMAN_ERROR = "human-error"
    PERSON_CAUSE = "person-cause"
    PERSON_FAILED = "person-failed"
    HINDSIGHT = "hindsight"
    CHARACTER = "character"
    WHO_WHY = "who-why"
    SINGLE_CAUSE = "single-cause"
    WEAK_ACTION = "weak-action"
    PERSON_NAMED = "person-named"
    BLAME = "blame"


class Severity(StrEnum):
    """Advice, never a gate: `info` is softer than `warn`."""

    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What is said about one category."""

    reason: str
    rewrite: str
    severity: Severity = Severity.WARN


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A pattern that speaks for a category, unless the sentence also shows it means a machine."""

    category: Category
    matcher: re.Pattern[str]
    unless: re.Pattern[str] | None = None


def rule(category: Category, pattern: str, unless: str = "") -> Rule:
    """A rule whose patterns do not care about capitals."""
    return Rule(
        category=category,
        matcher=re.compile(pattern, re.IGNORECASE),
        unless=re.compile(unless, re.IGNORECASE) if unless else None,
    )


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One sentence worth rewriting; `line` counts from 1."""

    line: int
    sentence: str
    category: Category
    reason: str
    rewrite: str
    severity: Severity


ADVICE = {
    Category.COUNTERFACTUAL: Advice(
        reason="It describes a past that did not happen, which explains nothing about this one.",
        rewrite="Say what was done and what made it the sensible choice at the time.",
    ),
    Category.HUMAN_ERROR: Advice(
        reason="“Human error” ends the inquiry where it could begin.",
        rewrite="Describe the condition that let an ordinary slip reach production.",
    ),
    Category.PERSON_CAUSE: Advice(
        reason="A person's action is never the cause of an outage on its own.",
        rewrite="Name the change and the missing protection: “release r142 reached production "
        "because no check covered …”.",
    ),
    Category.PERSON_FAILED: Advice(
        reason="It tells what a person did not do and leaves out why that made sense.",
        rewrite="State the fact about the system: “no alert covered …”, “the checklist did not "
        "mention …”.",
    ),
    Category.HINDSIGHT: Advice(
        reason="It looks plain only now that the outcome is known.",
        rewrite="Drop the word, or show what could be seen at the time.",
    ),
    Category.CHARACTER: Advice(
        reason="It judges a person's character; nobody can fix that with a follow-up.",
        rewrite="Drop the judgement and describe the conditions they worked in.",
    ),
    Category.WHO_WHY: Advice(
        reason="Asking who, or why somebody did it, makes people justify themselves.",
        rewrite="Ask how it came about, or what made it look right: “How did …?”, “What …?”.",
    ),
    Category.SINGLE_CAUSE: Advice(
        reason="Incidents have several contributing factors; one root cause hides the rest.",
        rewrite="Write “contributing factors” and list them.",
        severity=Severity.INFO,
    ),
    Category.WEAK_ACTION: Advice(
        reason="It asks people to try harder and changes nothing they work with.",
        rewrite="Write a change to the system, with an owner, a due date, a type and a check.",
    ),
    Category.PERSON_NAMED: Advice(
        reason="A name in a report invites readers to judge the person.",
        rewrite="Use the role: “the responder”, “the on-call engineer”.",
    ),
    Category.BLAME: Advice(
        reason="It gives out guilt, and people who fear that stop reporting.",
        rewrite="Say neutrally what happened and which protection was missing.",
    ),
}
