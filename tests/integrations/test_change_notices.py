"""What a CI job tells of a change: understood, or refused with what to write instead."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config import load
from bot.domain.change import Change, ChangeKind, ChangeNotice, ChangeStatus
from bot.domain.change_merging import merged
from bot.domain.suspicion import Trouble, placed, rank
from bot.integrations.change_notices import NotAChange, ToldChanges, read_change

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 3, 10, 14, 5, tzinfo=UTC)
CATALOG = load({}).catalog


def body(**more: object) -> bytes:
    told = {"service": "lms", "environment": "production", "after": "r142", **more}
    return json.dumps(told).encode()


def complaint(**more: object) -> str:
    with pytest.raises(NotAChange) as caught:
        read_change(body(**more))
    return str(caught.value)


def test_everything_that_can_be_told_is_read():
    told = read_change(
        body(
            id=4711,
            summary="Take courses from the new table\nand drop the old one",
            kind="migration",
            author="kenji",
            before="r141",
            commit="9fceb02d0ae598e95dc970b74767f19372d61af8",
            refs=["lms:r142"],
            link="https://ci.example/runs/4711",
            diff="https://git.example/compare/r141...r142",
            started="2026-03-10T14:05:00Z",
            ended="2026-03-10T16:09:30+02:00",
        )
    )
    change = told.change
    assert (told.key, told.began, change.id) == ("4711", AT, "webhook:4711")
    assert (change.service, change.environment, change.author) == ("lms", "production", "kenji")
    assert (change.kind, change.status) == (ChangeKind.MIGRATION, ChangeStatus.DONE)
    assert (change.before, change.after) == ("r141", "r142")
    assert change.refs == ("9fceb02d0ae598e95dc970b74767f19372d61af8", "lms:r142")
    assert change.message == "Take courses from the new table and drop the old one"
    assert change.address == "https://ci.example/runs/4711"
    assert change.diff == "https://git.example/compare/r141...r142"
    assert change.ended == AT + timedelta(minutes=4, seconds=30)


def test_a_service_a_place_and_what_was_put_there_are_enough():
    change = read_change(body()).change
    assert (change.kind, change.status) == (ChangeKind.DEPLOY, ChangeStatus.UNKNOWN)


def test_what_is_null_or_empty_counts_as_left_out():
    told = read_change(body(author=None, ended="", refs=[], id=""))
    assert told.change.author == ""
    assert told.change.ended is None


def test_a_title_is_a_summary():
    assert read_change(body(after=None, title="Doubled the pool")).change.message


def test_without_an_id_the_same_bytes_are_the_same_change():
    assert read_change(body()).key == read_change(body()).key
    assert read_change(body()).key != read_change(body(before="r141")).key


def test_fields_that_nobody_reads_are_named():
    assert read_change(body(autor="kenji", ticket=7)).unread == ("autor", "ticket")


def test_every_field_that_is_wrong_says_what_to_write():
    said = complaint(service=None, kind="deployment", started="yesterday", link="ftp://x")
    assert said.splitlines() == [
        "service: write the name of the service, as in the catalog.",
        f"kind: write one of {', '.join(ChangeKind)}.",
        "link: write an address that begins with https://.",
        "started: write a time with its offset, like 2026-03-10T14:05:00Z, or seconds since 1970.",
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"after": None}, "summary: write what changed"),
        ({"started": "2026-03-10T14:05:00"}, "with its offset"),
        ({"started": 1773151500, "ended": 1773151400}, "ended: it is before"),
        ({"author": "x" * 201}, "author: write a text of at most 200"),
        ({"refs": "lms:r142"}, "refs: write a list"),
        ({"link": "https://ci.example/a|b"}, "link: write an address"),
        ({"title": ["a"], "after": None}, "summary: write"),
    ],
)
def test_what_is_wrong_is_said_in_words(wrong, said):
    assert said in complaint(**wrong)


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[1]", b'"x"', b"\xff\xfe"])
def test_what_is_no_object_of_json_is_said_to_be_none(raw):
    with pytest.raises(NotAChange, match="The body is not"):
        read_change(raw)


def test_a_complaint_never_repeats_what_was_written():
    assert "hunter2" not in complaint(kind="hunter2", started="hunter2")


def test_the_documentation_names_every_kind_and_every_state():
    page = (ROOT / "docs" / "changes.md").read_text()
    told = {*ChangeKind, *ChangeStatus} - {ChangeStatus.UNKNOWN}
    assert [each for each in told if f"`{each}`" not in page] == []


class Book:
    """What was told, as the store hands it out: oldest first."""

    def __init__(self, *bodies: bytes) -> None:
        self.bodies = bodies

    def changes_told(self, *, since: datetime, until: datetime) -> list[ChangeNotice]:
        assert since < until
        return [
            ChangeNotice(id=str(number), at=AT + timedelta(minutes=number), body=each)
            for number, each in enumerate(self.bodies)
        ]


def found(*bodies: bytes):
    places = [CATALOG.deployment(name, "production") for name in ("lms", "rds-mysql")]
    assert all(places)
    source = ToldChanges(Book(*bodies), CATALOG)
    return source.changes(places, since=AT - timedelta(hours=1), until=AT + timedelta(hours=1))


def test_changes_of_the_places_are_told_newest_first():
    told = found(body(), body(service="rds-mysql", after="", summary="More connections"))
    assert [(each.service, each.at) for each in told] == [
        ("rds-mysql", AT + timedelta(minutes=1)),
        ("lms", AT),
    ]


def test_other_places_and_other_environments_are_left_out():
    assert found(body(service="notes"), body(environment="staging")) == []


def test_a_service_that_the_catalog_does_not_know_is_told_as_such():
    (change,) = found(body(service="billing-batch"))
    (suspect,) = rank(
        [placed(change, CATALOG, "lms")], Trouble(environment="production", start=AT)
    )
    assert suspect.change.service == "billing-batch"
    assert "not related by the catalog" in suspect.reasons


def test_a_message_that_cannot_be_read_any_more_hides_no_other():
    assert len(found(b"{}", body())) == 1


def test_one_deploy_told_by_ci_and_seen_by_another_source_is_one_change():
    (told,) = found(body(refs=["registry.example/lms:r142"], author="kenji"))
    seen = Change(
        id="argocd:production/lms#7",
        source="Argo CD",
        service="lms",
        environment="production",
        at=AT + timedelta(minutes=3),
        after="r142",
        reversible_by="rollback",
    )
    (one,) = merged([told, seen])
    assert (one.source, one.also) == ("Argo CD", ("change webhook",))
    assert (one.author, one.at) == ("kenji", AT)
