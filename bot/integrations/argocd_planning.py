"""Makes offers and plans of an Argo CD rollback from what the application says. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused
from bot.domain.mitigation import Difference, Offer, Plan
from bot.integrations.argocd_api import VENDOR, Api
from bot.integrations.argocd_direct import SYSTEM, WORRY
from bot.integrations.argocd_history import Application, Release
from bot.integrations.argocd_owner import Owner, owner_of
from bot.integrations.argocd_revisions import Revision, apart, short, source_changes
from bot.integrations.argocd_state import RollbackState
from bot.integrations.manifests import (
    differences,
    is_amount,
    lowers,
    values_of,
)

OFFERED = 5
LATELY = timedelta(days=7)
"""A revision that ran within this time counts as proven."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What changes between two revisions, and the amounts that get smaller."""

    rows: tuple[Difference, ...]
    lowers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a plan is made from: the application, where it belongs, who owns it."""

    api: Api
    app: Application
    deployment: Deployment
    owner: Owner | None
    at: datetime

    def about(self, key: str) -> Revision:
        return self.api.revisions.revision(self.app, key, deployment=self.deployment)

    def labels(self) -> dict[str, str]:
        """What every revision at hand is called, told apart where two carry one tag."""
        running = self.app.running.key if self.app.running else ""
        keys = [self.app.live, running, *(each.key for each in self.app.choices()[:OFFERED])]
        named = dict.fromkeys(filter(None, keys))
        return apart([(key, self.about(key).label) for key in named])


def scene(api: Api, deployment: Deployment, *, at: datetime) -> Scene:
    """Read now; `Refused` for a deployment that Argo CD does not run."""
    if not deployment.app:
        raise Refused(f"{deployment.ref} has no Argo CD application in the catalog.")
    app = api.application(
        deployment.app,
        namespace=deployment.app_namespace,
        project=deployment.project,
        doing=f"read {deployment.app}",
    )
    return Scene(api=api, app=app, deployment=deployment, owner=owner_of(api, app), at=at)


def offers_of(now: Scene, *, before: datetime | None) -> list[Offer]:
    """Newest first; at most one is suggested."""
    app, labels = now.app, now.labels()
    bad, chosen = app.rolled_back_from(), app.suggested(before)
    made = []
    for each in app.choices()[:OFFERED]:
        about, label = now.about(each.key), labels[each.key]
        made.append(
            Offer(
                mitigation="rollback",
                target=each.key,
                title=title(now, label, labels),
                label=label,
                image=about.image,
                chart=about.chart,
                author=about.author,
                message=about.message,
                deployed_at=each.deployed_at,
                suggested=chosen is not None and each.key == chosen.key,
                warning=_warning(now, each, bad),
            )
        )
    return made


def title(now: Scene, label: str, labels: Mapping[str, str]) -> str:
    back = f"roll {now.deployment.service} back to {label}"
    if running := now.app.running:
        of = labels.get(running.key, short(running.key))
        return f"Stop the running sync of {of}, then {back}"
    return back[0].upper() + back[1:]


def plan_of(now: Scene, target: str) -> Plan:
    """`target` is an offer's target, a label, a commit or `#history-id`."""
    app, owner = now.app, now.owner
    labels = now.labels()
    release = _chosen(now, target, labels)
    _refuse_owner(now, owner)
    _refuse_unstoppable(app)
    live, wanted = now.about(app.live), now.about(release.key)
    label = labels.get(release.key, wanted.label)
    live_label = labels.get(app.live, live.label)
    changed = _changes(now, release, (live_label, label))
    state = _state(now, release, live, wanted)
    running = app.running
    interrupts = (
        f"the running sync of {labels.get(running.key, short(running.key))}" if running else ""
    )
    return Plan(
        mitigation="rollback",
        title=title(now, label, labels),
        service=now.deployment.service,
        environment=now.deployment.environment,
        target=release.key,
        target_label=label,
        live=app.live,
        live_label=live_label,
        differences=changed.rows,
        lowers=changed.lowers,
        images="" if wanted.images else "which images it needs could not be read",
        needs=wanted.images,
        steps=_steps(now, release, label, interrupts),
        interrupts=interrupts,
        risk_reasons=_doubts(now, release, label),
        leftovers=("auto-sync is off",) if app.auto_sync else (),
        cautions=_windows(now),
        state=state.inside(),
        system=SYSTEM if app.direct else VENDOR,
    )


def _windows(now: Scene) -> tuple[str, ...]:
    """Argo CD asks no sync window before a rollback; its controller may wait for one."""
    app, where = now.app, now.deployment
    if app.direct:
        return ()
    found = now.api.active_windows(
        app.name,
        namespace=app.namespace or where.app_namespace,
        project=app.project,
        doing=f"read the sync windows of {app.name}",
    )
    return tuple(
        f"the sync window “{each}” is active: a rollback passes it, and may be kept waiting by it"
        for each in found
    )


