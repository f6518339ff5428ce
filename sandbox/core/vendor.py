"""What every vendor's door has in common: latency, faults, the log and the idle count."""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Match, Router
from starlette.types import Message, Receive, Scope, Send

from sandbox.core.faults import Do, Rule
from sandbox.core.line import hang_up
from sandbox.core.simulation import Simulation
from sandbox.core.traffic import Record

KEPT = 64_000
"""How much of a body the log keeps."""

BUSY: dict[str, Any] = {
    "slack": {"ok": False, "error": "ratelimited"},
    "pagerduty": {"error": {"message": "Rate Limit Exceeded", "code": 2020}},
    "registry": {"errors": [{"code": "TOOMANYREQUESTS", "message": "too many requests"}]},
}


class Vendor:
    """One system's routes behind its door.

    An exchange is named after its route (`Route(..., name="incidents.update")`); Slack's after
    the method in the path. A fault can match that name or the path.
    """

    def __init__(self, sim: Simulation, system: str, routes: Sequence[BaseRoute]):
        self.sim = sim
        self.system = system
        self.router = Router(routes=list(routes), redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.router(scope, receive, send)
            return
        path = scope["path"].removeprefix(f"/{self.system}")
        name = self._name(scope, path)
        rule = self.sim.faults.consult("request", self.system, name=name, path=path)
        record = self.sim.traffic.record(
            kind="request",
            system=self.system,
            method=scope["method"],
            path=path,
            name=name,
            fault=rule and str(rule.do),
        )
        exchange = Exchange(sim=self.sim, record=record, scope=scope, rule=rule)
        began = time.perf_counter()
        self.sim.idle.begin(f"{self.system} {name}")
        try:
            await exchange.run(self.router, receive, send)
        finally:
            record.ms = round((time.perf_counter() - began) * 1000, 2)
            exchange.no_longer_busy()

    def _name(self, scope: Scope, path: str) -> str:
        if self.system == "slack" and path.startswith("/api/"):
            return path.removeprefix("/api/")
        for route in self.router.routes:
            match, _ = route.matches(scope)
            if match is Match.FULL:
                return str(getattr(route, "name", "")) or path
        return f"{scope['method']} {path}"


class Exchange:
    """One request on its way through the door."""

    def __init__(self, *, sim: Simulation, record: Record, scope: Scope, rule: Rule | None):
        self.sim = sim
        self.record = record
        self.scope = scope
        self.rule = rule
        self._busy = True

    async def run(self, router: Router, receive: Receive, send: Send) -> None:
        do = self.rule.do if self.rule else None
        if do is Do.REFUSE:
            await hang_up(self.scope)
            return
        body = await _read(receive)
        self.record.request = _readable(self.scope, body)
        self.record.key = _header(self.scope, b"idempotency-key")
        if self.record.system == "slack" and self.sim.settings.slack_latency:
            await asyncio.sleep(self.sim.settings.slack_latency.total_seconds())
        match do:
            case Do.DROP_REQUEST | Do.RESET:
                await self._wait()
                await hang_up(self.scope, reset=do is Do.RESET)
            case Do.TOO_MANY | Do.SERVER_ERROR:
                await self._refusal()(self.scope, receive, self._logging(send))
            case Do.DROP_RESPONSE | Do.BAD_JSON | Do.CLOCK_SKEW:
                await self._altered(router, body, send)
            case _:
                await self._wait()
                await router(self.scope, _replay(body, receive), self._logging(send))

    def no_longer_busy(self) -> None:
        if self._busy:
            self._busy = False
            self.sim.idle.end(f"{self.record.system} {self.record.name}")

    async def _wait(self) -> None:
        if self.rule is not None and self.rule.ms:
            await asyncio.sleep(self.rule.ms / 1000)

    def _refusal(self) -> JSONResponse:
        assert self.rule is not None
        if self.rule.do is Do.TOO_MANY:
            after = self.rule.retry_after if self.rule.retry_after is not None else 1
            default = BUSY.get(self.record.system, {"message": "rate limit exceeded"})
            headers = {"Retry-After": f"{after:g}"}
            return JSONResponse(self.rule.body or default, 429, headers)
        default = {"message": "the demo world was told to fail here"}
        return JSONResponse(self.rule.body or default, self.rule.status or 503)

    async def _altered(self, router: Router, body: bytes, send: Send) -> None:
        """Do the work, then spoil its answer."""
        assert self.rule is not None
        answer = Answer()
        await router(self.scope, _replay(body, _never), answer.keep)
        self.record.status = answer.status
        self.record.response = _parsed(answer.body)
        await self._wait()
        match self.rule.do:
            case Do.DROP_RESPONSE:
                await hang_up(self.scope)
            case Do.BAD_JSON:
                await answer.forward(send, body=b'{"ok": tr')
            case _:
                # A date header an hour off: whoever trusts it is wrong by that much.
                await answer.forward(send, extra=[(b"date", b"Thu, 01 Jan 1970 00:00:00 GMT")])

    def _logging(self, send: Send) -> Send:
        kept = bytearray()

        async def logging(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.record.status = message["status"]
            elif len(kept) < KEPT:
                kept.extend(message.get("body", b""))
                self.record.response = _parsed(bytes(kept))
            if message.get("more_body"):
                # A stream stays open for as long as its reader likes; it is not work.
                self.no_longer_busy()
            await send(message)

        return logging


class Answer:
    """A response held back until it is decided what becomes of it."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def keep(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", []))
        else:
            self.body += message.get("body", b"")

    async def forward(
        self, send: Send, *, body: bytes | None = None, extra: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        shown = self.body if body is None else body
        headers = [(name, value) for name, value in self.headers if name != b"content-length"]
        headers += [(b"content-length", str(len(shown)).encode()), *extra]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": shown})


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    told = False

    async def replayed() -> Message:
        nonlocal told
        if not told:
            told = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replayed


async def _never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


def _readable(scope: Scope, body: bytes) -> Any:
    """What the caller said, in a form the log can show: query and body together."""
    query = dict(parse_qsl(scope.get("query_string", b"").decode(), keep_blank_values=True))
    kind = _header(scope, b"content-type") or ""
    if "multipart" in kind or "octet-stream" in kind:
        return {**query, "bytes": len(body)}
    if "form-urlencoded" in kind:
        return {
            **query,
            **dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)),
        }
    said = _parsed(body[:KEPT])
    if isinstance(said, dict) or not said:
        return {**query, **(said or {})}
    return {**query, "body": said}


def _parsed(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body[:2000].decode("utf-8", "replace")
