"""Deployments of the last hours as suspects, from one list of applications."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.change import Change
from bot.integrations.argocd_api import VENDOR, Api
from bot.integrations.argocd_history import Application, Release


def changes_of(api: Api, deployments: Sequence[Deployment], *, since: datetime) -> list[Change]:
    """Newest first. A second sync of what already ran is no change."""
    places = _places(deployments)
    if not places:
        return []
    found: list[Change] = []
    for app in api.applications([each.project for each in places.values()]):
        deployment = places.get((app.namespace, app.name))
        if deployment:
            found.extend(_changes(api, app, deployment, since))
    return sorted(found, key=lambda each: each.at, reverse=True)


def _places(deployments: Sequence[Deployment]) -> dict[tuple[str, str], Deployment]:
    """The application by its place; where several components share one, its namesake speaks."""
    places: dict[tuple[str, str], Deployment] = {}
    for each in deployments:
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
            earlier = before.key if before else ""
            yield _change(
                api, app, deployment, (each.key, earlier, f"#{each.id}"), each.started_at
            )
        before = each
    if (half := app.half_done) and half.started_at and half.started_at >= since:
        earlier = before.key if before else ""
        yield _change(api, app, deployment, (half.key, earlier, "#running"), half.started_at)


def _change(
    api: Api, app: Application, deployment: Deployment, what: tuple[str, str, str], at: datetime
) -> Change:
    key, earlier, number = what
    about = api.revisions.revision(app, key, deployment=deployment)
    before = api.revisions.revision(app, earlier, deployment=deployment).label if earlier else ""
    return Change(
        id=f"argocd:{deployment.environment}/{app.name}{number}",
        source=VENDOR,
        service=deployment.service,
        environment=deployment.environment,
        at=at,
        before=before,
        after=about.label,
        author=about.author,
        message=about.message,
        address=api.address(app.name, app.namespace),
        reversible_by="rollback" if earlier else "",
        target=earlier,
    )
