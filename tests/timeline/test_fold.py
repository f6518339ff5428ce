"""Whatever is recorded, reading it from the disk adds up to what was in memory."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.events.staff import ChannelOpened
from bot.domain.facts import Fact
from bot.timeline.codec import Codec
from bot.timeline.store import Store
from tests.timeline.ledgers import (
    NOON,
    Counted,
    Filed,
    HandClock,
    Opened,
    Said,
    small,
)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
moments = st.none() | st.datetimes(timezones=st.just(NOON.tzinfo))
facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(Opened, title=words, happened_at=moments),
    st.builds(Said, text=words, by=words, happened_at=moments),
    st.builds(Counted, number=st.integers(-(2**60), 2**60)),
    st.builds(Filed, where=words),
    st.builds(ChannelOpened, channel=words, name=words, card=words),
)
decisions = st.lists(
    st.tuples(st.sampled_from(["i1", "i2"]), st.lists(facts, max_size=5), st.integers(-60, 60)),
    max_size=12,
)


@given(decisions)
@settings(max_examples=25, deadline=None)
def test_the_fold_from_disk_is_the_fold_in_memory(
    given_decisions: list[tuple[str, list[Fact], int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file, clock = Path(folder) / "t.db", HandClock()
        first = Store.at(file, clock=clock, fold=small)
        for incident_id, recorded, seconds in given_decisions:
            clock.forward(timedelta(seconds=seconds))
            with first.open(incident_id) as incident:
                for fact in recorded:
                    incident.record(fact)
        in_memory = [first.read("i1"), first.read("i2")]
        first.close()
        second = Store.at(file, clock=clock, fold=small)
        from_disk = [second.read("i1"), second.read("i2")]
        problems = second.audit()
        second.close()

    assert from_disk == in_memory
    assert problems == []


@given(facts)
def test_a_fact_read_back_is_the_same_fact(fact: Fact) -> None:
    codec = Codec()
    assert codec.decode(fact.stored, codec.encode(fact)) == fact


@given(facts)
def test_the_same_fact_is_always_the_same_text(fact: Fact) -> None:
    codec = Codec()
    assert codec.encode(replace(fact)) == codec.encode(fact)
