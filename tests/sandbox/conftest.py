"""The demo world on a free port, and a bot that only writes down what it is sent."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import uvicorn

from sandbox import systems
from sandbox.app import build
from sandbox.core import persist
from sandbox.core.line import Line
from sandbox.core.simulation import Settings, Simulation


@dataclass(frozen=True, kw_only=True)
class Received:
    """One delivery as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass(kw_only=True)
class Receiver:
    """A bot that records; `answers` are used up first, then it says 202."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[int | str] = field(default_factory=list)
    """A status, "hang up", or "slow" (an answer after six seconds)."""

    def bodies(self) -> list[bytes]:
        return [each.body for each in self.received]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    book = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            book.received.append(
                Received(path=self.path, headers=headers, body=body, at=time.time())
            )
            answer = book.answers.pop(0) if book.answers else 202
            if answer == "hang up":
                self.close_connection = True
                return
            if answer == "slow":
                time.sleep(6)
                answer = 202
            self.send_response(int(answer))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    book.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield book
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A running demo world; `sim` may be read, and is changed only over HTTP or by `on_loop`."""

    sim: Simulation
    http: httpx.Client
    receiver: Receiver

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(f"/_sandbox{path}", params=query).json()

    def post(self, path: str, **body: Any) -> Any:
        return self.http.post(f"/_sandbox{path}", json=body).json()

    def advance(self, seconds: float) -> None:
        """Play so much virtual time, then wait until its deliveries are made."""
        self.post("/clock", advance=seconds)
        self.settle()

    def settle(self) -> None:
        # Until the deliveries that were just owed have left: a thread cannot see the loop's tasks.
        answer = self.get("/idle", timeout=12, quiet=0.05)
        assert answer["idle"], answer

    def pagerduty(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": "Token token=pd-demo-token", **options.pop("headers", {})}
        return self.http.request(method, f"/pagerduty{path}", headers=headers, **options)


Start = Callable[..., Demo]


@pytest.fixture
def start(receiver: Receiver) -> Iterator[Start]:
    """Starts demo worlds with settings of one's own; all of them end with the test."""
    running: list[tuple[uvicorn.Server, threading.Thread, httpx.Client]] = []

    def started(**settings: Any) -> Demo:
        door = socket.create_server(("127.0.0.1", 0))
        port = door.getsockname()[1]
        chosen = {"port": port, "bot_url": receiver.url, "start_paused": True, **settings}
        sim = systems.simulate(Settings(**chosen))
        if sim.settings.data_dir is not None:
            persist.resume(sim, sim.settings.data_dir)
        config = uvicorn.Config(build(sim), http=Line, log_level="error", lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        while not server.started:
            time.sleep(0.005)
        client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=30, verify=False, trust_env=False
        )
        running.append((server, thread, client))
        return Demo(sim=sim, http=client, receiver=receiver)

    yield started
    for server, thread, client in running:
        client.close()
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def demo(start: Start) -> Demo:
    """A fresh demo world with its clock standing still."""
    return start()
