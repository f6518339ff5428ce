"""One name for several ways to do the same: pods or machines, by where the service runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused
from bot.domain.mitigation import (
    Cleared,
    Look,
    Offer,
    Plan,
    Ready,
    Receipt,
    Seen,
    StillThere,
    Waiting,
)
from bot.mitigations.own_plan import place_of
from bot.tools import Mitigation, Tools


def by_name(ways: Iterable[Mitigation]) -> list[Mitigation]:
    """Each name once; what several ways share is one mitigation."""
    known: dict[str, list[Mitigation]] = {}
    for each in ways:
        known.setdefault(each.name, []).append(each)
    return [found[0] if len(found) == 1 else ByPlace(found) for found in known.values()]


class ByPlace:
    """The first way that fits where it runs; an older plan finds the way that made it."""

    def __init__(self, ways: list[Mitigation]) -> None:
        self._ways = ways
        self.name, self.label = ways[0].name, ways[0].label
        self.free = " or ".join(dict.fromkeys(each.free for each in ways if each.free))

    def fits(self, deployment: Deployment) -> bool:
        return any(each.fits(deployment) for each in self._ways)

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        return self._way(deployment).offers(tools, deployment, before=before)

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        return self._way(deployment).plan(tools, deployment, target)

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return self._of(tools, plan).prepare(tools, plan, attempt)

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        return self._of(tools, plan).execute(tools, plan, attempt)

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        return self._of(tools, plan).look(tools, plan, attempt)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        return self._of(tools, plan).verify(tools, plan, receipt)

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        return self._of(tools, plan).undo(tools, plan, receipt)

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        return self._of(tools, plan).leftover(tools, plan)

    def put_back(self, tools: Tools, plan: Plan) -> None:
        self._of(tools, plan).put_back(tools, plan)

    def _way(self, deployment: Deployment) -> Mitigation:
        found = next((each for each in self._ways if each.fits(deployment)), None)
        if found is None:
            raise Refused(f"{self.label} has no way that fits {deployment.ref}.")
        return found

    def _of(self, tools: Tools, plan: Plan) -> Mitigation:
        return self._way(place_of(tools, plan))
