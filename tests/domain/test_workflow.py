"""What is typed for a workflow, held to its declaration, and what is kept of what it said."""

from __future__ import annotations

import pytest

from bot.domain.errors import Refused
from bot.domain.workflow import (
    Document,
    FromCronJob,
    Input,
    InputKind,
    Order,
    Workflow,
    last_words,
    ordered,
)

PARK = Workflow(
    name="park-queue",
    runs=FromCronJob(namespace="lms", cronjob="park"),
    services=("lms",),
    environments=("production",),
    inputs=(
        Input(name="queue", kind=InputKind.CHOICE, choices=("default", "high"), passed_as="QUEUE"),
        Input(name="minutes", kind=InputKind.INTEGER, lowest=1, highest=60, default="30"),
        Input(name="reason", kind=InputKind.STRING, pattern="[a-z ]*", default=""),
        Input(name="only_count", kind=InputKind.BOOLEAN, default="false"),
    ),
)


def order(text: str) -> Order:
    return ordered(text, [PARK], "production")


def test_what_is_left_out_takes_its_default() -> None:
    assert order("park-queue queue=high").inputs == (
        ("queue", "high"),
        ("minutes", "30"),
        ("reason", ""),
        ("only_count", "false"),
    )


def test_values_may_be_quoted_and_are_read_again_as_they_were() -> None:
    made = order("park-queue queue=high reason='too many mails' only_count=Yes")

    assert dict(made.inputs)["reason"] == "too many mails"
    assert dict(made.inputs)["only_count"] == "true"
    assert order(made.text) == made


def test_the_run_knows_an_input_by_its_own_name() -> None:
    assert order("park-queue queue=high").passed[:2] == (("QUEUE", "high"), ("minutes", "30"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("purge", "There is no workflow “purge” here. There is: park-queue"),
        ("", "There is no workflow “” here"),
        ("park-queue", "needs queue. Say `park-queue queue=<default|high>`"),
        ("park-queue queue=low", "queue: it is one of default, high"),
        ("park-queue queue=high minutes=61", "minutes: it is a whole number from 1 to 60"),
        ("park-queue queue=high minutes=1e1", "minutes: it is a whole number"),
        ("park-queue queue=high reason=A;rm", "reason: it has to look like"),
        ("park-queue queue=high only_count=maybe", "only_count: it is true or false"),
        ("park-queue queue=high speed=9", "takes no input “speed”. It takes: minutes,"),
        ("park-queue high", "“high” is no input"),
        ("park-queue queue='high", "A quote is not closed"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        order(text)
    assert why in str(refused.value)


def test_what_looks_like_a_secret_is_refused() -> None:
    key = Input(name="key", kind=InputKind.STRING, pattern=".*")

    with pytest.raises(Refused, match="looks like a secret"):
        key.taken("xoxb-" + "123456789012-abcdefABCDEF123456")


def test_a_pattern_has_to_cover_all_of_it() -> None:
    assert PARK.inputs[2].wrong("fine\nnot fine1") != ""


def test_of_what_a_run_said_the_end_is_kept_without_personal_details() -> None:
    said = last_words("x " * 400 + "done for ana@demo.example")

    assert said.startswith("…")
    assert said.endswith("done for [redacted: e-mail]") or "[redacted" in said
    assert len(said) <= 301


def test_another_declaration_has_another_mark() -> None:
    other = Workflow(
        name="park-queue", runs=FromCronJob(namespace="lms", cronjob="other"), inputs=PARK.inputs
    )

    assert other.mark != PARK.mark


def test_one_missing_choice_is_offered_value_by_value():
    queue = Input(name="queue", kind=InputKind.CHOICE, choices=("low", "high"))
    made = Workflow(name="park", runs=Document(name="d"), inputs=(queue,))
    assert (made.complete, made.choices) == (False, ("queue=low", "queue=high"))


def test_what_has_to_be_typed_is_not_offered_value_by_value():
    count = Input(name="count", kind=InputKind.INTEGER, lowest=1, highest=3)
    assert Workflow(name="park", runs=Document(name="d"), inputs=(count,)).choices == ()


def test_two_missing_choices_are_typed():
    both = tuple(Input(name=each, kind=InputKind.BOOLEAN) for each in ("a", "b"))
    assert Workflow(name="park", runs=Document(name="d"), inputs=both).choices == ()


def test_what_needs_nothing_is_run_by_its_name_alone():
    given = Input(name="dry", kind=InputKind.BOOLEAN, default="false")
    made = Workflow(name="park", runs=Document(name="d"), inputs=(given,))
    assert (made.complete, made.choices) == (True, ())
