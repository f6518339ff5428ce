"""Reads a document sentence by sentence and says what would read better."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.blameless.findings import ADVICE, Category, Finding, Rule
from bot.domain.blameless.people import PROGRAM
from bot.domain.blameless.rules import rules
from bot.domain.blameless.sentences import Sentence, sentences

NAMED = Category.PERSON_NAMED


def lint(text: str, people: Iterable[str] = ()) -> tuple[Finding, ...]:
    """At most one finding of a category for each sentence, in the order of the document."""
    every = rules(tuple(sorted(set(people))))
    return tuple(finding for one in sentences(text) for finding in _findings(one, every))


def _findings(sentence: Sentence, every: tuple[Rule, ...]) -> Iterable[Finding]:
    read = PROGRAM.sub("the program", sentence.read)
    found = dict.fromkeys(
        rule.category
        for rule in every
        if _speaks(rule, read) and not (rule.category is NAMED and sentence.in_roles)
    )
    for category in found:
        # A sentence that blames somebody by name needs one rewrite, not two.
        if category is NAMED and len(found) > 1:
            continue
        advice = ADVICE[category]
        yield Finding(
            line=sentence.line,
            sentence=sentence.shown,
            category=category,
            reason=advice.reason,
            rewrite=advice.rewrite,
            severity=advice.severity,
        )


def _speaks(rule: Rule, read: str) -> bool:
    if not rule.matcher.search(read):
        return False
    return rule.unless is None or not rule.unless.search(read)
