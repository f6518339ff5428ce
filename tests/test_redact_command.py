"""An entry's text can be taken out for good, and the audit still holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from bot.domain.events import Declared
from bot.domain.facts import Withheld
from bot.domain.incident import Incident
from bot.integrations.clock import SystemClock
from bot.owed_command import check_audit
from bot.redact_command import run
from bot.timeline.store import Store


@pytest.fixture
def database(tmp_path: Path) -> Path:
    where = tmp_path / "tocsin.db"
    store = Store.at(where, clock=SystemClock(), fold=lambda id_: Incident(id=id_))
    with store.open("i1") as incident:
        incident.record(Declared(title="the token is hunter2", channel_name="inc-x"))
    store.close()
    return where


def test_a_redacted_entry_is_gone_from_the_file_and_the_chain_still_holds(database: Path) -> None:
    assert run(database, ("i1", 1), ("title",), by="ana", why="a secret") == 0
    assert b"hunter2" not in database.read_bytes()
    assert check_audit(database, Console()) == 0
    store = Store.at(database, clock=SystemClock(), fold=lambda id_: Incident(id=id_))
    assert store.read("i1").declared
    store.close()


def test_a_whole_entry_reads_as_withheld_afterwards(database: Path) -> None:
    assert run(database, ("i1", 1), (), by="ana", why="a secret") == 0
    store = Store.at(database, clock=SystemClock(), fold=lambda id_: Incident(id=id_))
    assert isinstance(store.entries("i1")[0].fact, Withheld)
    store.close()


def test_an_entry_that_is_not_there_is_named_and_nothing_changes(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(database, ("i1", 9), (), by="ana", why="a secret") == 1
    assert "entries 1 to 1" in capsys.readouterr().out


def test_a_running_bot_is_not_redacted_under_its_feet(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running = Store.at(database, clock=SystemClock(), fold=lambda id_: Incident(id=id_))
    assert run(database, ("i1", 1), ("title",), by="ana", why="a secret") == 1
    assert "stop it first" in capsys.readouterr().out
    running.close()
