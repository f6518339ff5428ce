"""Webhooks over real HTTP: on the disk before the 202, beside a server that only checks signatures."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import subprocess
import sys
import time

import aiohttp

from benchmarks.demo_world import living
from benchmarks.measured import Row, late, show
from tests.living import free_port, wait_for

CLIENTS, SECONDS = 64, 4.0
SECRET = b"pd-demo-webhook-secret"
PADDING = "x" * 3000

Took = list[float]


def main() -> None:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare_server", str(port)]
    bare = subprocess.Popen(command)
    try:
        url = f"http://127.0.0.1:{port}/webhooks/pagerduty"
        wait_for(lambda: _up(url), "the bare server")
        floor = asyncio.run(_load(url))
    finally:
        bare.terminate()
        bare.wait()
    with living() as life:
        ours = asyncio.run(_load(f"{life.bot.ports.tocsin}/webhooks/pagerduty"))
        life.bot.stop()
    show(
        "PagerDuty webhooks",
        [
            Row(
                what=f"stored before the 202, {CLIENTS} connections",
                measured=_told(ours),
                budget="≥ 1,000/s, p99 < 100 ms",
                floor=f"HMAC and 202 alone: {_told(floor)}",
            )
        ],
    )


def _told(took: Took) -> str:
    return f"{len(took) / SECONDS:,.0f}/s, p99 {late(took, 99) * 1000:.0f} ms"


async def _load(url: str) -> Took:
    took: Took = []
    connector = aiohttp.TCPConnector(limit=CLIENTS)
    async with aiohttp.ClientSession(connector=connector) as session:
        until = time.monotonic() + SECONDS
        await asyncio.gather(*(_client(session, url, n, until, took) for n in range(CLIENTS)))
    return took


async def _client(
    session: aiohttp.ClientSession, url: str, number: int, until: float, took: Took
) -> None:
    turn = 0
    while time.monotonic() < until:
        turn += 1
        body, headers = _signed(f"{number}-{turn}")
        began = time.perf_counter()
        async with session.post(url, data=body, headers=headers) as answer:
            await answer.read()
            assert answer.status == 202, answer.status
        took.append(time.perf_counter() - began)


def _signed(key: str) -> tuple[bytes, dict[str, str]]:
    told = {"id": key, "event_type": "pagey.ping", "data": {"message": PADDING}}
    body = json.dumps({"event": told}).encode()
    digest = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    return body, {"X-PagerDuty-Signature": f"v1={digest}", "X-Webhook-Id": key}


def _up(url: str) -> bool:
    try:
        asyncio.run(_one(url))
    except aiohttp.ClientError:
        return False
    return True


async def _one(url: str) -> None:
    body, headers = _signed("first")
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers):
        pass
