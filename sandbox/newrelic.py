"""Plays New Relic: NerdGraph with a fixed catalogue of NRQL, answered from the world's metrics."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox import newrelic_changes
from sandbox.core.simulation import Simulation

MINUTE = timedelta(minutes=1)
LOW_TRAFFIC = 2.4
LONGEST = timedelta(days=8)
NORMAL = {"requests_per_min": 400.0, "error_pct": 0.2, "p95_ms": 210.0}
WINDOW = r"SINCE (?P<since>\d{13}) UNTIL (?P<until>\d{13})"
APP = r"appName ?= ?'(?P<app>[\w-]+)'"
SERIES = r"(?P<series> TIMESERIES 1 minute)?"
ERRORS = re.compile(
    r"SELECT count\(\*\) AS total, filter\(count\(\*\), WHERE error IS true\) AS bad "
    rf"FROM Transaction WHERE {APP} {WINDOW}{SERIES}"
)
P95 = re.compile(
    rf"SELECT percentile\(duration, 95\) AS p95 FROM Transaction WHERE {APP} {WINDOW}{SERIES}"
)
CLASSES = re.compile(
    rf"SELECT count\(\*\) FROM TransactionError WHERE {APP} "
    rf"FACET error\.class, error\.message {WINDOW} LIMIT (?P<limit>\d+)"
)
CALL = re.compile(r"(?:(\w+)\s*:\s*)?nrql\s*\(")
ACCOUNT = re.compile(r"account\s*\(\s*id\s*:\s*(\$?\w+)\s*\)")
ARGUMENT = re.compile(r'(\w+)\s*:\s*("(?:[^"\\]|\\.)*"|\$?[\w.]+)\s*,?\s*')


class Unsupported(ValueError):
    """A query outside the catalogue; the text is what NerdGraph's errors[] carries."""


@dataclass(kw_only=True)
class NewRelicState:
    """`silent` and `traffic` are by application; "*" means every one."""

    silent: dict[str, datetime] = field(default_factory=dict)
    traffic: dict[str, float] = field(default_factory=dict)
    """Requests a minute instead of the usual."""
    markers: list[newrelic_changes.Marker] = field(default_factory=list)

    def view(self) -> dict[str, Any]:
        since = {app: at.isoformat() for app, at in self.silent.items()}
        changes = [each.row() for each in self.markers]
        return {"silent": since, "traffic": dict(self.traffic), "changes": changes}


@dataclass(frozen=True, kw_only=True)
class Minute:
    """What one bucket saw; p95 in seconds, None without requests."""

    begin: datetime
    end: datetime
    total: int
    bad: int
    p95: float | None


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
        try:
            return JSONResponse({"data": {"actor": _actor(sim, said)}})
        except Unsupported as error:
            return _errors(str(error), status=200)

    return [
        Route(path, graphql, methods=["POST"], name="nerdgraph")
        for path in ("/graphql", "/graphql/")
    ]


def _errors(text: str, *, status: int) -> JSONResponse:
    error: dict[str, Any] = {"message": text, "path": ["actor", "account", "nrql"]}
    error["extensions"] = {"errorClass": "INVALID_INPUT" if status == 200 else "UNAUTHORIZED"}
    return JSONResponse({"data": None, "errors": [error]}, status_code=status)


