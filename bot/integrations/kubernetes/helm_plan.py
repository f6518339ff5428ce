"""Makes offers and plans of a Helm rollback from the release's own history. Reads only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused
from bot.domain.mitigation import Difference, Migrations, Offer, Plan
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.helm_preflight import Tried, tried
from bot.integrations.kubernetes.helm_release import HELM, History, Release, history_of
from bot.integrations.manifests import differences, lowers, main_image, values_of

OFFERED = 5
LIVELY = timedelta(minutes=10)
"""A pending operation younger than this counts as running: Helm itself would not refuse."""
_FLUX = "helm.toolkit.fluxcd.io/name"


@dataclass(frozen=True, kw_only=True)
class HelmState:
    """Kept as JSON in `Plan.state`; a newer field has a default, an unknown one is ignored."""

    release: str
    namespace: str
    target: int
    last: int
    """The newest revision that the plan knew of, and its status."""
    status: str

    def inside(self) -> str:
        return json.dumps({"helm": asdict(self)}, sort_keys=True)


def state_in(plan: Plan) -> HelmState:
    stored = json.loads(plan.state)["helm"]
    known = {each.name for each in fields(HelmState)}
    return HelmState(**{name: value for name, value in stored.items() if name in known})


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a plan is made from."""

    deployment: Deployment
    history: History
    at: datetime

    @property
    def bad(self) -> int | None:
        """The revision that the last rollback led away from."""
        current = self.history.current
        if current.back_to is None or len(self.history.releases) == 1:
            return None
        return self.history.releases[1].number


def scene(api: Api, deployment: Deployment, *, at: datetime) -> Scene:
    if not deployment.app or not deployment.namespace:
        raise Refused(
            f"The catalog does not say which Helm release {deployment.ref} is"
            " (tocsin.dev/helm-release, backstage.io/kubernetes-namespace)."
        )
    history = history_of(
        api,
        deployment.app,
        deployment.namespace,
        service=deployment.service,
        image=deployment.image,
        doing=f"read the history of the release {deployment.app}",
    )
    return Scene(deployment=deployment, history=history, at=at)


def offers_of(now: Scene, *, before: datetime | None) -> list[Offer]:
    """Newest first: what was installed to the end once, and is not what runs."""
    current, made = now.history.current, list[Offer]()
    for each in _candidates(now)[:OFFERED]:
        bad = each.number == now.bad
        old = (before is None or each.at <= before) and not bad
        made.append(
            Offer(
                mitigation="rollback",
                target=str(each.number),
                title=f"{_first(current)}roll {now.deployment.service} back to {each.label}",
                label=each.label,
                image=main_image(each.images, now.deployment.service, now.deployment.image),
                chart=each.chart,
                message=each.description,
                deployed_at=each.at,
                suggested=old and not any(e.suggested for e in made),
                warning="it was rolled back from" if bad else "",
            )
        )
    return [_upper(each) for each in made]


def plan_of(api: Api, now: Scene, target: str) -> Plan:
    release, current = _chosen(now, target), now.history.current
    _refuse(now)
    service, history = now.deployment.service, now.history
    doing = f"roll {service} back"
    found = tried(api, release.objects, history.namespace, doing=doing)
    rows = _rows(current, release)
    title = f"{_first(current)}roll {service} back to {release.label}"
    return Plan(
        mitigation="rollback",
        title=title[0].upper() + title[1:],
        service=service,
        environment=now.deployment.environment,
        target=str(release.number),
        target_label=release.label,
        live=str(current.number),
        live_label=current.label,
        differences=rows,
        lowers=lowers(rows),
        migrations=Migrations.UNKNOWN,
        migration_notes=(
            "the commits that its images were built from are not known",
            "a rollback leaves the database's schema as it is",
        ),
        images="" if release.images else "which images it needs could not be read",
        needs=release.images,
        steps=_steps(history, release),
        interrupts=_interrupts(current),
        risk_reasons=_worries(current, release, found),
        cautions=("definitions of custom resources and the data stay as they are",),
        state=HelmState(
            release=history.name,
            namespace=history.namespace,
            target=release.number,
            last=current.number,
            status=current.status,
        ).inside(),
        system=HELM,
    )


