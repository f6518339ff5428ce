"""What a decision promises: all of it is kept, or nothing."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.domain.errors import AlreadyClaimed, Refused
from bot.domain.facts import Unrecognised
from bot.reactions import outside_decisions
from bot.timeline.database import database
from bot.timeline.migrate import NewerDatabase
from bot.timeline.store import Locked, Store
from tests.timeline.ledgers import NOON, HandClock, Said, Small, small


def test_what_was_recorded_is_read_back(store: Store[Small]) -> None:
    with store.open("i1") as incident:
        incident.record(Said(text="one"))
        incident.record(Said(text="two"))

    assert store.read("i1").said == ("one", "two")
    assert [(entry.seq, entry.at) for entry in store.entries("i1")] == [(1, NOON), (2, NOON)]
    assert [entry.seq for entry in store.entries("i1", after=1)] == [2]


def test_an_exception_keeps_nothing(store: Store[Small]) -> None:
    def decide() -> None:
        with store.open("i1") as incident:
            incident.record(Said(text="never"))
            raise Refused("No.")

    with pytest.raises(Refused):
        decide()

    assert store.entries("i1") == []
    assert store.read("i1").said == ()


def test_a_fact_is_still_there_after_a_restart(
    store: Store[Small], file: Path, clock: HandClock
) -> None:
    with store.open("i1") as incident:
        incident.record(Said(text="kept"))
    head = store.head_hash("i1")
    store.close()

    again = Store.at(file, clock=clock, fold=small)
    assert again.read("i1").said == ("kept",)
    assert again.head_hash("i1") == head
    again.close()


def test_a_decision_inside_a_decision_is_a_bug(store: Store[Small]) -> None:
    with store.open("i1"), pytest.raises(RuntimeError, match="already open"), store.open("i2"):
        pass


def test_no_vendor_is_called_inside_a_decision(store: Store[Small]) -> None:
    with store.open("i1"), pytest.raises(RuntimeError, match="decide first"):
        outside_decisions()


def test_a_copy_that_was_read_cannot_be_recorded_in(store: Store[Small]) -> None:
    with pytest.raises(RuntimeError, match=r"only inside timeline\.open"):
        store.read("i1").record(Said(text="lost"))


def test_time_never_runs_backwards_in_an_incident(store: Store[Small], clock: HandClock) -> None:
    with store.open("i1") as incident:
        incident.record(Said(text="one"))
    clock.forward(-timedelta(hours=1))
    with store.open("i1") as incident:
        incident.record(Said(text="two"))

    first, second = store.entries("i1")
    assert second.at == first.at


def test_a_place_is_held_by_one_incident(store: Store[Small]) -> None:
    with store.open("i1") as incident:
        incident.claim("page", "P1")

    def decide() -> None:
        with store.open("i2") as incident:
            incident.record(Said(text="mine"))
            incident.claim("page", "P1")

    with pytest.raises(AlreadyClaimed) as refused:
        decide()

    assert refused.value.holder == "i1"
    assert store.entries("i2") == []


def test_a_released_place_can_be_taken(store: Store[Small]) -> None:
    with store.open("i1") as incident:
        incident.claim("page", "P1")
    with store.open("i1") as incident:
        incident.release("page", "P1")
    with store.open("i2") as incident:
        incident.claim("page", "P1")

    assert store.claimed("page", "P1") == "i2"


def test_an_incident_cannot_release_what_another_holds(store: Store[Small]) -> None:
    with store.open("i1") as incident:
        incident.claim("page", "P1")
    with store.open("i2") as incident:
        incident.release("page", "P1")

    assert store.claimed("page", "P1") == "i1"


def test_a_place_changes_hands_in_one_visit_to_the_desk(store: Store[Small]) -> None:
    with store.open("i1") as incident:
        incident.claim("page", "P1")
    with store.desk() as desk:
        desk.open("i2").claim("page", "P1")
        desk.open("i1").release("page", "P1")

    assert store.claimed("page", "P1") == "i2"


def test_what_the_desk_changed_commits_together(store: Store[Small]) -> None:
    with store.open("i3") as incident:
        incident.claim("page", "P1")

    def decide() -> None:
        with store.desk() as desk:
            desk.declare("i1").record(Said(text="one"))
            second = desk.declare("i2")
            second.record(Said(text="two"))
            second.claim("page", "P1")

    with pytest.raises(AlreadyClaimed):
        decide()

    assert store.entries("i1") == []
    assert store.entries("i2") == []


def test_the_desk_declares_an_incident_only_once(store: Store[Small]) -> None:
    with store.desk() as desk:
        desk.declare("i1").record(Said(text="one"))
    with pytest.raises(RuntimeError, match="exists already"), store.desk() as desk:
        desk.declare("i1")


def test_fifty_pages_of_one_cause_at_once_are_one_incident(store: Store[Small]) -> None:
    together = threading.Barrier(50)

    def page(number: int) -> None:
        together.wait()
        with store.desk() as desk:
            holder = desk.claimed("cause", "lms")
            if holder is None:
                incident = desk.declare(f"i{number}")
                incident.claim("cause", "lms")
            else:
                incident = desk.open(holder)
            incident.record(Said(text=f"page {number}"))

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(page, range(50)))

    holder = store.claimed("cause", "lms")
    assert holder is not None
    assert sorted(store.read(holder).said) == sorted(f"page {number}" for number in range(50))


def test_threads_that_decide_on_one_incident_take_turns(store: Store[Small]) -> None:
    def say(number: int) -> None:
        with store.open("i1") as incident:
            incident.record(Said(text=str(len(incident.said))))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(say, range(200)))

    assert store.read("i1").said == tuple(str(number) for number in range(200))


def test_a_fact_of_a_newer_program_makes_the_incident_read_only(
    store: Store[Small], file: Path
) -> None:
    with store.open("i1") as incident:
        incident.record(Said(text="one"))
    _sql(file, "update facts set type = 'from-the-future'")
    store.close()
    later = Store.at(file, clock=HandClock(), fold=small)

    (entry,) = later.entries("i1")
    assert isinstance(entry.fact, Unrecognised)
    with pytest.raises(Refused, match="from-the-future"), later.open("i1") as incident:
        incident.record(Said(text="two"))
    later.close()


def test_a_field_that_this_program_does_not_know_is_ignored(
    store: Store[Small], file: Path
) -> None:
    with store.open("i1") as incident:
        incident.record(Said(text="one"))
    _sql(file, """update facts set body = '{"text":"one","mood":"grim"}'""")

    (entry,) = store.entries("i1")
    assert entry.fact == Said(text="one")


def test_a_database_of_a_newer_program_is_refused_in_a_plain_sentence(
    store: Store[Small], file: Path, clock: HandClock
) -> None:
    store.close()
    _sql(file, "update alembic_version set version_num = '9999'")

    with pytest.raises(NewerDatabase, match="written by a newer Tocsin"):
        Store.at(file, clock=clock, fold=small)


def test_a_second_store_on_the_same_file_is_told_to_wait(
    store: Store[Small], file: Path, clock: HandClock
) -> None:
    with pytest.raises(Locked):
        Store.at(file, clock=clock, fold=small)
    store.close()
    Store.at(file, clock=clock, fold=small).close()


def test_a_lock_can_be_waited_for(store: Store[Small], file: Path) -> None:
    second = database(file)
    assert second.lock.wait(timeout=0.2) is False
    assert second.lock.acquired is False
    store.close()

    assert second.lock.wait(timeout=5) is True
    second.close()


def test_a_live_backup_is_a_whole_database(
    store: Store[Small], tmp_path: Path, clock: HandClock
) -> None:
    with store.open("i1") as incident:
        incident.record(Said(text="kept"))
    store.backup(tmp_path / "copy.db")
    with store.open("i1") as incident:
        incident.record(Said(text="later"))

    copy = Store.at(tmp_path / "copy.db", clock=clock, fold=small)
    assert copy.read("i1").said == ("kept",)
    assert copy.audit() == []
    copy.close()


def _sql(file: Path, statement: str) -> None:
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