def _chosen(now: Scene, target: str, labels: Mapping[str, str]) -> Release:
    app, wanted = now.app, target.strip()
    settled = not app.running and app.half_done is None
    if settled and wanted in (app.live, labels.get(app.live, "")):
        raise Refused(
            f"{now.deployment.service} already runs {labels.get(app.live, short(app.live))}."
        )
    for each in reversed(app.releases):
        names = (each.key, f"#{each.id}", labels.get(each.key, ""))
        if wanted in names or (len(wanted) >= 7 and each.key.startswith(wanted)):
            return each
    known = ", ".join(labels[each.key] for each in app.choices()[:OFFERED])
    raise Refused(
        f"Argo CD's history of {app.name} has no {short(wanted)}."
        f" It can go back to: {known or 'nothing'}."
    )


def _refuse_owner(now: Scene, owner: Owner | None) -> None:
    if owner is None or not owner.undoes or not now.app.auto_sync:
        return
    raise Refused(
        f"{owner.title} owns {now.app.name} and would undo a rollback: {owner.undoes}."
        " A revert pull request is offered instead."
    )


def _refuse_unstoppable(app: Application) -> None:
    if app.direct and app.running:
        raise Refused(
            f"A sync of {app.name} is running, and Argo CD's server, which could stop it, is down."
            f" Nothing can be planned before it ends: `kubectl -n {app.namespace} get application"
            f" {app.name}` shows it."
        )


def _warning(now: Scene, release: Release, bad: Mapping[str, datetime]) -> str:
    owner = now.owner
    if owner and owner.undoes and now.app.auto_sync:
        return f"{owner.title} would undo it: a revert pull request instead"
    left = bad.get(release.key)
    return f"rolled back from at {left:%H:%M} UTC on {left:%d %b}" if left else ""


def _doubts(now: Scene, release: Release, label: str) -> tuple[str, ...]:
    """What the history holds against this target; each asks for another person."""
    doubts = [WORRY] if now.app.direct else []
    if left := now.app.rolled_back_from().get(release.key):
        doubts.append(f"{label} was rolled back from at {left:%H:%M} UTC on {left:%d %b}")
    last = now.app.last_ran(release)
    if last and now.at - last > LATELY:
        doubts.append(f"{label} last ran {(now.at - last).days} days ago")
    return tuple(doubts)


def _changes(now: Scene, release: Release, names: tuple[str, str]) -> Comparison:
    """The revision first; what the cluster runs counts as before, whatever git says."""
    revisions, app = now.api.revisions, now.app
    rows = [Difference(what="revision", before=names[0], after=names[1])]
    moved = source_changes(app.newest, release)
    if moved:
        rows.append(Difference(what="source", before=moved[0], after=moved[1]))
    after = revisions.manifests(app, release.key)
    before = revisions.manifests(app, app.live)
    if after is None or before is None:
        return Comparison(rows=tuple(rows))
    rendered, wanted = values_of(before), values_of(after)
    # In the middle of a sync the cluster is neither the one nor the other.
    running = {} if app.half_done else values_of(revisions.running(app) or ())
    # Only what a chart sets is compared: the cluster adds much that no release changes.
    found = {place: said for place, said in running.items() if place in wanted}
    # An autoscaler moves amounts by the minute: they are told, and no approval hangs on them.
    steady = {place: said for place, said in found.items() if not is_amount(place[1])}
    return Comparison(
        rows=(*rows, *differences(rendered | steady, wanted)),
        lowers=lowers(differences(rendered | found, wanted)),
    )


def _steps(now: Scene, release: Release, label: str, interrupts: str) -> tuple[str, ...]:
    app = now.app
    steps = []
    if app.auto_sync:
        steps.append(_switching(now))
    if interrupts:
        steps.append(f"stop {interrupts} and wait until it is gone")
    steps.append(f"roll back to {label} (history id {release.id}), nothing pruned, hooks skipped")
    steps.append("watch until Argo CD says Succeeded and Healthy, then compare the error rate")
    if app.auto_sync:
        steps.append("auto-sync stays off until git no longer deploys what was rolled back")
    return tuple(steps)


def _switching(now: Scene) -> str:
    if now.app.direct:
        return f"in one write to {now.app.name}: auto-sync off (automated removed), and"
    how = "automated.enabled: false" if now.api.switchable() else "automated removed"
    return f"switch auto-sync of {now.app.name} off ({how}) and read it again"


def _state(now: Scene, release: Release, live: Revision, wanted: Revision) -> RollbackState:
    app = now.app
    return RollbackState(
        app=app.name,
        namespace=app.namespace or now.deployment.app_namespace,
        project=app.project,
        history_id=release.id,
        target=release.key,
        live=app.live,
        last_id=app.newest.id if app.newest else -1,
        seen=app.operation.started if app.operation else "",
        automated=app.automated,
        # A merge into a field that was removed as a whole writes it as it was.
        switchable=not app.direct and (now.api.switchable() if app.auto_sync else True),
        direct=app.direct,
        interrupts=app.running.key if app.running else "",
        target_images=wanted.images,
        live_images=live.images,
    )
