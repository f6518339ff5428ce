"""PagerDuty, as far as an incident bot uses it."""

from starlette.routing import BaseRoute

from sandbox.core.simulation import Simulation
from sandbox.pagerduty import account_routes, incident_routes, paging, webhooks
from sandbox.pagerduty.seed import state
from sandbox.pagerduty.view import control, dump

__all__ = ["control", "dump", "routes", "start", "state"]


def routes(sim: Simulation) -> list[BaseRoute]:
    return [*incident_routes.routes(sim), *account_routes.routes(sim)]


def start(sim: Simulation) -> None:
    """Arm escalations and take up the webhooks that are still owed."""
    for incident in sim.pagerduty.incidents.values():
        paging.arm(sim, incident)
    webhooks.start(sim)
