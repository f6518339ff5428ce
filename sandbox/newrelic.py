"""Plays New Relic: NerdGraph with a fixed catalogue of NRQL, answered from the world's metrics."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox import history_told, newrelic_changes, newrelic_counts, newrelic_minutes
from sandbox.core.simulation import Simulation
from sandbox.newrelic_minutes import Unsupported

LOW_TRAFFIC = 2.4
_TOO_SLOW = "Your query timed out: reduce its scope or ask for less time"
CALL = re.compile(r"(?:(\w+)\s*:\s*)?nrql\s*\(")
ACCOUNT = re.compile(r"account\s*\(\s*id\s*:\s*(\$?\w+)\s*\)")
ARGUMENT = re.compile(r'(\w+)\s*:\s*("(?:[^"\\]|\\.)*"|\$?[\w.]+)\s*,?\s*')


@dataclass(kw_only=True)
class NewRelicState:
    """`silent` and `traffic` are by application; "*" means every one.

    What holds the words `slow` in it takes too long to answer.
    """

    silent: dict[str, datetime] = field(default_factory=dict)
    traffic: dict[str, float] = field(default_factory=dict)
    """Requests a minute instead of the usual."""
    slow: str = ""
    markers: list[newrelic_changes.Marker] = field(default_factory=list)

    def view(self) -> dict[str, Any]:
        since = {app: at.isoformat() for app, at in self.silent.items()}
        changes = [each.row() for each in self.markers]
        return {
            "silent": since,
            "traffic": dict(self.traffic),
            "slow": self.slow,
            "changes": changes,
        }


def state() -> NewRelicState:
    """Everything reports, traffic is as usual."""
    return NewRelicState()


def routes(sim: Simulation) -> list[BaseRoute]:
    """The one NerdGraph endpoint."""

    async def graphql(request: Request) -> Response:
        key = request.headers.get("api-key", "")
        if key != sim.settings.newrelic_key:
            text = "Invalid or missing API key" if key else "An API-Key header is required"
            return _errors(text, status=401)
        try:
            said = await request.json()
        except ValueError:
            return _errors("the body is not JSON", status=400)
        failed: list[dict[str, Any]] = []
        try:
            found = {"data": {"actor": _actor(sim, said, failed)}}
        except Unsupported as error:
            return _errors(str(error), status=200)
        return JSONResponse(found | ({"errors": failed} if failed else {}))

    return [
        Route(path, graphql, methods=["POST"], name="nerdgraph")
        for path in ("/graphql", "/graphql/")
    ]


def _errors(text: str, *, status: int) -> JSONResponse:
    error = _error(text, "INVALID_INPUT" if status == 200 else "UNAUTHORIZED")
    return JSONResponse({"data": None, "errors": [error]}, status_code=status)


def _error(text: str, kind: str, *path: str) -> dict[str, Any]:
    told = {"message": text, "path": ["actor", "account", *path]}
    return told | {"extensions": {"errorClass": kind}}


def _actor(sim: Simulation, said: dict[str, Any], failed: list[dict[str, Any]]) -> dict[str, Any]:
    """Answers `user`, `account { name }` and every nrql call, aliased or not.

    One that fails is null and adds to `failed`; the others have their results.
    """
    query, variables = str(said.get("query") or ""), said.get("variables") or {}
    if "actor" not in query:
        raise Unsupported("unsupported query: only { actor { … } } is played here")
    actor: dict[str, Any] = {}
    if re.search(r"\buser\b", query):
        actor["user"] = {"name": "Tocsin", "email": "tocsin@demo.example"}
    account = ACCOUNT.search(query)
    if account is None:
        return actor
    number = _value(account.group(1), variables)
    if str(number) != str(sim.settings.newrelic_account):
        raise Unsupported(f"Account {number} not found or not accessible to this key")
    found: dict[str, Any] = {"id": sim.settings.newrelic_account, "name": "Demo Learning"}
    for call in CALL.finditer(query):
        arguments, alias = _arguments(query, call.end(), variables), call.group(1) or "nrql"
        nrql = str(arguments.get("query", ""))
        found[alias] = None
        if sim.newrelic.slow and sim.newrelic.slow in nrql:
            failed.append(_error(_TOO_SLOW, "TIMEOUT", alias))
            continue
        try:
            results = answer(sim, nrql)
        except Unsupported as error:
            failed.append(_error(str(error), "INVALID_INPUT", alias))
            continue
        found[alias] = {
            "results": results,
            "embeddedChartUrl": f"{sim.settings.url}/newrelic/chart",
        }
    actor["account"] = found
    return actor


def _arguments(query: str, start: int, variables: dict[str, Any]) -> dict[str, Any]:
    """What stands between the parentheses of an nrql call."""
    found: dict[str, Any] = {}
    at = start
    while match := ARGUMENT.match(query, at):
        found[match.group(1)] = _value(match.group(2), variables)
        at = match.end()
    return found


def _value(text: str, variables: dict[str, Any]) -> Any:
    if text.startswith("$"):
        return variables.get(text[1:])
    return json.loads(text) if text.startswith('"') else text


def answer(sim: Simulation, nrql: str) -> list[dict[str, Any]]:
    """The results of one query of the catalogue (`docs/sandbox-nrql.md`)."""
    text = " ".join(nrql.split())
    for rows in (newrelic_minutes.rows, newrelic_counts.rows, newrelic_changes.rows):
        found = rows(sim, text)
        if found is not None:
            return found
    raise Unsupported(f"unsupported query: {text[:200]}")


def control(sim: Simulation) -> list[BaseRoute]:
    """POST /newrelic/knobs {app?, silent: true|false|ISO time, traffic: "low"|"normal"|number, slow?}."""

    async def knobs(request: Request) -> JSONResponse:
        said = await request.json()
        app, relay = str(said.get("app", "*")), sim.newrelic
        match said.get("silent"):
            case True:
                relay.silent[app] = sim.clock.now()
            case False:
                relay.silent.pop(app, None)
            case str() as at:
                relay.silent[app] = datetime.fromisoformat(at)
        match said.get("traffic"):
            case "low":
                relay.traffic[app] = LOW_TRAFFIC
            case "normal":
                relay.traffic.pop(app, None)
            case int() | float() as count:
                relay.traffic[app] = float(count)
        relay.slow = str(said.get("slow", relay.slow))
        return JSONResponse(relay.view())

    return [
        Route("/newrelic/knobs", knobs, methods=["POST"]),
        *newrelic_changes.control(sim),
        *history_told.control(sim),
    ]
