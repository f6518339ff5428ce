"""A team's own workflow by the whole bot: from the words in the channel to the run and its proof."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.living import Life
from tests.stories.walking import Room, alive, form, paged, sent, shown


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    with alive(tmp_path, patience=60.0) as life:
        yield life


@pytest.fixture
def in_the_cluster(tmp_path: Path) -> Iterator[Life]:
    with alive(tmp_path, cluster=True, patience=60.0) as life:
        yield life


def stale(life: Life) -> Room:
    room = paged(life, "catalog-site", "Course pages answer 404")
    room.click("ana", "acknowledge", on=room.card())
    return room


def test_a_workflow_is_proposed_by_its_words_and_run_once_it_is_approved(life: Life) -> None:
    room = stale(life)
    room.say("ana", "remedy run_workflow catalog-site republish-site locale=en")
    proposal = shown(room.proposal())
    assert "Run “Republish the catalog site” for catalog-site" in proposal
    assert "locale: `en` (new)" in proposal
    assert "there is no way back from it" in proposal
    assert sent(life, "github", "actions.dispatch") == []

    room.click("ben", "approve", on=room.proposal())
    room.recover()

    assert len(sent(life, "github", "actions.dispatch")) == 1
    assert "Recovered" in shown(room.proposal())
    assert "it succeeded" in shown(room.proposal())


def test_what_does_not_fit_is_told_to_the_one_who_typed_it(life: Life) -> None:
    room = stale(life)
    room.say("ana", "remedy run_workflow catalog-site republish-site locale=klingon")
    assert "locale: it is one of all, en, es, fr, ar." in room.whispers("ana")[-1]


def test_it_is_offered_in_the_form(life: Life) -> None:
    room = stale(life)
    room.say("ana", "remedy")
    assert "Run a workflow for catalog-site" in str(form(life, "ana"))


def test_a_job_is_made_from_a_cronjob_and_its_last_words_are_kept(in_the_cluster: Life) -> None:
    room = paged(in_the_cluster, "lms", "Grades are late")
    room.click("ana", "acknowledge", on=room.card())
    room.say("ana", "remedy run_workflow lms park-queue queue=high")
    assert "LMS" in shown(room.proposal())
    assert "calls it risky" in shown(room.proposal())

    room.click("ben", "approve", on=room.proposal())
    room.recover()

    assert "Its last words: set 48211 tasks aside" in shown(room.proposal())
    asked = [each["request"] for each in sent(in_the_cluster, "kubernetes", "jobs")]
    rehearsed, *_, made = [each["metadata"]["name"] for each in asked]
    assert rehearsed != made
    assert [each["metadata"]["name"] for each in asked].count(made) == 1
