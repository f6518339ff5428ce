"""A demo that was stopped goes on where it was; a fresh one knows nothing of it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from sandbox import systems
from sandbox.core import persist
from sandbox.core.simulation import Settings


def test_what_happened_survives_a_restart(start: Any, tmp_path: Path) -> None:
    first = start(data_dir=tmp_path)
    first.post("/scenario", id="bad-lms-deploy")
    first.advance(400)
    before = first.get("/state")
    persist.save(first.sim, tmp_path)

    again = systems.simulate(Settings(data_dir=tmp_path, start_paused=True))
    assert persist.resume(again, tmp_path)
    assert again.clock.now() == first.sim.clock.now()
    assert again.world["lms-web.revision"] == "r142"
    (incident,) = again.pagerduty.incidents.values()
    assert incident.id == before["pagerduty"]["incidents"][0]["id"]
    assert len(again.traffic.records) == len(first.sim.traffic.records)


def test_a_page_under_way_is_delivered_after_a_restart(
    start: Any, receiver: Any, tmp_path: Path
) -> None:
    first = start(data_dir=tmp_path)
    receiver.answers = [500]
    first.post("/pagerduty/trigger", service="lms", title="T")
    first.settle()
    persist.save(first.sim, tmp_path)
    again = systems.simulate(Settings(data_dir=tmp_path, start_paused=True))
    persist.resume(again, tmp_path)
    (queue,) = again.pagerduty.outbox.values()
    assert [owed.attempts for owed in queue] == [1]


def test_a_file_nobody_can_read_means_a_fresh_world(tmp_path: Path) -> None:
    (tmp_path / persist.FILE).write_bytes(b"not a pickle")
    sim = systems.simulate(Settings(data_dir=tmp_path))
    assert persist.resume(sim, tmp_path) is False


def test_forgetting_leaves_nothing_of_the_earlier_run(tmp_path: Path) -> None:
    sim = systems.simulate(Settings(data_dir=tmp_path))
    persist.save(sim, tmp_path)
    persist.forget(tmp_path)
    assert persist.resume(systems.simulate(Settings(data_dir=tmp_path)), tmp_path) is False


def started(port: int, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "sandbox", "--port", str(port), *more]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ}
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            httpx.get(f"http://127.0.0.1:{port}/_sandbox/clock")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the demo world did not start")


def test_a_signal_ends_it_within_two_seconds_without_a_traceback() -> None:
    port = free_port()
    process = started(port)
    wait_for(port)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=10)
    assert time.monotonic() - began < 2
    assert process.returncode == 0
    assert "Traceback" not in output


def test_a_taken_port_is_said_plainly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        process = started(port)
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 2
    assert f"Port {port} is taken" in output
    assert "Traceback" not in output


def test_a_screen_that_listens_does_not_keep_it_from_ending() -> None:
    port = free_port()
    process = started(port)
    wait_for(port)
    with httpx.stream("GET", f"http://127.0.0.1:{port}/ui/events", timeout=10) as stream:
        assert stream.status_code == 200
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=10)
    assert time.monotonic() - began < 2
    assert "Traceback" not in output
