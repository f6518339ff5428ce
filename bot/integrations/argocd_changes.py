"""Deployments of the last hours as suspects, from one list of applications."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.change import Change, ChangeStatus
from bot.integrations.argocd_api import VENDOR, Api
from bot.integrations.argocd_history import Application, Release, sources_of
from bot.integrations.argocd_revisions import revisions_in

_SHA = re.compile(r"[0-9a-f]{40}")


def changes_of(
    api: Api, deployments: Sequence[Deployment], *, since: datetime, until: datetime
) -> list[Change]:
    """Newest first. A second sync of what already ran is no change."""
    places = _places(deployments)
    if not places:
        return []
    found: list[Change] = []
    for app in api.applications([each.project for each in places.values()]):
        deployment = places.get((app.namespace, app.name))
        if deployment:
            found.extend(_changes(api, app, deployment, since))
    return sorted((c for c in found if c.at <= until), key=lambda each: each.at, reverse=True)


def _places(deployments: Sequence[Deployment]) -> dict[tuple[str, str], Deployment]:
    """The application by its place; where several components share one, its namesake speaks."""
    places: dict[tuple[str, str], Deployment] = {}
    for each in (app for deployment in deployments for app in deployment.everywhere):
        place = (each.app_namespace, each.app)
        if each.app and (place not in places or each.service == each.app):
            places[place] = each
    return places


def _changes(
    api: Api, app: Application, deployment: Deployment, since: datetime
) -> Iterator[Change]:
    before: Release | None = None
    for each in app.releases:
        moved = before is None or before.key != each.key
        if moved and each.deployed_at >= since:
            made = _change(api, app, deployment, each.key, before)
            yield replace(
                made,
                id=f"{made.id}#{each.id}",
                at=each.started_at,
                ended=each.deployed_at,
                actor=each.by,
                status=_status(app, each),
            )
        before = each
    if (half := app.half_done) and half.started_at and half.started_at >= since:
        made = _change(api, app, deployment, half.key, before)
        yield replace(
            made,
            id=f"{made.id}#running",
            at=half.started_at,
            ended=half.finished_at,
            status=ChangeStatus.RUNNING if half.busy else ChangeStatus.FAILED,
        )


def _status(app: Application, release: Release) -> ChangeStatus:
    """What is unwell now is blamed on what went out last, never on what ran before it."""
    newest = app.newest
    if newest is not None and newest.id == release.id and app.health == "Degraded":
        return ChangeStatus.DEGRADED
    return ChangeStatus.DONE


def _change(
    api: Api, app: Application, deployment: Deployment, key: str, before: Release | None
) -> Change:
    """All but its own id, times and state."""
    earlier = before.key if before else ""
    known = api.revisions.revision(app, key, deployment=deployment)
    old = api.revisions.revision(app, earlier, deployment=deployment).label if earlier else ""
    return Change(
        id=f"argocd:{deployment.environment}/{app.name}",
        source=VENDOR,
        service=deployment.service,
        environment=deployment.environment,
        at=datetime.min,
        before=old,
        after=known.label,
        author=known.author,
        message=known.message,
        address=api.address(app.name, app.namespace),
        diff=_diff(app, earlier, key),
        refs=tuple(dict.fromkeys((*revisions_in(key), *known.images))),
        reversible_by="rollback" if earlier else "",
        target=earlier,
    )


def _diff(app: Application, earlier: str, key: str) -> str:
    """Where the code host shows the difference; only between two commits of one repository."""
    sources = sources_of(app.raw.get("spec") or {})
    repository = str(sources[0].get("repoURL", "")) if len(sources) == 1 else ""
    shas = [revisions_in(each) for each in (earlier, key)]
    if not repository.startswith("https://") or not all(
        len(each) == 1 and _SHA.fullmatch(each[0]) for each in shas
    ):
        return ""
    return f"{repository.removesuffix('.git')}/compare/{shas[0][0]}...{shas[1][0]}"
