"""What `python app.py serve` refuses to start on, and says why."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bot.check import State, storage
from bot.config import survey
from bot.domain.incident import Incident
from bot.integrations.clock import SystemClock
from bot.timeline.disk import volatile
from bot.timeline.store import Store
from tests.living import ROOT


def serve(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environ = {**plain, "TOCSIN_DATA_DIR": str(folder), "PORT": "1", **more}
    return subprocess.run(
        [sys.executable, "app.py", "serve", "--host", "127.0.0.1"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_database_of_a_newer_program_is_refused_in_words(tmp_path: Path) -> None:
    where = tmp_path / "tocsin.db"
    Store.at(where, clock=SystemClock(), fold=lambda id_: Incident(id=id_)).close()
    with sqlite3.connect(where) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    done = serve(tmp_path, TOCSIN_ALLOW_VOLATILE_DISK="1")
    assert done.returncode == 2
    assert "newer Tocsin" in done.stderr


def test_a_wrong_setting_is_named_and_nothing_starts(tmp_path: Path) -> None:
    done = serve(tmp_path, TOCSIN_MODE="acting")
    assert done.returncode == 2
    assert "TOCSIN_MODE" in done.stderr
    assert not (tmp_path / "tocsin.db").exists()


MEMORY = Path("/dev/shm")


@pytest.mark.skipif(volatile(MEMORY) is None, reason="this machine has no /dev/shm in memory")
def test_a_disk_that_a_restart_empties_is_refused_unless_told_otherwise() -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        done = serve(Path(folder))
        assert not (Path(folder) / "tocsin.db").exists()
        shown = storage(survey({"TOCSIN_DATA_DIR": folder}).config)
        told = {"TOCSIN_DATA_DIR": folder, "TOCSIN_ALLOW_VOLATILE_DISK": "1"}
        allowed = storage(survey(told).config)
    assert done.returncode == 2
    assert "which a restart empties" in done.stderr
    assert "TOCSIN_ALLOW_VOLATILE_DISK=1" in done.stderr
    assert (shown.state, allowed.state) == (State.PROBLEM, State.WARNING)
