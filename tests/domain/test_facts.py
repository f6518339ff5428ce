"""What every fact promises, because facts are for ever."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import pytest

from bot.domain.errors import Refused
from bot.domain.events import Declared, Noted, NoteKind, PageAcknowledged
from bot.domain.facts import Entry, Fact, Unrecognised
from bot.domain.incident import Incident
from bot.timeline.codec import Codec
from tests.doubles.people import ANA
from tests.golden.names import fact_kinds
from tests.timeline.ledgers import NOON

CODEC = Codec()


@pytest.mark.parametrize("kind", fact_kinds(), ids=lambda kind: kind.stored)
def test_a_fact_cannot_be_changed(kind: type[Fact]) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert all(field.kw_only for field in dataclasses.fields(kind))


def test_a_field_of_tomorrow_is_ignored() -> None:
    body = json.loads(CODEC.encode(PageAcknowledged(page="Q1", by=ANA)))
    later = json.dumps({**body, "mood": "calm"})
    assert CODEC.decode("page-acknowledged", later) == PageAcknowledged(page="Q1", by=ANA)


def test_a_field_that_yesterday_did_not_write_has_its_default() -> None:
    old = '{"title":"LMS errors","channel_name":"inc-x"}'
    assert CODEC.decode("declared", old) == Declared(title="LMS errors", channel_name="inc-x")


def test_the_time_to_show_is_the_worlds_where_it_is_known() -> None:
    theirs = NOON - timedelta(minutes=3)
    told = Entry(
        incident="i1", seq=1, at=NOON, fact=PageAcknowledged(page="Q", happened_at=theirs)
    )
    ours = Entry(incident="i1", seq=2, at=NOON, fact=PageAcknowledged(page="Q"))
    assert (told.when, ours.when) == (theirs, NOON)


def test_an_unknown_fact_turns_its_incident_read_only() -> None:
    i = Incident(id="i1", now=NOON)
    unknown = Unrecognised(name="from-tomorrow", body="{}")
    i.fold(Entry(incident="i1", seq=1, at=NOON, fact=unknown))
    with pytest.raises(Refused, match="written by a newer Tocsin"):
        i.note("x", by=ANA, kind=NoteKind.NOTE)


def test_folding_the_facts_again_gives_the_same_incident() -> None:
    i = Incident(id="i1", now=NOON)
    i.record(Declared(title="LMS errors", channel_name="inc-x", by=ANA))
    i.record(Noted(id="n2", kind=NoteKind.NOTE, text="r142 is bad", by=ANA))
    again = Incident(id="i1")
    for entry in i.pending:
        again.fold(entry)
    assert again == i.snapshot()
