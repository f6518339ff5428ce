"""How long from a page's delivery until its channel stands with the pinned card."""

from __future__ import annotations

import statistics
import time

import httpx

from benchmarks.demo_world import calls, ended, living
from benchmarks.measured import Row, show
from tests.living import Life

LATENCY = 80
SERVICES = ("lms", "payments", "forums", "identity", "grading", "video-pipeline", "notes")


def main() -> None:
    with living(latency=LATENCY) as life:
        floor = three_round_trips(life)
        took = [opened(life, service) for service in SERVICES]
    measured = f"median {statistics.median(took):.2f} s, worst {max(took):.2f} s of {len(took)}"
    show(
        "A page on an idle bot",
        [
            Row(
                what=f"page → channel with pinned card, Slack at {LATENCY} ms",
                measured=measured,
                budget="≤ 0.35 s",
                floor=f"three Slack calls {floor:.2f} s",
            )
        ],
    )


def opened(life: Life, service: str) -> float:
    """From the webhook's sending to the answer of the pin."""
    before = len(calls(life, "pins.add"))
    page = life.world.page(service=service, title=f"{service} is unwell")
    life.until(lambda: len(calls(life, "pins.add")) > before, "the pin")
    life.settle(30)
    sent = [
        one
        for one in life.world.log(system="pagerduty", name="incident.triggered")
        if one["request"]["event"]["data"]["id"] == page["id"]
    ]
    return ended(calls(life, "pins.add")[-1]) - float(sent[0]["wall"])


def three_round_trips(life: Life) -> float:
    """On one open connection, nothing in between."""
    url = f"{life.world.ports.world}/slack/api/auth.test"
    with httpx.Client(headers={"Authorization": "Bearer xoxb-demo"}) as client:
        client.post(url)
        took = []
        for _ in range(5):
            began = time.perf_counter()
            for _call in range(3):
                client.post(url)
            took.append(time.perf_counter() - began)
    return statistics.median(took)
