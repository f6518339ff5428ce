"""Slack's rate limits: a bucket per method tier, and one message a second per channel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sandbox.slack.documented import METHODS
from sandbox.slack.wire import RateLimited

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
MESSAGE_BURST = 5


def spend(sim: Simulation, method: str, channel: str) -> None:
    """Take one token for this call, or say when there will be one."""
    if not sim.settings.strict:
        return
    if method in ("chat.postMessage", "files.completeUploadExternal") and channel:
        _take(sim, f"message:{channel}", capacity=MESSAGE_BURST, per_second=1.0)
    allowed = PER_MINUTE.get(METHODS[method].tier)
    if allowed:
        _take(sim, f"tier:{method}", capacity=allowed, per_second=allowed / 60)


def _take(sim: Simulation, bucket: str, *, capacity: int, per_second: float) -> None:
    now = sim.clock.now().timestamp()
    tokens, at = sim.slack.buckets.get(bucket, (float(capacity), now))
    tokens = min(float(capacity), tokens + max(0.0, now - at) * per_second)
    if tokens < 1:
        sim.slack.buckets[bucket] = (tokens, now)
        raise RateLimited(max(1, math.ceil((1 - tokens) / per_second)))
    sim.slack.buckets[bucket] = (tokens - 1, now)
