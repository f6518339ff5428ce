"""Makes offers and plans for a workload of Argo Rollouts: abort, retry or undo. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.catalog import Driver
from bot.domain.errors import Refused
from bot.domain.mitigation import Difference, Migrations, Offer, Plan
from bot.domain.progressive import (
    ABORT,
    RETRY,
    Course,
    Progressive,
    Strategy,
    Way,
    course,
    fast_back,
    holds_no_abort,
)
from bot.integrations.kubernetes.kinds import mark, template
from bot.integrations.kubernetes.progressive import progressive_of
from bot.integrations.kubernetes.revisions import Revision
from bot.integrations.kubernetes.undo_plan import (
    NOT_KNOWN,
    Scene,
    chosen,
    made_of,
    offers_of,
    refuse_owner,
    rows_of,
    worries_of,
)
from bot.integrations.manifests import lowers

SYSTEM = "Argo Rollouts"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Which revision, and by which way."""

    plan: Plan
    way: Way
    revision: Revision


def content_of(scene: Scene) -> str:
    """A mark of what it is to run; of a borrowed template the hash that Argo Rollouts gave it."""
    now = progressive_of(scene.one)
    return now.current if now.borrowed else mark(template(scene.one))


def stable_of(scene: Scene) -> Revision | None:
    """What was promoted last, where it is another revision than the newest."""
    now = progressive_of(scene.one)
    if not now.under_way:
        return None
    return next((each for each in scene.history.earlier if each.hash == now.stable), None)


def abortable(scene: Scene) -> Revision | None:
    """The stable revision that an abort goes back to; None where an abort would not hold."""
    now, stable = progressive_of(scene.one), stable_of(scene)
    if stable is None or now.aborted or holds_no_abort(now, fast=_fast(scene, scene.history.live)):
        return None
    return stable


def turns_of(scene: Scene, *, before: datetime | None) -> list[Offer]:
    """The abort first, where an update is in progress; then what it ran before that."""
    stable, more = abortable(scene), _undos(scene, before)
    if stable is None:
        return more
    now, live = progressive_of(scene.one), scene.history.live
    service = scene.deployment.service
    old = before is None or (stable.made_at is not None and stable.made_at <= before)
    abort = Offer(
        mitigation="rollback",
        target=f"{ABORT} {stable.name}",
        title=f"Abort {live.label} of {service}, back to {stable.label} ({now.words})",
        label=f"{ABORT} {live.label}",
        message=f"back to {stable.label}: {now.words}",
        deployed_at=stable.made_at,
        suggested=old,
    )
    rest = [each for each in more if each.target != stable.name]
    return [abort, *(replace(each, suggested=each.suggested and not old) for each in rest)]


def _undos(scene: Scene, before: datetime | None) -> list[Offer]:
    """Who deploys it by other means goes back by those."""
    borrowed = progressive_of(scene.one).borrowed
    if scene.deployment.driver is not Driver.KUBERNETES or borrowed:
        return []
    return offers_of(scene, before=before)


def turn_of(scene: Scene, target: str) -> Turn:
    """`target`: `abort` or `retry`, with or without a revision, or whatever names a revision.

    An abort is named by where it goes to, or by the label of what is aborted.
    """
    verb, _, name = target.strip().partition(" ")
    match verb.lower():
        case "abort":
            revision = _abort_target(scene, name.strip())
            return Turn(plan=_abort(scene, revision), way=Way.ABORT, revision=revision)
        case "retry":
            return _again(scene, name.strip())
        case _:
            return _to(scene, target)


def _to(scene: Scene, target: str) -> Turn:
    revision = chosen(scene, target.strip())
    back = abortable(scene)
    if back is not None and back.name == revision.name:
        return Turn(plan=_abort(scene, back), way=Way.ABORT, revision=back)
    return Turn(plan=_undo(scene, revision), way=Way.UNDO, revision=revision)


def _abort_target(scene: Scene, name: str) -> Revision:
    service, now = scene.deployment.service, progressive_of(scene.one)
    if not now.seen:
        raise Refused(
            f"Argo Rollouts has not seen the newest {service} yet. Ask again in a moment."
        )
    stable = stable_of(scene)
    if stable is None:
        raise Refused(
            f"No update of {service} is in progress that could be aborted: it runs"
            f" {scene.history.live.label}."
        )
    if now.aborted:
        raise Refused(f"{scene.history.live.label} of {service} is aborted already.")
    if name not in ("", stable.name, stable.label, scene.history.live.label):
        raise Refused(f"An abort takes {service} back to {stable.label}, to nothing else.")
    if why := holds_no_abort(now, fast=_fast(scene, scene.history.live)):
        raise Refused(
            f"Argo Rollouts would take an abort of {service} back at once: {why}."
            f" Roll it back to {stable.label} by name instead."
        )
    return stable


def _again(scene: Scene, name: str) -> Turn:
    """What was aborted is tried again; what has gone from the spec since is put there again."""
    service, live = scene.deployment.service, scene.history.live
    named = name in ("", live.name, live.label)
    if named and stable_of(scene) is not None and progressive_of(scene.one).aborted:
        return Turn(plan=_retry(scene), way=Way.RETRY, revision=live)
    if named or scene.deployment.driver is not Driver.KUBERNETES:
        raise Refused(f"No aborted update of {service} is there to retry: it runs {live.label}.")
    return _to(scene, name)


