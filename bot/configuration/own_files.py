"""Two of our own catalog files: people and paging rules."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.configuration.lines import Document
from bot.configuration.problem import Problem
from bot.configuration.validation import Strict, validated
from bot.domain.catalog import KnownPerson, PagingRule, Pattern


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"`{text}` is not a regular expression: {error}") from None
    return text


Expression = Annotated[str, AfterValidator(_expression)]
Words = Annotated[str, Field(min_length=1)]


class PersonPart(Strict):
    slack: Words
    name: Words
    handle: str = ""
    email: str = ""
    pagerduty: str = ""
    team: str = ""
    title: str = ""
    slack_team: str = ""
    github: str = ""
    guest: bool = False


class PeopleFile(Strict):
    people: tuple[PersonPart, ...] = ()


class WhenPart(Strict):
    pagerduty_service: str = ""
    fields: dict[str, Expression] = Field(default_factory=dict)


class RulePart(Strict):
    name: Words
    when: WhenPart
    service: Words
    environment: Words


class PagingFile(Strict):
    rules: tuple[RulePart, ...] = ()


def people(document: Document, problems: list[Problem]) -> tuple[KnownPerson, ...]:
    """Two people with one id would act as each other, so that is a problem."""
    file = validated(PeopleFile, document, problems)
    if file is None:
        return ()
    for key in ("slack", "email", "pagerduty"):
        seen: set[str] = set()
        for place, part in enumerate(file.people):
            value = getattr(part, key).lower()
            if value and value in seen:
                problems.append(
                    Problem(
                        where=document.where("people", place, key),
                        what=f"`{getattr(part, key)}` belongs to somebody else in this file too.",
                        fix="Give each id and each e-mail to one person.",
                    )
                )
            seen.add(value)
    return tuple(KnownPerson(**part.model_dump()) for part in file.people)


def paging(document: Document, problems: list[Problem]) -> tuple[PagingRule, ...]:
    file = validated(PagingFile, document, problems)
    if file is None:
        return ()
    for place, part in enumerate(file.rules):
        if not part.when.pagerduty_service and not part.when.fields:
            problems.append(
                Problem(
                    where=document.where("rules", place, "when"),
                    what=f"The rule {part.name} has no condition: it would take every page.",
                    fix="Add `pagerduty_service` or a pattern under `fields`.",
                )
            )
    return tuple(
        PagingRule(
            name=part.name,
            service=part.service,
            environment=part.environment,
            pagerduty_service=part.when.pagerduty_service,
            patterns=tuple(
                Pattern(field=field, expression=expression)
                for field, expression in part.when.fields.items()
            ),
        )
        for part in file.rules
    )
