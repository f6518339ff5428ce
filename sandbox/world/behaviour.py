"""How a metric behaves: a base, repeatable noise, and faults that come and go gradually."""

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

NOISE_STEP = 15.0
"""Seconds between two independent noise values; between them it is interpolated."""

SETTLED = 3.0
"""`ramp` and `recover` name the time to about 95%: three time constants of a first-order lag."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric while nothing is wrong; `noise` is a share of `base`."""

    name: str
    base: float
    noise: float = 0.05
    minimum: float = 0.0
    maximum: float | None = None
    unit: str = ""
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a fault at full strength does to a metric."""

    add: float = 0.0
    times: float = 1.0

    def on(self, value: float, strength: float) -> float:
        return value * (1 + (self.times - 1) * strength) + self.add * strength


@dataclass(kw_only=True)
class Episode:
    """One fault's history: from when on it was driven to which level (1 = full, 0 = gone)."""

    fault: str
    effects: Mapping[str, Effect]
    ramp: float
    recover: float
    levels: list[tuple[datetime, float]] = field(default_factory=list)

    @property
    def level(self) -> float:
        return self.levels[-1][1] if self.levels else 0.0

    def drive(self, at: datetime, level: float) -> bool:
        """True when this is a change."""
        if level == self.level:
            return False
        self.levels.append((at, level))
        return True

    def strength(self, at: datetime) -> float:
        """Where the lag has got to; any past moment can be asked."""
        strength = 0.0
        for index, (since, level) in enumerate(self.levels):
            if since > at:
                break
            last = index + 1 == len(self.levels)
            until = at if last else min(at, self.levels[index + 1][0])
            lag = max(0.001, (self.ramp if level > strength else self.recover) / SETTLED)
            gone = math.exp(-(until - since).total_seconds() / lag)
            strength = level + (strength - level) * gone
        return strength


def noise(seed: int, name: str, at: datetime) -> float:
    """Between -1 and 1, smooth, and the same for the same arguments on every machine."""
    position = at.timestamp() / NOISE_STEP
    step = math.floor(position)
    part = position - step
    return (1 - part) * _dot(seed, name, step) + part * _dot(seed, name, step + 1)


def value(metric: Metric, at: datetime, *, seed: int, episodes: Iterable[Episode]) -> float:
    found = metric.base * (1 + metric.noise * noise(seed, metric.name, at))
    for episode in episodes:
        effect = episode.effects.get(metric.name)
        if effect is not None:
            found = effect.on(found, episode.strength(at))
    if metric.maximum is not None:
        found = min(found, metric.maximum)
    return round(max(found, metric.minimum), 4)


def _dot(seed: int, name: str, step: int) -> float:
    digest = hashlib.blake2b(f"{seed}:{name}:{step}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 0x7FFFFFFF - 1