def _abort(scene: Scene, stable: Revision) -> Plan:
    now, live = progressive_of(scene.one), scene.history.live
    service = scene.deployment.service
    rows = rows_of(scene, live, stable)
    traffic = Difference(
        what="traffic",
        before=f"{now.strategy} between {stable.label} and {live.label}",
        after=f"all of it on {stable.label}",
    )
    return Plan(
        mitigation="rollback",
        title=f"Abort {live.label} of {service}, back to {stable.label}",
        service=service,
        environment=scene.deployment.environment,
        target=f"{ABORT} {stable.name}",
        target_label=stable.label,
        live=f"{RETRY} {live.name}",
        live_label=live.label,
        differences=(traffic, *rows),
        lowers=lowers(rows),
        migrations=Migrations.IRRELEVANT,
        needs=stable.images,
        steps=(
            f"set abort in the status of rollout {scene.name} ({now.words})",
            f"Argo Rollouts scales {stable.label} up to {now.pods} pods and sends it all traffic",
            f"{live.label} stays in the pod template until another revision is put there",
        ),
        risk_reasons=_missing_pods(now, stable),
        comforts=(f"{stable.label} is the stable revision", "both run on one schema already"),
        cautions=_abort_cautions(scene, now),
        leftovers=(f"{live.label} stays in the pod template of rollout {scene.name}",),
        system=SYSTEM,
    )


def _missing_pods(now: Progressive, stable: Revision) -> tuple[str, ...]:
    switched = now.strategy is Strategy.BLUE_GREEN and now.active != now.stable
    if stable.ready == 0 or (switched and stable.ready < now.pods):
        return (
            f"{stable.ready} of {now.pods} pods of {stable.label} are ready: others must start",
        )
    return ()


def _abort_cautions(scene: Scene, now: Progressive) -> tuple[str, ...]:
    found = []
    if scene.owner:
        found.append(f"{scene.owner.name} does not put an abort back: only the status changes")
    if now.held:
        found.append(
            "it is paused by hand (spec.paused): Argo Rollouts aborts it all the same, and calls"
            " it paused, not aborted"
        )
    return tuple(found)


def _retry(scene: Scene) -> Plan:
    now, live, stable = progressive_of(scene.one), scene.history.live, stable_of(scene)
    service = scene.deployment.service
    label = stable.label if stable else "the stable revision"
    rows = rows_of(scene, stable or live, live)
    way = _course(scene, live)
    traffic = Difference(
        what="traffic", before=f"all of it on {label}", after=f"{now.strategy} to {live.label}"
    )
    return Plan(
        mitigation="rollback",
        title=f"Retry {live.label} of {service}",
        service=service,
        environment=scene.deployment.environment,
        target=f"{RETRY} {live.name}",
        target_label=live.label,
        live=f"{ABORT} {stable.name}" if stable else "",
        live_label=label,
        differences=(traffic, *rows),
        lowers=lowers(rows),
        migration_notes=NOT_KNOWN,
        needs=live.images,
        steps=(f"take the abort of rollout {scene.name} back", way.text, _until(live)),
        risk_reasons=(f"{live.label} was aborted: {now.broken or 'by a person'}",),
        cautions=_waits(scene, way),
        system=SYSTEM,
    )


def _undo(scene: Scene, revision: Revision) -> Plan:
    _refuse_undo(scene, revision)
    way = _course(scene, revision)
    made = made_of(scene, revision)
    live = scene.history.live
    slow = f"until it is through, pods of {live.label} get traffic too"
    already = progressive_of(scene.one).aborted and _is_stable(scene, revision)
    return replace(
        made,
        steps=(
            f"replace the pod template of rollout {scene.name}",
            way.text,
            _until(revision),
        ),
        risk_reasons=worries_of(scene),
        cautions=(
            *(() if way.at_once or already else (slow,)),
            *_waits(scene, way),
        ),
        system=SYSTEM,
    )


def _until(revision: Revision) -> str:
    return f"wait until {revision.label} is promoted and all its pods are ready"


def _waits(scene: Scene, way: Course) -> tuple[str, ...]:
    if not way.waits:
        return ()
    where = f"{scene.name} -n {scene.deployment.namespace}"
    return (
        f"it waits for a person on the way: `kubectl argo rollouts promote {where}`, or with"
        " `--full` past all steps",
    )


def _refuse_undo(scene: Scene, revision: Revision) -> None:
    now, service = progressive_of(scene.one), scene.deployment.service
    where = f"{scene.name} -n {scene.deployment.namespace}"
    if now.borrowed:
        raise Refused(
            f"The rollout {scene.name} has its pod template from the {now.borrowed} (workloadRef):"
            f" {service} goes back where that is written down, or by hand:"
            f" `kubectl argo rollouts undo {where} --to-revision={revision.number}`."
        )
    if scene.deployment.driver is not Driver.KUBERNETES:
        raise Refused(
            f"{service} is not deployed by its Rollout alone: roll it back by name there."
        )
    if now.held and not _is_stable(scene, revision):
        raise Refused(
            f"The rollout {scene.name} is paused by hand: it would not be rolled back before"
            f" somebody resumes it (`kubectl argo rollouts promote {where}`)."
        )
    refuse_owner(scene)


def _course(scene: Scene, revision: Revision) -> Course:
    return course(
        progressive_of(scene.one),
        revision.label,
        to_stable=_is_stable(scene, revision),
        fast=_fast(scene, revision),
        still_up=revision.kept_up and revision.ready > 0,
    )


def _is_stable(scene: Scene, revision: Revision) -> bool:
    return bool(revision.hash) and revision.hash == progressive_of(scene.one).stable


def _fast(scene: Scene, revision: Revision) -> bool:
    now, known = progressive_of(scene.one), _all(scene)
    stable = next((each for each in known if each.hash == now.stable), None)
    made = stable.made_at if stable else None
    return fast_back(now.window, revision.made_at, made, [each.made_at for each in known])


def _all(scene: Scene) -> Sequence[Revision]:
    return (scene.history.live, *scene.history.earlier)
