"""What was committed cannot be changed unseen, and what must go can go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.domain.facts import Redacted, Withheld
from bot.reactions import Lane
from bot.timeline.inbox import Handling, handling
from bot.timeline.store import Store
from tests.timeline.ledgers import Said, Small

Change = Callable[[str], None]


@pytest.fixture
def told(store: Store[Small]) -> Store[Small]:
    with store.open("i1") as incident:
        for number in range(4):
            incident.record(Said(text=f"the {number}th thing", by="ana"))
    return store


@pytest.fixture
def tamper(file: Path) -> Change:
    def change(statement: str) -> None:
        engine = create_engine(f"sqlite:///{file}")
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()

    return change


def test_an_untouched_timeline_is_whole(told: Store[Small]) -> None:
    assert told.audit() == []


@pytest.mark.parametrize(
    ("statement", "seqs"),
    [
        ("""update facts set body = replace(body, 'ana', 'ben') where seq = 2""", {2}),
        ("""update facts set at = '2026-03-02T11:00:00.000000+00:00' where seq = 2""", {2}),
        ("""update facts set type = 'test-opened' where seq = 2""", {2}),
        ("""update facts set body = null, salt = null where seq = 2""", {2}),
        ("""delete from facts where seq = 2""", {3, 4}),
        ("""delete from facts where seq = 1""", {2, 3, 4}),
        ("""update facts set commitment = zeroblob(32) where seq = 2""", {2}),
    ],
)
def test_a_change_behind_our_back_shows(
    told: Store[Small], tamper: Change, statement: str, seqs: set[int]
) -> None:
    tamper(statement)

    assert {problem.seq for problem in told.audit()} == seqs


def test_a_cut_off_end_shows_against_the_hash_kept_elsewhere(
    told: Store[Small], tamper: Change
) -> None:
    kept_elsewhere = told.head_hash("i1")
    tamper("delete from facts where seq = 4")

    assert told.entries("i1")[-1].seq == 3
    assert told.audit([("i1", kept_elsewhere)])[0].what.startswith("the end is not")


def test_an_incident_that_is_gone_as_a_whole_shows_against_the_hash_kept_elsewhere(
    told: Store[Small], tamper: Change
) -> None:
    kept_elsewhere = told.head_hash("i1")
    tamper("delete from facts where incident = 'i1'")

    assert told.audit() == []
    (problem,) = told.audit([("i1", kept_elsewhere)])
    assert (problem.incident, problem.seq) == ("i1", 0)


def test_a_redacted_field_is_gone_and_the_chain_holds(told: Store[Small], file: Path) -> None:
    told.redact("i1", 2, ("by",), by="tom", why="asked for it")

    second, *_ = told.entries("i1", after=1)
    assert second.fact == Said(text="the 1th thing", by="[redacted]")
    assert told.entries("i1")[-1].fact == Redacted(
        seq=2, fields=("by",), by="tom", why="asked for it"
    )
    assert told.audit() == []


def test_a_body_that_was_taken_out_whole_is_read_as_withheld(told: Store[Small]) -> None:
    told.redact("i1", 2, (), by="tom", why="a secret")

    assert told.entries("i1")[1].fact == Withheld(name="test-said")
    assert told.read("i1").said == ("the 0th thing", "the 2th thing", "the 3th thing")
    assert told.audit() == []


def test_the_input_of_a_redacted_fact_loses_its_body(store: Store[Small]) -> None:
    store.inbox.store(
        "slack", "k1", b"my password", headers={"x": "y"}, subject="i1", lane=Lane.DECISION
    )
    (arrived,) = store.inbox.unfinished()
    with handling(Handling(input=arrived.id)), store.open("i1") as incident:
        incident.record(Said(text="my password"))
    store.redact("i1", 1, ("text",), by="tom", why="a secret")

    kept = store.inbox.read(arrived.id)
    assert (kept.body, kept.headers) == (b"", {})


def test_what_was_redacted_is_nowhere_in_the_file(told: Store[Small], file: Path) -> None:
    told.redact("i1", 2, ("text",), by="tom", why="a secret")
    told.close()

    assert b"the 0th thing" in file.read_bytes()
    assert b"the 1th thing" not in file.read_bytes()


def test_a_redaction_names_only_its_own_entry(told: Store[Small], tamper: Change) -> None:
    told.redact("i1", 2, ("by",), by="tom", why="asked for it")
    tamper("update facts set body = null, salt = null where seq = 3")

    assert [problem.seq for problem in told.audit()] == [3]
