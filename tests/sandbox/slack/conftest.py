"""A running demo world, a bot that records what Slack delivers to it, and Slack's own client."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import uvicorn
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import systems
from sandbox.app import build
from sandbox.core.line import Line
from sandbox.core.simulation import Settings, Simulation

Reply = Callable[[dict[str, Any]], Any]


@dataclass
class RecordingBot:
    """Answers 200 to everything unless a test says otherwise; keeps what came, in order."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    forged: int = 0
    replies: dict[str, Reply] = field(default_factory=dict)

    def app(self) -> Starlette:
        verifier = SignatureVerifier("demo-signing-secret")

        async def receive(request: Request) -> Response:
            body = await request.body()
            if not verifier.is_valid_request(body, dict(request.headers)):
                self.forged += 1
                return Response(status_code=401)
            said = _read(request, body)
            self.heard.append(said)
            self.headers.append(dict(request.headers))
            reply = self.replies.get(_kind(said))
            answer = reply(said) if reply else None
            if asyncio.iscoroutine(answer):
                answer = await answer
            if isinstance(answer, Response):
                return answer
            return JSONResponse(answer) if answer else Response()

        return Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.heard if _kind(each) == kind]

    def events(self, kind: str, subtype: str | None = None) -> list[dict[str, Any]]:
        found = [e["event"] for e in self.of(f"event.{kind}")]
        return [e for e in found if e.get("subtype") == subtype]


def _read(request: Request, body: bytes) -> dict[str, Any]:
    if request.headers["content-type"].startswith("application/json"):
        return json.loads(body)
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    return json.loads(fields["payload"]) if "payload" in fields else fields


def _kind(said: dict[str, Any]) -> str:
    if "command" in said:
        return "command"
    if said["type"] == "event_callback":
        return f"event.{said['event']['type']}"
    return str(said["type"])


@dataclass
class Demo:
    """What a test holds: the world, its bot, and the ways in."""

    sim: Simulation
    bot: RecordingBot
    slack: WebClient
    http: httpx.Client
    loop: asyncio.AbstractEventLoop

    def act(self, verb: str, **body: Any) -> dict[str, Any]:
        named = {("as" if name == "as_" else name): value for name, value in body.items()}
        return self.http.post(f"/_sandbox/act/{verb}", json=named).json()

    def settle(self) -> None:
        answer = self.http.get("/_sandbox/idle", params={"timeout": 5, "quiet": 0.05})
        assert answer.json()["idle"]

    def move(self, seconds: float) -> None:
        async def moved() -> None:
            self.sim.clock.move(seconds)

        asyncio.run_coroutine_threadsafe(moved(), self.loop).result(5)
        self.settle()

    def channel(self, name: str, *, private: bool = False) -> str:
        made = self.slack.conversations_create(name=name, is_private=private)
        return str(made["channel"]["id"])

    def last(self, channel: str) -> Any:
        return list(self.sim.slack.channels[channel].messages.values())[-1]


@pytest.fixture(scope="session")
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def start(_loop: asyncio.AbstractEventLoop) -> Iterator[Callable[..., Demo]]:
    """Starts a demo world with the settings a test asks for."""
    running: list[tuple[uvicorn.Server, Any]] = []
    clients: list[httpx.Client] = []

    def begin(**settings: Any) -> Demo:
        bot = RecordingBot()
        listener = _listener()
        port = listener.getsockname()[1]
        made = settings.pop("bot_app", None)
        bot_port = _serve(made(port) if made else bot.app(), _loop, running)
        # Everything is granted: these tests are about Slack, not about what one bot asks of it.
        granted = {"slack_manifest": None}
        chosen = {"strict": False, "start_paused": True, **granted, **settings}
        sim = systems.simulate(
            Settings(port=port, bot_url=f"http://127.0.0.1:{bot_port}", **chosen)
        )
        _serve(build(sim), _loop, running, listener=listener, http=Line)
        http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=10, verify=False, trust_env=False
        )
        clients.append(http)
        slack = WebClient(token="xoxb-demo", base_url=f"http://127.0.0.1:{port}/slack/api/")
        return Demo(sim=sim, bot=bot, slack=slack, http=http, loop=_loop)

    yield begin
    for client in clients:
        client.close()
    for server, done in reversed(running):
        server.should_exit = True
        done.result(10)


@pytest.fixture
def demo(start: Callable[..., Demo]) -> Demo:
    return start()


def _listener() -> socket.socket:
    # Named as TCP, or asyncio would leave Nagle's algorithm on: 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    return listener


def _serve(
    app: Starlette,
    loop: asyncio.AbstractEventLoop,
    running: list[Any],
    *,
    listener: socket.socket | None = None,
    http: Any = "auto",
) -> int:
    listener = listener or _listener()
    config = uvicorn.Config(app, http=http, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    done = asyncio.run_coroutine_threadsafe(server._serve([listener]), loop)
    running.append((server, done))
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return int(listener.getsockname()[1])
