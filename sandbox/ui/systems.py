"""The other simulated systems at a glance: one line each, read from their states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sandbox.core.simulation import Simulation

Row = tuple[str, str, str, str]
_WORST = ("major_outage", "partial_outage", "degraded_performance", "under_maintenance")


def glances(sim: Simulation) -> Iterator[Row]:
    """(tab, name, state, words); a system that is not played is left out."""
    if sim.pagerduty is not None:
        yield _pagerduty(sim)
    if sim.argocd is not None:
        yield _argocd(sim)
    if sim.statuspage is not None:
        yield _statuspage(sim)
    if sim.jira is not None or sim.github is not None:
        yield _tickets(sim)
    written = len(postmortems(sim))
    words = f"{written} written" if written else "none yet"
    yield "postmortems", "Postmortems", "good" if written else "idle", words


def postmortems(sim: Simulation) -> list[str]:
    """The postmortem branches, without asking git: this runs every second."""
    place = getattr(sim.git, "path", None)
    if not place:
        return []
    folder = Path(place) / "refs" / "heads"
    loose = (p for p in (folder / "postmortem").rglob("*") if p.is_file())
    found = {p.relative_to(folder).as_posix() for p in loose if p.suffix != ".lock"}
    packed = Path(place) / "packed-refs"
    if packed.is_file():
        names = (line.partition(" refs/heads/")[2] for line in packed.read_text().splitlines())
        found |= {name for name in names if name.startswith("postmortem/")}
    return sorted(found)


def shown(state: Any) -> Mapping[str, Any]:
    """What a system shows of itself, empty while it is not played."""
    return state.view() if hasattr(state, "view") else {}


def _pagerduty(sim: Simulation) -> Row:
    incidents = sim.pagerduty.incidents.values()
    triggered = sum(i.status == "triggered" for i in incidents)
    acknowledged = sum(i.status == "acknowledged" for i in incidents)
    if triggered:
        return "pagerduty", "PagerDuty", "bad", f"{triggered} paging"
    if acknowledged:
        return "pagerduty", "PagerDuty", "warn", f"{acknowledged} acknowledged"
    return "pagerduty", "PagerDuty", "good", "nobody paged"


def _argocd(sim: Simulation) -> Row:
    apps = sim.argocd.apps
    moving = [name for name, app in apps.items() if app.operation is not None]
    paused = [name for name, app in apps.items() if not app.automated and app.history]
    sick = [name for name, app in apps.items() if app.health not in ("Healthy", "Progressing")]
    if moving:
        return "argocd", "Argo CD", "warn", f"{moving[0]} is moving"
    if sick:
        return "argocd", "Argo CD", "bad", f"{sick[0]} degraded"
    if paused:
        return "argocd", "Argo CD", "warn", f"{paused[0]}: auto-sync off"
    return "argocd", "Argo CD", "good", f"{len(apps)} apps"


def _statuspage(sim: Simulation) -> Row:
    facts = shown(sim.statuspage)
    states = {str(c.get("status")) for c in rows(facts.get("components"))}
    worst = next((word for word in _WORST if word in states), None)
    if worst:
        return "statuspage", "Status page", "bad", worst.replace("_", " ")
    open_ones = [i for i in rows(facts.get("incidents")) if not _over(i)]
    if open_ones:
        return "statuspage", "Status page", "warn", f"{len(open_ones)} open"
    return "statuspage", "Status page", "good", "all operational"


def _over(incident: Mapping[str, Any]) -> bool:
    return incident.get("status") in ("resolved", "postmortem", "completed")


def _tickets(sim: Simulation) -> Row:
    tickets = len(rows(shown(sim.jira).get("tickets")))
    pulls = sum(
        pull.get("state") == "open"
        for place in shown(sim.github).values()
        for pull in rows(place.get("pulls"))
    )
    words = f"{tickets} ticket{'s' * (tickets != 1)}, {pulls} pull{'s' * (pulls != 1)}"
    return "tickets", "Tickets and pulls", "good" if tickets or pulls else "idle", words


def rows(found: Any) -> list[Mapping[str, Any]]:
    """A list or a dict of things, as a list of things."""
    if isinstance(found, Mapping):
        return [
            {"name": name, **each} for name, each in found.items() if isinstance(each, Mapping)
        ]
    return [each for each in found or () if isinstance(each, Mapping)]
