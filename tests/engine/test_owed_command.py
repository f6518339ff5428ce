"""What an operator does at the command line, while the bot runs."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import create_engine, text

from bot.domain.errors import VendorRejected
from bot.owed_command import back_up, check_audit, retry_owed, show_owed
from bot.timeline.audit import audit
from bot.timeline.codec import Codec
from tests.engine.conftest import House
from tests.engine.test_engine import Failing
from tests.timeline.ledgers import Said

Start = Callable[..., House]


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=160)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tocsin.db"


@pytest.fixture
def parked(house: Start) -> tuple[House, Failing]:
    failing = Failing(1, VendorRejected("Jira", "make the ticket", "the project is archived"))
    here = house(answers=[failing.hear])
    here.record(Said(text="1"))
    here.rest()
    return here, failing


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_owed_shows_what_is_parked_and_why(
    parked: tuple[House, Failing], file: Path, console: Console
) -> None:
    assert show_owed(file, console) == 1
    assert "the project is archived" in printed(console)
    assert "app.py owed retry" in printed(console)


def test_owed_says_so_when_nothing_is(house: Start, file: Path, console: Console) -> None:
    house()
    assert show_owed(file, console) == 0
    assert "Nothing is owed." in printed(console)


def test_retry_reaches_the_running_bot(
    parked: tuple[House, Failing], file: Path, console: Console
) -> None:
    here, failing = parked
    assert retry_owed(file, console, name="hear") == 0
    assert "The running bot has been told." in printed(console)

    until = time.monotonic() + 5
    while not failing.heard and time.monotonic() < until:
        time.sleep(0.01)
    assert failing.heard == ["1"]
    here.rest()
    assert here.engine.status().parked == ()


def test_retry_of_another_name_leaves_it_parked(
    parked: tuple[House, Failing], file: Path, console: Console
) -> None:
    assert retry_owed(file, console, name="draw") == 0
    assert "Nothing is parked under draw." in printed(console)
    assert len(parked[0].engine.status().parked) == 1


def test_retry_while_the_bot_is_down_waits_for_its_start(
    parked: tuple[House, Failing], file: Path, console: Console
) -> None:
    parked[0].stop()
    assert retry_owed(file, console) == 0
    assert "when the bot is started" in printed(console)


def test_a_backup_made_while_the_bot_runs_is_whole(
    parked: tuple[House, Failing], file: Path, tmp_path: Path, console: Console
) -> None:
    copy = tmp_path / "copy.db"
    assert back_up(file, copy, console) == 0

    engine = create_engine(f"sqlite:///{copy}")
    with engine.connect() as connection:
        assert (
            connection.execute(
                text("select count(*) from facts where type != 'work-parked'")
            ).scalar()
            == 1
        )
        assert audit(connection, Codec()) == []
    engine.dispose()


def test_a_backup_overwrites_nothing(
    parked: tuple[House, Failing], file: Path, tmp_path: Path, console: Console
) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("precious")
    assert back_up(file, copy, console) == 1
    assert copy.read_text() == "precious"


def test_the_audit_names_the_entry_that_was_changed(
    parked: tuple[House, Failing], file: Path, console: Console
) -> None:
    assert check_audit(file, console) == 0
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("update facts set body = '{}'"))
    engine.dispose()

    assert check_audit(file, console) == 1
    assert "the text was changed" in printed(console)


def test_the_audit_is_held_against_the_postmortems_outside_the_database(
    parked: tuple[House, Failing], file: Path, console: Console, tmp_path: Path
) -> None:
    house, _failing = parked
    checkout = tmp_path / "postmortems"
    (checkout / "2026").mkdir(parents=True)
    (checkout / "README.md").write_text("# Postmortems\n")
    draft = checkout / "2026" / "one.md"
    draft.write_text(
        f'---\nid: "i1"\ntimeline_hash: "{house.store.head_hash("i1")}"\n---\n# One\n'
    )
    assert check_audit(file, console, [checkout]) == 0
    assert "1 postmortem" in printed(console)

    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("delete from facts where seq = (select max(seq) from facts)"))
    engine.dispose()
    assert check_audit(file, console) == 0
    assert check_audit(file, console, [checkout]) == 1
    assert "the end is not what it was" in " ".join(printed(console).split())


def test_postmortems_that_are_not_there_hold_nothing_and_say_so(
    parked: tuple[House, Failing], file: Path, console: Console, tmp_path: Path
) -> None:
    assert check_audit(file, console, [tmp_path / "nowhere"]) == 1
    assert "no postmortem with a timeline_hash" in " ".join(printed(console).split())


def test_a_missing_database_is_a_sentence_and_is_not_made(
    tmp_path: Path, console: Console
) -> None:
    assert show_owed(tmp_path / "none.db", console) == 1
    assert "There is no database at" in printed(console).replace("\n", " ")
    assert list(tmp_path.iterdir()) == []
