"""A CI job of the world tells everybody who listens of a change that it made."""

from collections.abc import Mapping
from typing import Any

from sandbox import newrelic_changes
from sandbox.core.simulation import Simulation
from sandbox.pagerduty import incidents
from sandbox.pagerduty.changing import tell_change

CI = "ci.demo.example"


def tell(sim: Simulation, told: Mapping[str, Any]) -> None:
    """As pipelines do: a change event for PagerDuty's service, and a deployment marked in New Relic."""
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
    links = [str(each.get("href", "")) for each in told.get("links", ())]
    marked = {**details, "description": told["summary"], "deepLink": next(iter(links), "")}
    marked.pop("service")
    newrelic_changes.mark(sim, str(told["service"]), marked)
