"""Makes offers and plans of going back to an older pod template. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused
from bot.domain.mitigation import Difference, Migrations, Offer, Plan
from bot.domain.workload import Owner, WorkloadKind
from bot.integrations.kubernetes.api import Api, Object
from bot.integrations.kubernetes.kinds import named_in, place_of, spec
from bot.integrations.kubernetes.owners import owner_of
from bot.integrations.kubernetes.revisions import History, Revision, history_of
from bot.integrations.kubernetes.rollout import rollout_of
from bot.integrations.manifests import differences, lowers, main_image, values_of

OFFERED = 5
SCHEMA = "a rollback leaves the database's schema as it is"
NOT_KNOWN = ("the commits that its images were built from are not known", SCHEMA)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a plan is made from: the workload, what it ran before, who owns it."""

    one: Object
    kind: WorkloadKind
    name: str
    deployment: Deployment
    history: History
    owner: Owner | None


def scene(api: Api, deployment: Deployment, *, doing: str = "") -> Scene:
    kind, name = named_in(deployment)
    if kind is WorkloadKind.CRONJOB:
        raise Refused(f"Kubernetes does not remember what the cronjob {name} was before.")
    said = doing or f"read what {deployment.service} ran before"
    one = api.read(place_of(kind, deployment.namespace), name, doing=said)
    return Scene(
        one=one,
        kind=kind,
        name=name,
        deployment=deployment,
        history=history_of(api, one, kind, known_image=deployment.image),
        owner=owner_of(api, one, deployment),
    )


def offers_of(now: Scene, *, before: datetime | None) -> list[Offer]:
    """Newest first; the first that ran before the trouble is suggested."""
    made: list[Offer] = []
    for each in now.history.earlier[:OFFERED]:
        old = before is None or (each.made_at is not None and each.made_at <= before)
        made.append(
            Offer(
                mitigation="rollback",
                target=each.name,
                title=f"Roll {now.deployment.service} back to {each.label}",
                label=each.label,
                image=_image(now, each),
                message=each.cause,
                deployed_at=each.made_at,
                suggested=old and not any(e.suggested for e in made),
            )
        )
    return made


def plan_of(now: Scene, target: str) -> tuple[Plan, Revision]:
    """`target` is an offer's target, a label, or `#` and the number of a revision."""
    revision = chosen(now, target.strip())
    _refuse(now)
    return made_of(now, revision), revision


def made_of(now: Scene, revision: Revision) -> Plan:
    """What replacing the pod template as a whole changes."""
    service, live = now.deployment.service, now.history.live
    rows = rows_of(now, live, revision)
    return Plan(
        mitigation="rollback",
        title=f"Roll {service} back to {revision.label}",
        service=service,
        environment=now.deployment.environment,
        target=revision.name,
        target_label=revision.label,
        live=live.name,
        live_label=live.label,
        differences=rows,
        lowers=lowers(rows),
        migrations=Migrations.UNKNOWN,
        migration_notes=NOT_KNOWN,
        images="" if revision.images else "which images it needs could not be read",
        needs=revision.images,
        steps=(
            f"replace the pod template of {now.kind} {now.name}",
            "wait until all pods are new and ready",
        ),
        risk_reasons=worries_of(now),
        cautions=_cautions(now),
        system="Kubernetes",
    )


def chosen(now: Scene, target: str) -> Revision:
    service, live = now.deployment.service, now.history.live
    if target in (live.name, live.label):
        raise Refused(f"{service} already runs {live.label}.")
    if found := now.history.find(target):
        return found
    known = ", ".join(each.label for each in now.history.earlier[:OFFERED])
    if not known:
        raise Refused(
            f"Kubernetes remembers nothing that {service} ran before (revisionHistoryLimit)."
        )
    raise Refused(f"Kubernetes does not remember {target} of {service}. It remembers {known}.")


def _refuse(now: Scene) -> None:
    where = f"{now.kind}/{now.name} -n {now.deployment.namespace}"
    if spec(now.one).get("paused"):
        raise Refused(
            f"The {now.kind} {now.name} is paused: it would not be rolled back before somebody"
            f" resumes it (`kubectl rollout resume {where}`)."
        )
    if (spec(now.one).get("updateStrategy") or {}).get("type") == "OnDelete":
        raise Refused(
            f"The {now.kind} {now.name} renews a pod only when somebody deletes it (OnDelete):"
            f" undo it by hand (`kubectl rollout undo {where}`) and delete its pods in turn."
        )
    refuse_owner(now)


def refuse_owner(now: Scene) -> None:
    """Who writes the pod template down would put it back."""
    service = now.deployment.service
    if now.owner and now.owner.holds:
        raise Refused(
            f"{_upper(now.owner.name)} writes {service} down and {now.owner.holds}: a rollback"
            " in Kubernetes would be put back within seconds. Roll back there, or revert in git."
        )
    if now.owner and now.owner.helm:
        raise Refused(
            f"{_upper(now.owner.name)} writes {service} down: roll the release back, else its"
            " next upgrade puts it back. The catalog should say driver helm."
        )


def rows_of(now: Scene, live: Revision, revision: Revision) -> tuple[Difference, ...]:
    def told(one: Revision) -> dict[tuple[str, str], str]:
        kind = now.one.get("kind")
        return values_of([{"kind": kind, "metadata": {}, "spec": {"template": one.template}}])

    rows = differences(told(live), told(revision))
    if rows:
        return rows
    return (Difference(what="pod template", before=live.name, after=revision.name),)


def worries_of(now: Scene) -> tuple[str, ...]:
    found = []
    if now.owner:
        found.append(f"{now.owner.name} writes it down: its next sync puts it back")
        if now.owner.unclear:
            found.append(f"not known of {now.owner.name}: {now.owner.unclear}")
    if (spec(now.one).get("strategy") or {}).get("type") == "Recreate":
        found.append("all pods stop before the first new one starts")
    return tuple(found)


def _cautions(now: Scene) -> tuple[str, ...]:
    ordered = spec(now.one).get("podManagementPolicy", "OrderedReady") == "OrderedReady"
    if now.kind is WorkloadKind.STATEFULSET and ordered and not rollout_of(now.one).done:
        return (
            "a pod that never becomes ready holds a StatefulSet up: delete that pod by hand"
            " after the rollback is sent",
        )
    return ()


def _image(now: Scene, revision: Revision) -> str:
    return main_image(revision.images, now.deployment.service, now.deployment.image)


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]
