"""The control API of the demo world, under /_sandbox: scenarios, time, faults, state and log."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route

from sandbox import systems
from sandbox.core.faults import BadRule
from sandbox.core.jsonable import jsonable
from sandbox.core.simulation import Simulation
from sandbox.slack import acting
from sandbox.world import engine, loader
from sandbox.world.loader import BadScenario

Answering = Callable[[Simulation, Request], Awaitable[Any]]


class BadCall(ValueError):
    """A call that cannot be understood; the text says why."""


def routes(sim: Simulation) -> list[BaseRoute]:
    table: list[tuple[str, Answering]] = [
        ("GET /scenarios", scenarios),
        ("POST /scenario", scenario),
        ("POST /hint", hint),
        ("POST /reset", reset),
        ("GET /clock", clock),
        ("POST /clock", set_clock),
        ("GET /faults", faults),
        ("POST /faults", add_fault),
        ("DELETE /faults", clear_faults),
        ("POST /world", change_world),
        ("GET /metrics", metrics),
        ("GET /state", state),
        ("GET /log", log),
        ("GET /idle", idle),
    ]
    found: list[BaseRoute] = [_route(sim, verb_path, answer) for verb_path, answer in table]
    for each in systems.SYSTEMS.values():
        if hasattr(each, "control"):
            found.extend(each.control(sim))
    found.append(Mount("/act", routes=acting.routes(sim)))
    return found


def _route(sim: Simulation, verb_path: str, answering: Answering) -> Route:
    verb, path = verb_path.split(" ")

    async def answer(request: Request) -> JSONResponse:
        try:
            return JSONResponse(await answering(sim, request))
        except (BadCall, BadRule, BadScenario) as wrong:
            return JSONResponse({"error": str(wrong)}, 400)

    return Route(path, answer, methods=[verb])


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if not raw:
        return {}
    try:
        found = await request.json()
    except ValueError:
        raise BadCall("the body is not JSON") from None
    if not isinstance(found, dict):
        raise BadCall("the body must be a JSON object")
    return found


async def scenarios(sim: Simulation, request: Request) -> Any:
    found = [loader.load(name) for name in loader.names()]
    return {
        "scenarios": [
            {
                "id": each.id,
                "title": each.title,
                "story": each.story,
                "missing": engine.missing(sim, each),
                "advice": engine.advice(each),
            }
            for each in found
        ]
    }


async def scenario(sim: Simulation, request: Request) -> Any:
    asked = await _body(request)
    if not asked.get("id"):
        raise BadCall(f"`id` is required; there are: {', '.join(loader.names())}")
    if lacks := engine.missing(sim, loader.load(str(asked["id"]))):
        raise BadCall(lacks)
    engine.play(sim, str(asked["id"]), speed=_optional_number(asked, "speed"))
    return {"scenario": engine.described(sim), "clock": _clock(sim)}


async def hint(sim: Simulation, request: Request) -> Any:
    return {"hint": engine.hint(sim)}


async def reset(sim: Simulation, request: Request) -> Any:
    asked = await _body(request)
    systems.reset(sim, keep_clock=bool(asked.get("keep_clock")))
    return {"ok": True, "clock": _clock(sim)}


async def clock(sim: Simulation, request: Request) -> Any:
    if "after" in request.query_params:
        version = int(_number(request, "after", 0))
        sim.clock.seen = version
        await sim.clock.changed(version, _number(request, "timeout", 20))
    return _clock(sim)


async def set_clock(sim: Simulation, request: Request) -> Any:
    asked = await _body(request)
    if unknown := sorted(set(asked) - {"now", "advance", "speed", "paused"}):
        raise BadCall(f"unknown: {', '.join(unknown)}")
    if asked.get("paused") is True:
        sim.clock.pause()
    if (speed := _optional_number(asked, "speed")) is not None:
        sim.clock.set_speed(speed)
    if "now" in asked:
        sim.clock.move_to(_moment(asked["now"]))
    if (seconds := _optional_number(asked, "advance")) is not None:
        sim.clock.move(seconds)
    if asked.get("paused") is False:
        sim.clock.resume()
    sim.changes.publish("clock", _clock(sim))
    return _clock(sim)


def _clock(sim: Simulation) -> dict[str, Any]:
    return {
        "now": sim.clock.now().isoformat(),
        "speed": sim.clock.speed,
        "paused": sim.clock.paused,
        "version": sim.clock.version,
        "seen": sim.clock.seen,
    }


async def faults(sim: Simulation, request: Request) -> Any:
    return {"faults": [rule.as_json() for rule in sim.faults.rules]}


async def add_fault(sim: Simulation, request: Request) -> Any:
    asked = await _body(request)
    return {"fault": sim.faults.add(asked.get("rule", asked)).as_json()}


async def clear_faults(sim: Simulation, request: Request) -> Any:
    sim.faults.clear()
    return {"faults": []}


async def change_world(sim: Simulation, request: Request) -> Any:
    asked = await _body(request)
    changes = asked.get("set")
    if not isinstance(changes, dict):
        raise BadCall('expected {"set": {path: value}, "after": seconds}')
    engine.apply(sim, changes, after=_optional_number(asked, "after") or 0)
    return {"world": sim.world.facts}


async def metrics(sim: Simulation, request: Request) -> Any:
    """Each metric's last minutes, one value per `step` seconds, oldest first."""
    minutes, step = _number(request, "minutes", 10), _number(request, "step", 15)
    if step <= 0 or minutes < 0 or minutes * 60 / step > 2000:
        raise BadCall("at most 2000 values, and a step above 0")
    names = request.query_params.getlist("name") or sim.world.metric_names()
    if unknown := sorted(set(names) - set(sim.world.metric_names())):
        raise BadCall(f"unknown metric: {', '.join(unknown)}")
    now, points = sim.clock.now(), int(minutes * 60 / step) + 1
    return {
        "until": now.isoformat(),
        "step": step,
        "metrics": {
            name: sim.world.series(name, until=now, points=points, step=timedelta(seconds=step))
            for name in names
        },
    }


async def state(sim: Simulation, request: Request) -> Any:
    return {
        "clock": _clock(sim),
        "scenario": engine.described(sim),
        "world": {
            "facts": sim.world.facts,
            "metrics": {name: sim.world.metric(name) for name in sim.world.metric_names()},
        },
        **systems.dump(sim),
    }


async def log(sim: Simulation, request: Request) -> Any:
    query = request.query_params
    found = sim.traffic.after(
        int(_number(request, "after", 0)), system=query.get("system"), name=query.get("name")
    )
    return {"records": [jsonable(each) for each in found]}


async def idle(sim: Simulation, request: Request) -> Any:
    done = await sim.idle.wait(_number(request, "timeout", 5), _number(request, "quiet", 0.25))
    return {"idle": done, "under_way": sim.idle.under_way}


def _number(request: Request, name: str, default: float) -> float:
    given = request.query_params.get(name)
    try:
        return default if given is None else float(given)
    except ValueError:
        raise BadCall(f"`{name}` must be a number") from None


def _optional_number(asked: dict[str, Any], name: str) -> float | None:
    given = asked.get(name)
    if given is not None and (isinstance(given, bool) or not isinstance(given, int | float)):
        raise BadCall(f"`{name}` must be a number")
    return given


def _moment(given: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(given))
    except ValueError:
        raise BadCall("`now` must be an ISO 8601 time") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
