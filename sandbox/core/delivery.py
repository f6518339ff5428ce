"""Outgoing, signed HTTP to the bot, with the faults that befall deliveries."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp

from sandbox.core.faults import Do, Rule
from sandbox.core.simulation import Simulation
from sandbox.core.traffic import Record

HELD = 0.4
"""For how many real seconds a reordered delivery waits for a later one to overtake it."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A delivery to make. `sign` gets the seconds by which the sender's clock is wrong."""

    name: str
    url: str
    body: bytes
    sign: Callable[[float], Mapping[str, str]]
    headers: Mapping[str, str] = field(default_factory=dict)
    shown: Any = None
    """What the log shows of the body."""
    timeout: timedelta = timedelta(seconds=3)
    key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: `error` is "timeout" or "connection" when `status` is None."""

    status: int | None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    ms: float = 0.0
    error: str | None = None


async def deliver(sim: Simulation, system: str, request: Outgoing) -> Answer:
    """Send one delivery and wait for the bot's answer; retries are the caller's business."""
    rule = sim.faults.consult("delivery", system, name=request.name, path=_path(request.url))
    with sim.idle.work(f"{system} {request.name}"):
        if rule is not None and rule.do is Do.DUPLICATE:
            await _send(sim, system, request, rule=rule)
            rule = None
        return await _send(sim, system, request, rule=rule)


async def _send(sim: Simulation, system: str, request: Outgoing, *, rule: Rule | None) -> Answer:
    if rule is not None and rule.do is Do.REORDER:
        await asyncio.sleep(rule.ms / 1000 if rule.ms else HELD)
    record = sim.traffic.record(
        kind="delivery",
        system=system,
        path=_path(request.url),
        name=request.name,
        request=request.shown,
        fault=rule and str(rule.do),
        key=request.key,
    )
    began = time.perf_counter()
    answer = await _exchange(sim, request, rule)
    ms = round((time.perf_counter() - began) * 1000, 2)
    _note(record, answer, ms)
    return Answer(
        status=answer.status, body=answer.body, headers=answer.headers, ms=ms, error=answer.error
    )


async def _exchange(sim: Simulation, request: Outgoing, rule: Rule | None) -> Answer:
    match rule.do if rule else None:
        case Do.DROP_REQUEST | Do.REFUSE | Do.RESET:
            return Answer(status=None, error="connection")
        case Do.LATENCY if rule:
            await asyncio.sleep((rule.ms or 1000) / 1000)
        case _:
            pass
    answer = await _post(sim, request, _signed(request, rule))
    if rule is not None and rule.do is Do.DROP_RESPONSE:
        return Answer(status=None, error="connection")
    return answer


def _signed(request: Outgoing, rule: Rule | None) -> dict[str, str]:
    skew = (rule.ms or -600_000) / 1000 if rule and rule.do is Do.CLOCK_SKEW else 0.0
    signed = dict(request.sign(skew))
    if rule is not None and rule.do is Do.BAD_SIGNATURE:
        signed = {name: _spoiled(value) for name, value in signed.items()}
    return {**request.headers, **signed}


def _spoiled(value: str) -> str:
    """A signature of the right form that matches nothing; a timestamp stays as it is."""
    scheme, mark, digest = value.partition("=")
    return f"{scheme}={digest[::-1]}" if mark else value


async def _post(sim: Simulation, request: Outgoing, headers: Mapping[str, str]) -> Answer:
    limit = aiohttp.ClientTimeout(total=request.timeout.total_seconds())
    try:
        async with sim.http.post(
            request.url, data=request.body, headers=headers, timeout=limit, allow_redirects=False
        ) as response:
            body = await response.read()
            return Answer(status=response.status, body=body, headers=dict(response.headers))
    except TimeoutError:
        return Answer(status=None, error="timeout")
    except (aiohttp.ClientError, OSError):
        return Answer(status=None, error="connection")


def _note(record: Record, answer: Answer, ms: float) -> None:
    record.ms = ms
    record.status = answer.status
    record.response = answer.error or answer.body[:2000].decode("utf-8", "replace") or None


def _path(url: str) -> str:
    return "/" + url.split("://", 1)[-1].partition("/")[2]
