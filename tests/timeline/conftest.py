"""A store on a real file, with a clock that stands until it is moved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.timeline.schema import stamp
from bot.timeline.store import Store
from tests.timeline.ledgers import NOON, HandClock, Small, small


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tocsin.db"


@pytest.fixture
def store(file: Path, clock: HandClock) -> Iterator[Store[Small]]:
    opened = Store.at(file, clock=clock, fold=small)
    yield opened
    opened.close()


@pytest.fixture
def submit(store: Store[Small]) -> Callable[[object], Any]:
    """Hand units to the writer while it is held up, so that they share a transaction."""

    def hand_in(what: object) -> Any:
        if what == "begin":
            gate = threading.Event()
            store._writer.submit(lambda _connection: gate.wait(5))
            return gate
        return store._writer.submit(lambda connection: _unit(connection, what))

    return hand_in


def _unit(connection: Connection, what: object) -> str:
    match what:
        case Exception() as error:
            raise error
        case "break the transaction":
            connection.exec_driver_sql("ROLLBACK")
            return "broken"
    connection.execute(
        text(
            "insert into inbox (kind, key, subject, lane, body, headers, at, due, attempts, state,"
            " why, vendor) values ('page', :key, '', 0, '', '{}', :at, :at, 0, 'waiting', '', '')"
        ),
        {"key": what, "at": stamp(NOON)},
    )
    return str(what)
