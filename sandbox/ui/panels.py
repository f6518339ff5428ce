"""What the drawer behind the scenes shows: one panel for each other system, and the traffic."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from sandbox import gitrepo
from sandbox.core.simulation import Simulation
from sandbox.core.traffic import Record
from sandbox.ui import systems
from sandbox.ui.render.markdown import front_matter
from sandbox.ui.render.pages import page

TABS = (
    ("traffic", "Traffic"),
    ("pagerduty", "PagerDuty"),
    ("argocd", "Argo CD"),
    ("statuspage", "Status page"),
    ("tickets", "Tickets & pulls"),
    ("postmortems", "Postmortems"),
)
NEWEST = 250
"""Exchanges drawn at once; the log itself keeps all."""

LONGEST = 20_000


def panel(sim: Simulation, tab: str) -> Markup:
    """The panel as HTML; an unknown name shows the traffic."""
    match tab:
        case "pagerduty":
            return page("panel_pagerduty.html", incidents=_incidents(sim), **_paging(sim))
        case "argocd":
            return page("panel_argocd.html", **_apps(sim))
        case "statuspage":
            facts = systems.shown(sim.statuspage)
            return page(
                "panel_statuspage.html",
                components=systems.rows(facts.get("components")),
                incidents=systems.rows(facts.get("incidents")),
            )
        case "tickets":
            return page("panel_tickets.html", **_work(sim))
        case "postmortems":
            return page("panel_postmortems.html", documents=_documents(sim))
    return page("panel_traffic.html", records=newest(sim), total=len(sim.traffic.records))


def newest(sim: Simulation, after: int = 0) -> list[Record]:
    return sim.traffic.after(after)[-NEWEST:]


def exchange(sim: Simulation, number: int) -> Markup | None:
    """One exchange with both bodies, or None when the log does not have it."""
    found = next((r for r in reversed(sim.traffic.records) if r.n == number), None)
    if found is None:
        return None
    return page(
        "exchange.html",
        record=found,
        request=_pretty(found.request),
        response=_pretty(found.response),
    )


def _pretty(body: Any) -> str:
    if body is None or body == "":
        return ""
    text = body if isinstance(body, str) else json.dumps(body, indent=2, default=str)
    return (
        text
        if len(text) <= LONGEST
        else f"{text[:LONGEST]}\n… {len(text) - LONGEST} more characters"
    )


def _paging(sim: Simulation) -> dict[str, Mapping[str, str]]:
    """Names for PagerDuty's ids."""
    if sim.pagerduty is None:
        return {"people": {}, "services": {}}
    account = sim.pagerduty
    return {
        "people": {user.id: user.name for user in account.users.values()},
        "services": {service.id: service.name for service in account.services.values()},
    }


def _incidents(sim: Simulation) -> list[Any]:
    found = sim.pagerduty.incidents.values() if sim.pagerduty else ()
    return sorted(found, key=lambda incident: incident.number, reverse=True)


def _apps(sim: Simulation) -> dict[str, list[dict[str, Any]]]:
    """Apps that moved, are paused or unwell apart from the quiet ones."""
    shown = systems.shown(sim.argocd).get("apps", {})
    apps = [{"name": name, **facts, "tag": _tag(sim, name)} for name, facts in shown.items()]
    return {
        "busy": sorted((a for a in apps if not _is_quiet(a)), key=lambda a: str(a["name"])),
        "quiet": sorted((a for a in apps if _is_quiet(a)), key=lambda a: str(a["name"])),
    }


def _is_quiet(app: Mapping[str, Any]) -> bool:
    settled = app["operation"] is None and app["health"] == "Healthy"
    return settled and (app["automated"] or not app["history"])


def _tag(sim: Simulation, name: str) -> str:
    return str(sim.world.get(f"{name}-web.revision") or "")


def _work(sim: Simulation) -> dict[str, Any]:
    jira, github = systems.shown(sim.jira), systems.shown(sim.github)
    places = systems.rows(github)
    return {
        "tickets": systems.rows(jira.get("tickets")),
        "pulls": [
            {**p, "repo": at["name"]} for at in places for p in systems.rows(at.get("pulls"))
        ],
        "issues": [
            {**i, "repo": at["name"]} for at in places for i in systems.rows(at.get("issues"))
        ],
    }


def _pictures(bare: gitrepo.Bare, branch: str, folder: str) -> dict[str, str]:
    """By name, those that lie in one folder."""
    found = {}
    for path in bare.files(branch):
        if path.startswith(f"{folder}/") and path.endswith(".png"):
            content = base64.b64encode(bare.content(branch, path) or b"").decode()
            found[path.rpartition("/")[2]] = f"data:image/png;base64,{content}"
    return found


def _documents(sim: Simulation) -> list[dict[str, Any]]:
    """Every postmortem of every branch, newest branch last; main is read for what was merged."""
    place = getattr(sim.git, "path", None)
    if not place:
        return []
    bare = gitrepo.Bare(path=Path(place))
    documents = []
    for branch in [*systems.postmortems(sim), gitrepo.MAIN]:
        for path in bare.files(branch):
            is_document = path.endswith(".md") and path.startswith("postmortems/")
            if is_document and not path.endswith(("README.md", "index.md")):
                shown = _pictures(bare, branch, path.rpartition("/")[0])
                head, body = front_matter(bare.text(branch, path) or "", shown)
                documents.append({"branch": branch, "path": path, "head": head, "body": body})
    return documents