def _candidates(now: Scene) -> list[Release]:
    current = now.history.current
    return [
        each
        for each in now.history.releases[1:]
        if each.ran and (not current.ran or _content(each) != _content(current))
    ]


def _content(one: Release) -> tuple[str, str]:
    return one.chart, one.manifest


def _chosen(now: Scene, target: str) -> Release:
    history, service = now.history, now.deployment.service
    found = history.find(target)
    if found is None:
        known = ", ".join(f"{e.label} (#{e.number})" for e in _candidates(now)[:OFFERED])
        raise Refused(
            f"Helm does not remember {target} of {history.name}. It remembers {known or 'nothing'}."
        )
    if found.number == history.current.number:
        raise Refused(f"{service} already runs {found.label}.")
    if found.pending or found.status in ("uninstalled", "uninstalling"):
        raise Refused(
            f"Revision {found.number} of {history.name} is {found.status}: choose another."
        )
    return found


def _refuse(now: Scene) -> None:
    current, history = now.history.current, now.history
    if current.status in ("uninstalled", "uninstalling"):
        raise Refused(
            f"The release {history.name} is {current.status}: nothing is left to roll back."
        )
    age = now.at - current.at
    if current.pending and age < LIVELY:
        raise Refused(
            f"Somebody changes {history.name} at this moment: revision {current.number} is"
            f" {current.status} since {current.at:%H:%M} UTC. Helm would run over it. Wait until it"
            f" ends; after {round(LIVELY.total_seconds() / 60)} minutes it counts as stuck."
        )
    if flux := _flux(current):
        raise Refused(
            f"Flux's HelmRelease {flux} writes {history.name} down and would put it back:"
            " suspend it first (`flux suspend helmrelease`), or revert in git."
        )


def _flux(current: Release) -> str:
    for each in current.objects:
        labels: Mapping[str, Any] = (each.get("metadata") or {}).get("labels") or {}
        if found := labels.get(_FLUX):
            return str(found)
    return ""


def _first(current: Release) -> str:
    return f"end the stuck {_operation(current)}, then " if current.pending else ""


def _operation(current: Release) -> str:
    return current.status.removeprefix("pending-")


def _interrupts(current: Release) -> str:
    if not current.pending:
        return ""
    return f"the stuck {_operation(current)} to revision {current.number}"


def _upper(offer: Offer) -> Offer:
    title = offer.title[0].upper() + offer.title[1:]
    return replace(offer, title=title)


def _rows(current: Release, release: Release) -> tuple[Difference, ...]:
    """Of the manifests, without a secret's value; the chart where it changes."""
    rows = list(differences(values_of(current.objects), values_of(release.objects)))
    if current.chart != release.chart and not any(row.what == "chart" for row in rows):
        rows.insert(0, Difference(what="chart", before=current.chart, after=release.chart))
    if not rows:
        before, after = f"revision {current.number}", f"revision {release.number}"
        rows.append(Difference(what="release", before=before, after=after))
    return tuple(rows)


def _steps(history: History, release: Release) -> tuple[str, ...]:
    hooks = (f"run its hooks: {', '.join(release.hooks)}",) if release.hooks else ()
    return (
        *hooks,
        f"helm rollback {history.name} {release.number} in {history.namespace}",
        "wait until all pods are new and ready",
    )


def _worries(current: Release, release: Release, found: Tried) -> tuple[str, ...]:
    told = [f"the cluster would refuse {each}" for each in found.refused]
    told += [f"not tried beforehand: {each}" for each in found.untried]
    if not release.ran:
        told.append(f"revision {release.number} is {release.status}: it never came up")
    if release.hooks:
        told.append(f"hooks run on the way back: {', '.join(release.hooks)}")
    if current.pending:
        told.append(f"revision {current.number} is stuck in {current.status}")
    return tuple(told)
