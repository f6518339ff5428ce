"""All rules of blameless wording together, the most telling first."""

from __future__ import annotations

from functools import lru_cache

from bot.domain.blameless.deeds import (
    cause,
    conditional,
    counterfactual,
    failed,
    human_error,
    slips,
)
from bot.domain.blameless.findings import Rule
from bot.domain.blameless.people import person
from bot.domain.blameless.remedies import lectures, soft, weak
from bot.domain.blameless.tone import blame, hindsight, judgement, questions


@lru_cache(maxsize=16)
def rules(people: tuple[str, ...]) -> tuple[Rule, ...]:
    """`people` are names to know besides common given names."""
    who = person(people)
    return (
        *counterfactual(who),
        *conditional(who),
        *failed(who),
        *human_error(),
        *cause(who, people),
        *slips(who),
        *judgement(who),
        *hindsight(who),
        *questions(who),
        *blame(who, people),
        *weak(who),
        *lectures(who),
        *soft(people),
    )