def _actor(sim: Simulation, said: dict[str, Any]) -> dict[str, Any]:
    """Answers `user`, `account { name }` and every nrql call, aliased or not."""
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
        arguments = _arguments(query, call.end(), variables)
        results = answer(sim, str(arguments.get("query", "")))
        found[call.group(1) or "nrql"] = {
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
    if match := ERRORS.fullmatch(text):
        return _error_rows(_minutes(sim, match), series=bool(match["series"]))
    if match := P95.fullmatch(text):
        return _p95_rows(_minutes(sim, match), series=bool(match["series"]))
    if match := CLASSES.fullmatch(text):
        return _class_rows(sim, match)
    if match := newrelic_changes.QUERY.fullmatch(text):
        return newrelic_changes.rows(sim, match)
    raise Unsupported(f"unsupported query: {text[:200]}")


def _error_rows(minutes: list[Minute], *, series: bool) -> list[dict[str, Any]]:
    if series:
        return [_timed(m) | {"total": m.total, "bad": m.bad} for m in minutes]
    return [{"total": sum(m.total for m in minutes), "bad": sum(m.bad for m in minutes)}]


def _p95_rows(minutes: list[Minute], *, series: bool) -> list[dict[str, Any]]:
    if series:
        return [_timed(m) | {"p95": {"95": m.p95}} for m in minutes]
    seen = [(m.p95, m.total) for m in minutes if m.p95 is not None]
    weight = sum(total for _, total in seen)
    value = round(sum(p95 * total for p95, total in seen) / weight, 4) if weight else None
    return [{"p95": {"95": value}}]


def _class_rows(sim: Simulation, match: re.Match[str]) -> list[dict[str, Any]]:
    """The scenario's own error first, as far as it is above the usual noise."""
    minutes = _minutes(sim, match)
    bad, total = sum(m.bad for m in minutes), sum(m.total for m in minutes)
    usual = min(bad, round(total * NORMAL["error_pct"] / 100))
    rows: list[tuple[str, str, int]] = [("TimeoutError", "upstream timed out", usual)]
    for log in sim.world.evidence("logs"):
        if str(log.get("service", "")).removesuffix("-web") == match["app"]:
            name, _, text = str(log.get("text", "")).partition(": ")
            rows.insert(0, (name, text, bad - usual))
            break
    return [
        {"facet": [name, text], "error.class": name, "error.message": text, "count": count}
        for name, text, count in rows[: int(match["limit"])]
        if count > 0
    ]


def _timed(minute: Minute) -> dict[str, Any]:
    return {
        "beginTimeSeconds": int(minute.begin.timestamp()),
        "endTimeSeconds": int(minute.end.timestamp()),
    }


def _minutes(sim: Simulation, match: re.Match[str]) -> list[Minute]:
    """The window cut into minutes from its beginning; the future saw nothing."""
    since, until = (_moment(match[key]) for key in ("since", "until"))
    if not timedelta() < until - since <= LONGEST:
        raise Unsupported("unsupported query: the window must be positive and at most 8 days")
    found: list[Minute] = []
    while since < until:
        end = min(since + MINUTE, until)
        found.append(_minute(sim, match["app"], begin=since, end=end))
        since = end
    return found


def _moment(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _minute(sim: Simulation, app: str, *, begin: datetime, end: datetime) -> Minute:
    relay: NewRelicState = sim.newrelic
    silent = relay.silent.get(app, relay.silent.get("*"))
    seen = min([end, sim.clock.now(), *([silent] if silent else [])])
    share = max(0.0, (seen - begin) / MINUTE)
    middle = begin + max(timedelta(), seen - begin) / 2
    dice = random.Random(f"{sim.world.seed}/{app}/{int(begin.timestamp())}")
    usual = relay.traffic.get(app, relay.traffic.get("*"))
    if usual is None:
        usual = _metric(sim, app, "requests_per_min", at=middle)
    total = _whole(usual * share, dice)
    wrong = _metric(sim, app, "error_pct", at=middle)
    bad = min(total, _whole(total * wrong / 100, dice))
    latency = _metric(sim, app, "p95_ms", at=middle) / 1000
    return Minute(
        begin=begin, end=end, total=total, bad=bad, p95=round(latency, 4) if total else None
    )


def _whole(value: float, dice: random.Random) -> int:
    """Rounded so that small numbers stay right on average."""
    return int(value) + (dice.random() < value - int(value))


def _metric(sim: Simulation, app: str, kind: str, *, at: datetime) -> float:
    """The world's own metric; a service that the world says nothing about is well."""
    known = sim.world.metric_names()
    for name in (f"{app}-web.{kind}", f"{app}.{kind}"):
        if name in known:
            return sim.world.metric(name, at)
    return NORMAL[kind]


def control(sim: Simulation) -> list[BaseRoute]:
    """POST /newrelic/knobs {app?, silent: true|false|ISO time, traffic: "low"|"normal"|number}."""

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
        return JSONResponse(relay.view())

    return [
        Route("/newrelic/knobs", knobs, methods=["POST"]),
        *newrelic_changes.control(sim),
    ]
