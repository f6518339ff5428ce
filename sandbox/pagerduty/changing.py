"""Change events: what a CI job sends to PagerDuty when it changed something."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sandbox.core.simulation import Simulation
from sandbox.pagerduty.record import new_id
from sandbox.pagerduty.state import ChangeEvent


def tell_change(
    sim: Simulation,
    *,
    summary: str,
    services: Iterable[str],
    timestamp: datetime | None = None,
    source: str = "",
    links: Iterable[dict[str, str]] = (),
    details: Mapping[str, Any] | None = None,
) -> ChangeEvent:
    """Now, unless it says when it happened. `services` are ids."""
    made = ChangeEvent(
        id=new_id(sim, "change"),
        summary=summary[:1024],
        timestamp=timestamp or sim.clock.now(),
        services=tuple(services),
        source=source,
        links=list(links),
        details=dict(details or {}),
    )
    sim.pagerduty.changes.append(made)
    return made
