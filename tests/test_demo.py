"""What a newcomer's first command promises: plain words, nothing left running, and a way back in."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.living import ROOT, free_port, wait_for


class Demo:
    """`app.py demo`, as a terminal has it: what it says, and Ctrl-C."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.bot, self.sandbox = free_port(), free_port()
        self.log = folder / "demo.log"
        environ = {
            **os.environ,
            "PORT": str(self.bot),
            "SANDBOX_PORT": str(self.sandbox),
            # As it is by default: a folder of where one stands.
            "TOCSIN_DEMO_DIR": os.path.relpath(folder / "kept", ROOT),
            **more,
        }
        with self.log.open("ab") as words:
            self.process = subprocess.Popen(
                [sys.executable, "app.py", "demo"],
                cwd=ROOT,
                env=environ,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )

    @property
    def world(self) -> str:
        return f"http://127.0.0.1:{self.sandbox}"

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def up(self) -> None:
        wait_for(lambda: f"Open  {self.world}" in self.said(), "the address to open")

    def channels(self) -> list[str]:
        found = httpx.get(f"{self.world}/_sandbox/state").json()["slack"]["channels"]
        rooms = found.values() if isinstance(found, dict) else found
        return [room["name"] for room in rooms if room["name"].startswith("inc-")]

    def says(self, text: str, channel: str = "general") -> None:
        words = {"as": "maya", "channel": channel, "text": f"/incident {text}"}
        httpx.post(f"{self.world}/_sandbox/act/command", json=words).raise_for_status()

    def postmortems(self) -> bool:
        found = httpx.get(f"{self.world}/_sandbox/state").json()["git"]
        return "postmortem/" in json.dumps(found)

    def interrupt(self) -> int:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@contextmanager
def demo(folder: Path, **more: str) -> Iterator[Demo]:
    shown = Demo(folder, **more)
    try:
        yield shown
    finally:
        if shown.process.poll() is None:
            shown.interrupt()


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("which", ["PORT", "SANDBOX_PORT"])
def test_a_port_that_is_taken_is_said_with_the_way_around_it(tmp_path: Path, which: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with demo(tmp_path, **{which: str(port)}) as shown:
            assert shown.process.wait(30) == 2
    assert f"Port {port} is taken" in shown.said()
    assert "PORT=8301 SANDBOX_PORT=8401 make demo" in shown.said()


def test_it_goes_on_where_it_was_and_leaves_nothing_running(tmp_path: Path) -> None:
    with demo(tmp_path) as first:
        first.up()
        assert f"http://127.0.0.1:{first.bot}" in first.said()
        first.says("checkout is slow")
        (name,) = wait_for(first.channels, "the incident's channel")
        assert first.interrupt() == 0
    assert not listening(first.bot)
    assert not listening(first.sandbox)
    with demo(tmp_path) as again:
        again.up()
        assert again.channels() == [name]
    with demo(tmp_path, FRESH="1") as anew:
        anew.up()
        assert anew.channels() == []


def test_an_incident_of_the_demo_ends_with_its_postmortem(tmp_path: Path) -> None:
    with demo(tmp_path) as shown:
        shown.up()
        shown.says("checkout is slow")
        (name,) = wait_for(shown.channels, "the incident's channel")
        shown.says("postmortem", channel=name)
        wait_for(shown.postmortems, "the postmortem in git", 30)
