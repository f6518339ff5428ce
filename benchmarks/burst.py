"""A hundred people declare at once: who is answered in time, and how fast the channels come."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from benchmarks.demo_world import calls, ended, living
from benchmarks.measured import Row, show
from tests.living import Life

LATENCY, DECLARED = 80, 100
PEOPLE = ("ana", "ben", "kenji", "maya", "tom", "rita")
MINUTE = 60.0
SIDE_BY_SIDE = 24
PATIENCE = 60.0


def main() -> None:
    with living(latency=LATENCY) as life:
        bare = DECLARED / alone(life) * 60
        acks, _channels = burst(life, until=lambda: len(calls(life, "pins.add")) >= DECLARED)
        pins = calls(life, "pins.add")
        took = max(map(ended, pins)) - first(life)
        free = Row(
            what=f"{DECLARED} declared at once, {LATENCY} ms, Slack's limits off",
            measured=f"{len(pins) / took * 60:,.0f} incidents/min; {late(acks)} acks over 3 s",
            budget="≥ 3,000/min, no ack over 3 s",
            floor=f"their {3 * DECLARED} Slack calls alone: {bare:,.0f}/min",
        )
    with living(latency=LATENCY, strict=True) as life:
        began = time.monotonic()
        acks, channels = burst(life, until=lambda: time.monotonic() - began > MINUTE)
        stored = life.bot.metric('tocsin_inputs_total{outcome="stored"}')
        limited = Row(
            what=f"the same with Slack's limits on ({DECLARED} in the first minute)",
            measured=f"last ack after {max(acks):.2f} s; {channels} channels; {stored:.0f} stored",
            budget="stored and acked within 1 s, 20 channels/min, none lost",
            floor="conversations.create: 20 at once, then 20/min",
        )
    show("A burst", [free, limited])


def burst(life: Life, *, until: Callable[[], bool]) -> tuple[list[float], int]:
    """How long each declarer waited for the answer, and how many channels there were in the end."""

    def declare(number: int) -> float:
        words = f"/incident learners of school {number} cannot log in"
        who = PEOPLE[number % len(PEOPLE)]
        answer = life.world.act("command", who, channel="general", text=words)
        return float(answer["ms"]) / 1000 if answer["ok"] else 99.0

    with ThreadPoolExecutor(DECLARED) as people:
        acks = list(people.map(declare, range(DECLARED)))
    life.until(until, "the burst to be worked off", PATIENCE + MINUTE)
    return acks, len(calls(life, "conversations.create"))


def alone(life: Life) -> float:
    """Three calls one after the other for each incident, as many side by side as reactions run."""
    url = f"{life.world.ports.world}/slack/api/auth.test"
    with httpx.Client(headers={"Authorization": "Bearer xoxb-demo"}) as client:

        def three(_number: int) -> None:
            for _call in range(3):
                client.post(url)

        began = time.perf_counter()
        with ThreadPoolExecutor(SIDE_BY_SIDE) as callers:
            list(callers.map(three, range(DECLARED)))
        return time.perf_counter() - began


def first(life: Life) -> float:
    return min(float(one["wall"]) for one in life.world.log(system="slack", name="command"))


def late(acks: list[float]) -> int:
    return sum(took > 3 for took in acks)
