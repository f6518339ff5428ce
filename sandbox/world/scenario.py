"""A scenario as written in YAML: what breaks, who is paged, what heals it and what does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.world.behaviour import Effect, Metric
from sandbox.world.conditions import Condition


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Something that happens by itself, `at` so many seconds after the start."""

    at: float
    set: Mapping[str, Any] = field(default_factory=dict)
    event: str = ""
    told: Mapping[str, Any] | None = None
    """What a CI job tells of a change: `service`, `summary`, `links`, and details by any name."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Drives metrics away from normal for as long as `when` holds."""

    id: str
    when: Condition
    effects: Mapping[str, Effect]
    ramp: float = 20.0
    recover: float = 45.0
    scale: str | None = None
    """A path whose percentage is the fault's full strength (share of traffic, say)."""
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A condition that pages once it held for `holds` seconds, and resolves when it is over."""

    id: str
    when: Condition
    service: str
    title: str
    holds: float = 60.0
    clears: float = 120.0
    """How long the condition must be over before PagerDuty is told so."""
    urgency: str = "high"
    priority: str | None = None
    environment: str = "production"
    metric: str | None = None
    threshold: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Move:
    """Something a responder may do to the world."""

    set: Mapping[str, Any]
    takes: float = 0.0
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """All of it; `facts` and `metrics` already include those of the quiet world."""

    id: str
    title: str
    story: str
    facts: Mapping[str, Any]
    metrics: Mapping[str, Metric]
    timeline: tuple[Moment, ...] = ()
    faults: tuple[Fault, ...] = ()
    alerts: tuple[Alert, ...] = ()
    wrong_moves: tuple[Move, ...] = ()
    solution: Move | None = None
    win: Condition | None = None
    hints: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()
    """The metrics that are shown beside the chat; the LMS's own where none is named."""
    tour: Mapping[str, str] = field(default_factory=dict)
    """What the tour says of this one: `breaks`, and how to `undo` it."""
    needs: str = ""
    """`aws`: has to be played beside the rest. `helm`: has to be installed for its last step."""
