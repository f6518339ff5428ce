"""The door in front of moto: keeps the trail, makes the faults, and answers what steers the world."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sandbox.aws.faults import FAULTS, Fault, answer
from sandbox.aws.moment import MOMENT
from sandbox.aws.platform import PLATFORM
from sandbox.aws.sessions import session_of
from sandbox.aws.targets import TARGETS
from sandbox.aws.trail import TRAIL, Call, told

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]
STEERING = "/_aws/"


class Door:
    """A WSGI application around moto's."""

    def __init__(self, inside: Application) -> None:
        self._inside = inside

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(STEERING):
            return _steer(path.removeprefix(STEERING), _body(environ), start)
        if path.startswith("/moto-api/"):
            if path == "/moto-api/reset":
                _forget()
            return self._inside(environ, start)
        return self._call(environ, start)

    def _call(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if now := environ.get("HTTP_X_DEMO_NOW"):
            MOMENT.become(datetime.fromtimestamp(float(now), UTC))
        MOMENT.happen()
        body = _body(environ)
        call = told(environ, body, MOMENT.now())
        call = replace(call, session=session_of(call.key))
        environ["wsgi.input"] = io.BytesIO(body)
        fault = FAULTS.meeting(call)
        if fault is not None:
            if fault.do == "drop_before":
                return _broken_off(environ)
            if said := answer(fault, call):
                TRAIL.add(replace(call, status=said[0]))
                return _said(start, said)
        return self._carried_on(environ, start, call, fault)

    def _carried_on(
        self, environ: dict[str, Any], start: Start, call: Call, fault: Fault | None
    ) -> Iterable[bytes]:
        status: list[int] = []

        def noted(line: str, headers: Any, *more: Any) -> Any:
            status.append(int(line.split()[0]))
            told = [*headers, ("X-Demo-Wrote", call.action)] if call.writes else headers
            return (lambda _b: None) if _lost(fault) else start(line, told, *more)

        found = list(self._inside(environ, noted))
        TRAIL.add(replace(call, status=status[-1]))
        return _broken_off(environ) if _lost(fault) else found


def _lost(fault: Fault | None) -> bool:
    return fault is not None and fault.do == "drop_after"


def _body(environ: dict[str, Any]) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return bytes(environ["wsgi.input"].read(length)) if length else b""


def _broken_off(environ: dict[str, Any]) -> Iterable[bytes]:
    """The caller never learns what became of it."""
    wire: socket.socket = environ["werkzeug.socket"]
    wire.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("as a fault asked for it")


def _said(start: Start, said: tuple[int, str, str]) -> Iterable[bytes]:
    status, kind, body = said
    start(f"{status} Said", [("Content-Type", kind), ("Content-Length", str(len(body.encode())))])
    return [body.encode()]


def _forget() -> None:
    for each in (MOMENT, TRAIL, FAULTS, TARGETS):
        each.clear()


def _steer(what: str, body: bytes, start: Start) -> Iterable[bytes]:
    """Advance the time, add a fault, make targets sick, read the trail."""
    asked = json.loads(body) if body else {}
    if "now" in asked:
        MOMENT.become(datetime.fromtimestamp(float(asked["now"]), UTC))
    answered: Any = {"ok": True}
    match what:
        case "ready":
            pass
        case "advance":
            MOMENT.advance(float(asked["seconds"]))
        case "fault":
            FAULTS.add(asked)
        case "heal":
            FAULTS.clear()
        case "targets":
            TARGETS.sick[asked["group"]] = int(asked["unhealthy"])
        case "build":
            PLATFORM.build(asked["facts"])
        case "move":
            PLATFORM.move(asked["path"], asked["value"])
        case "look":
            answered = {"facts": PLATFORM.look(), "settled": not MOMENT.due}
        case "trail":
            answered = [
                {"service": c.service, "action": c.action, "session": c.session, "at": str(c.at)}
                | {"status": c.status, "region": c.region, "parameters": dict(c.parameters)}
                for c in TRAIL.calls
            ]
        case _:
            return _said(start, (404, "application/json", '{"ok": false}'))
    return _said(start, (200, "application/json", json.dumps(answered, default=str)))
