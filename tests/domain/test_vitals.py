"""From where on a number is ill, and how a resource is told in one line."""

from __future__ import annotations

import pytest

from bot.domain.database_limits import most_connections
from bot.domain.vitals import RULES, Condition, Reading, Sign, Unread, Vital, sort
from tests.timeline.ledgers import NOON


def vital(sign: Sign, value: float, of: float | None = None, basis: str = "") -> Vital:
    return Vital(sign=sign, value=value, of=of, basis=basis)


def reading(name: str, *vitals: Vital, trouble: str = "", unseen: str = "") -> Reading:
    condition = Condition(
        vitals=vitals,
        troubles=(trouble,) if trouble else (),
        unseen=(unseen,) if unseen else (),
    )
    return Reading(name=name, label=name.upper(), at=NOON, condition=condition)


FULL = vital(Sign.CONNECTIONS, 4790, 5000, "db.r6g.2xlarge, catalog")


@pytest.mark.parametrize(
    ("sign", "well", "ill", "of"),
    [
        (Sign.CONNECTIONS, 4499, 4500, 5000),
        (Sign.CPU, 89, 90, None),
        (Sign.MEMORY, 89, 90, None),
        (Sign.STORAGE, 20, 19, None),
        (Sign.STORAGE, 10, 9, 100),
        (Sign.LAG, 29, 30, None),
        (Sign.EVICTIONS, 99, 100, None),
        (Sign.NODES, 6, 5, 6),
        (Sign.SHARDS, 0, 1, None),
        (Sign.SERVER_ERRORS, 0.9, 1, None),
        (Sign.CLIENT_ERRORS, 9, 10, None),
        (Sign.BLOCKED, 9, 10, None),
        (Sign.TARGETS, 4, 3, 4),
        (Sign.MACHINES, 6, 5, 6),
        (Sign.PENDING, 0, 1, None),
    ],
)
def test_a_number_is_ill_from_its_threshold_on(
    sign: Sign, well: float, ill: float, of: float | None
) -> None:
    assert not vital(sign, well, of).ill
    assert vital(sign, ill, of).ill


def test_every_threshold_has_its_reason() -> None:
    assert set(RULES) == set(Sign)
    assert all(rule.when and rule.because for rule in RULES.values())


def test_connections_without_a_known_limit_are_told_and_not_judged() -> None:
    one = vital(Sign.CONNECTIONS, 99_000)
    assert not one.ill
    assert str(one) == "99,000 connections"


def test_an_ill_resource_is_one_line_with_its_numbers_and_where_the_limit_comes_from() -> None:
    one = reading("db", vital(Sign.LAG, 2), FULL, vital(Sign.CPU, 93), trouble="it is modifying")
    assert str(one) == (
        "DB: it is modifying, 4,790 of 5,000 connections (db.r6g.2xlarge, catalog), CPU 93%"
    )


def test_beside_what_is_ill_stand_the_numbers_that_are_not() -> None:
    one = reading("db", vital(Sign.CONNECTIONS, 720, 5000), trouble="failed over at 12:00 UTC")
    assert str(one) == "DB: failed over at 12:00 UTC, 720 of 5,000 connections"


def test_the_one_with_the_most_wrong_comes_first() -> None:
    one = reading("one", FULL)
    two = reading("two", FULL, vital(Sign.CPU, 99))
    well = reading("three", vital(Sign.CPU, 9))
    known = sort([one, two, well], [])
    assert [each.name for each in known.ill] == ["two", "one"]
    assert [each.name for each in known.well] == ["three"]


def test_what_was_not_seen_is_not_called_well_and_shares_its_reason() -> None:
    known = sort(
        [reading("s3", unseen="not switched on")],
        [
            Unread(name="a", label="A", why="no answer within 10 s"),
            Unread(name="b", label="B", why="no answer within 10 s"),
        ],
    )
    assert (known.ill, known.well) == ((), ())
    assert known.not_checked == (
        (("S3",), "not switched on"),
        (("A", "B"), "no answer within 10 s"),
    )


def test_what_was_seen_in_part_is_well_as_far_as_it_was_seen() -> None:
    known = sort([reading("s3", vital(Sign.CPU, 5), unseen="not switched on: b")], [])
    assert [each.name for each in known.well] == ["s3"]
    assert known.not_checked == ((("S3",), "not switched on: b"),)


@pytest.mark.parametrize(
    ("kind", "engine", "most"),
    [
        # What AWS's own formulas give for the memory of the class.
        ("db.r5.4xlarge", "mysql", 10_922),
        ("db.t3.micro", "mysql", 85),
        ("db.m5.large", "postgres", 901),
        ("db.r5.4xlarge", "postgres", 5_000),
        ("db.r5.large", "aurora-mysql", 1_069),
        ("db.r5.large", "aurora-postgresql", 1_802),
    ],
)
def test_the_limit_of_connections_follows_from_the_memory_of_the_class(
    kind: str, engine: str, most: int
) -> None:
    limit = most_connections(kind, engine)
    assert limit is not None
    assert limit.value == most
    assert limit.basis == f"default of {kind}"


def test_what_the_catalog_states_wins_over_the_formula() -> None:
    limit = most_connections("db.r5.4xlarge", "mysql", written="5,000")
    assert limit is not None
    assert (limit.value, limit.basis) == (5000, "db.r5.4xlarge, catalog")


@pytest.mark.parametrize("kind", ["db.x1e.xlarge", "db.q9.large", "db.r5.huge", ""])
def test_a_class_that_is_not_known_has_no_limit(kind: str) -> None:
    assert most_connections(kind, "mysql") is None


def test_an_engine_that_is_not_known_has_no_limit() -> None:
    assert most_connections("db.r5.large", "oracle-ee") is None
