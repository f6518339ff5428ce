"""The real bot and the demo world as processes: what stories, chaos and browser tests drive."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from bot.demo import Ports, settings
from tests.forking import Forked, Template

ROOT = Path(__file__).parent.parent
_PATIENCE = 90.0


def without_objectives(folder: Path) -> Path:
    """The shipped catalog, but nothing is measured."""
    copy = folder / "catalog"
    if not copy.is_dir():
        shutil.copytree(ROOT / "catalog", copy, ignore=shutil.ignore_patterns("slos"))
    return copy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class World:
    """The demo world, driven by its control API."""

    ports: Ports
    folder: Path
    latency: int = 0
    strict: bool = False
    aws: bool = False
    process: Forked | None = None
    # Without the certificates, which take longer to read than an answer.
    http: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=40.0, verify=False, trust_env=False)
    )

    def start(self) -> None:
        command = ["-m", "sandbox", "--port", str(self.ports.sandbox)]
        command += ["--bot-url", self.ports.tocsin, "--data-dir", str(self.folder / "demo")]
        command += ["--slack-latency", str(self.latency)] if self.latency else []
        command += [] if self.strict else ["--no-strict"]
        command += ["--aws"] if self.aws else []
        self.process = _start(command, self.folder / "sandbox.log")
        wait_for(lambda: _answers(f"{self.ports.world}/_sandbox/clock"), "the demo world")

    def stop(self) -> None:
        _end(self.process)
        self.http.close()

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(f"{self.ports.world}/_sandbox{path}", params=query)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.http.post(f"{self.ports.world}/_sandbox{path}", json=body or {})
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def state(self) -> Any:
        return self.get("/state")

    def log(self, **query: Any) -> list[dict[str, Any]]:
        found = self.get("/log", **query)
        return found["records"] if isinstance(found, dict) else found

    def fault(self, **rule: Any) -> None:
        self.post("/faults", rule)

    def heal(self) -> None:
        self.http.delete(f"{self.ports.world}/_sandbox/faults")

    def advance(self, seconds: float) -> None:
        self.post("/clock", {"advance": seconds})

    def act(self, verb: str, person: str, **body: Any) -> Any:
        return self.post(f"/act/{verb}", {"as": person, **body})

    def page(self, **body: Any) -> Any:
        return self.post("/pagerduty/trigger", body)["incident"]

    def channels(self, prefix: str = "inc-") -> list[dict[str, Any]]:
        found = self.state()["slack"]["channels"]
        rooms = found.values() if isinstance(found, dict) else found
        return [room for room in rooms if room["name"].startswith(prefix)]


@dataclass
class Bot:
    """`app.py serve` in the demo world; can be killed at any instant and started again."""

    ports: Ports
    folder: Path
    extra: dict[str, str] = field(default_factory=dict)
    objectives: bool = False
    """Measuring them reads two months: only where a test is of them."""
    process: Forked | None = None

    def start(self, *, ready: bool = True) -> None:
        environ = {**os.environ, **settings(self.ports, self.folder)}
        if not self.objectives:
            environ["TOCSIN_CATALOG"] = str(without_objectives(self.folder))
        environ |= self.extra
        command = ["app.py", "serve", "--host", "127.0.0.1"]
        self.process = _start(command, self.folder / "bot.log", environ)
        if ready:
            self.wait_ready()

    def wait_ready(self) -> None:
        wait_for(lambda: _answers(f"{self.ports.tocsin}/readyz"), "the bot")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> float:
        """By SIGTERM; how many seconds it took."""
        began = time.monotonic()
        _end(self.process)
        return time.monotonic() - began

    def ready(self) -> dict[str, Any]:
        found: dict[str, Any] = _fetched(f"{self.ports.tocsin}/readyz").json()
        return found

    def metric(self, *names: str) -> float:
        """The first line of each, added up."""
        lines = _fetched(f"{self.ports.tocsin}/metrics").text.splitlines()
        found = (next((each for each in lines if each.startswith(name)), "") for name in names)
        return sum(float(each.rsplit(" ", 1)[1]) for each in found if each)

    def words(self) -> str:
        return (self.folder / "bot.log").read_text(encoding="utf-8", errors="replace")


@dataclass
class Life:
    """Both together."""

    world: World
    bot: Bot
    patience: float = 20.0
    """Seconds until they must have come to rest; vendors that are slow on purpose take longer."""

    def settle(self, seconds: float | None = None) -> None:
        """Until both sides have the same time, and nothing is due, running or under way."""
        until = time.monotonic() + (seconds or self.patience)
        while time.monotonic() < until:
            clock = self.world.get("/clock")
            idle = self.world.get("/idle", timeout=5, quiet=0.15)["idle"]
            busy = self.bot.metric('tocsin_owed{state="due"}', 'tocsin_owed{state="running"}')
            if idle and not busy and clock["seen"] == clock["version"]:
                return
            time.sleep(0.05)
        raise AssertionError(f"never came to rest: {self.bot.ready()}")

    def until(self, found: Callable[[], Any], what: str, seconds: float = 20.0) -> Any:
        return wait_for(found, what, seconds)

    def room(self) -> dict[str, Any]:
        """The one incident channel there is."""
        rooms = self.world.channels()
        assert len(rooms) == 1, [room["name"] for room in rooms]
        return rooms[0]


def wait_for(
    found: Callable[[], Any],
    what: str,
    seconds: float = _PATIENCE,
    *,
    told: Callable[[], str] = lambda: "",
) -> Any:
    """`told` says more where it never came."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if result := found():
            return result
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:.0f} s for {what}. {told()}".strip())


def _fetched(url: str, *, within: float = 5.0) -> httpx.Response:
    """Without the certificates, which take longer to read than the answer."""
    return httpx.get(url, timeout=within, verify=False, trust_env=False)


def _answers(url: str) -> bool:
    try:
        return _fetched(url, within=2.0).is_success
    except httpx.HTTPError:
        return False


def _start(command: list[str], log: Path, environ: dict[str, str] | None = None) -> Forked:
    return _template().start(command, log, environ)


@cache
def _template() -> Template:
    return Template()


def _end(process: Forked | None) -> None:
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(12)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
