"""A CI job of the world tells everybody who listens of a change that it made."""

from collections.abc import Mapping
from typing import Any

from sandbox.core.simulation import Simulation
from sandbox.pagerduty import incidents
from sandbox.pagerduty.changing import tell_change

CI = "ci.demo.example"


def tell(sim: Simulation, told: Mapping[str, Any]) -> None:
    """As pipelines do: a change event to PagerDuty's service, with what they know as details."""
    details = {name: said for name, said in told.items() if name not in ("summary", "links")}
    service = incidents.service_for(sim, str(told["service"]))
    tell_change(
        sim,
        summary=str(told["summary"]),
        services=[service.id],
        source=CI,
        links=told.get("links", ()),
        details=details,
    )
