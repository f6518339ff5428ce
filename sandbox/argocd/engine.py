"""Lets applications move with virtual time: operations, auto-sync, owners, and the world."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

from sandbox.argocd.state import App, ArgoState, Due, Operation, Phase, entry
from sandbox.core.simulation import Simulation
from sandbox.github.repository import Commit, Repository
from sandbox.github.seed import MAIN, deployed, reverted, tag_at

PROGRESSING = timedelta(seconds=2)
APPLIED = timedelta(seconds=12)
HEALTHY = timedelta(seconds=40)
RECONCILED = timedelta(seconds=6)
TERMINATED = timedelta(seconds=3)
OWNER_NOTICES = timedelta(seconds=4)
HISTORY = 10


def start(sim: Simulation) -> None:
    """Arms the clock for every step that a fresh, reset or resumed state still owes."""
    for due in sim.argocd.agenda:
        _arm(sim, due)


def follow_world(sim: Simulation) -> None:
    """From now on, a deployment in the world is a line in the history, and git is watched."""
    sim.world.on_change(lambda path, value: _world_changed(sim, path, value))


def _world_changed(sim: Simulation, path: str, value: Any) -> None:
    if path == "git.main":
        for app in sim.argocd.apps.values():
            later(sim, app, "reconcile", RECONCILED)
        return
    for app in sim.argocd.apps.values():
        if app.folder and path == app.world_path and value != running_tag(sim, app):
            _deployed_outside(sim, app, str(value))


def _deployed_outside(sim: Simulation, app: App, tag: str) -> None:
    """The scenario deployed a tag: a new one by auto-sync, an older one by somebody's hand."""
    now, code = sim.clock.now(), sim.github.platform
    play = sim.world.play
    if play is not None and play.started_at == now:
        # A scenario begins again in a used world: git goes back with it, auto-sync is on.
        commit, by = reverted(code, app.name, tag, now), None
        app.spec = copy.deepcopy(app.template)
    else:
        commit = deployed(code, app.name, tag, now)
        by = None if wanted(sim, app).sha == commit.sha else "responder"
    if by is not None and app.automated:
        # Whoever rolls back by hand had to switch auto-sync off first.
        app.spec["syncPolicy"]["automated"]["enabled"] = False
    operation = begin(sim, app, commit.sha, by=by, steps=False)
    _succeed(sim, app, operation)
    app.turn("Healthy", now)
    publish(sim, app)


def begin(
    sim: Simulation, app: App, sha: str, *, by: str | None = None, steps: bool = True, **facts: Any
) -> Operation:
    """Starts an operation; with `steps`, virtual time carries it on."""
    state: ArgoState = sim.argocd
    state.operations += 1
    operation = Operation(
        number=state.operations, sha=sha, started=sim.clock.now(), by=by, **facts
    )
    app.operation = operation
    app.touch(sim.clock.now())
    if steps:
        for step, after in (("progress", PROGRESSING), ("apply", APPLIED)):
            later(sim, app, step, after)
    publish(sim, app)
    return operation


def terminate(sim: Simulation, app: App) -> None:
    """Asks a running operation to stop; with the knob it does not listen."""
    if app.operation is not None:
        app.operation.phase = Phase.TERMINATING
        app.operation.message = "operation is terminating"
        app.touch(sim.clock.now())
        if not app.knobs.stuck_operation:
            later(sim, app, "terminate", TERMINATED)
        publish(sim, app)


def later(sim: Simulation, app: App, step: str, after: timedelta) -> None:
    """Puts a step on the agenda; it concerns the operation that runs now."""
    number = app.operation.number if app.operation else 0
    due = Due(when=sim.clock.now() + after, step=step, app=app.name, operation=number)
    if due not in sim.argocd.agenda:
        sim.argocd.agenda.append(due)
        _arm(sim, due)


def _arm(sim: Simulation, due: Due) -> None:
    sim.clock.call_at(due.when, lambda: _arrive(sim, due))


def _arrive(sim: Simulation, due: Due) -> None:
    state: ArgoState = sim.argocd
    if due not in state.agenda:
        return
    state.agenda.remove(due)
    app = state.apps.get(due.app)
    if app is None:
        return
    operation = app.operation
    current = operation if operation is not None and operation.number == due.operation else None
    match due.step:
        case "progress" if current and not current.dry_run and not current.hangs:
            app.turn("Progressing", sim.clock.now())
        case "apply" if current and current.phase is Phase.RUNNING and not current.hangs:
            _apply(sim, app, current)
        case "settle" if app.last is not None and app.last.number == due.operation:
            _settle(sim, app, app.last)
        case "terminate" if current:
            _finish(sim, app, current, phase=Phase.FAILED, message="Operation terminated")
            app.turn("Healthy", sim.clock.now())
        case "reconcile":
            reconcile(sim, app)
        case "owner":
            _put_back(sim, app)
        case _:
            return
    publish(sim, app)


def _apply(sim: Simulation, app: App, operation: Operation) -> None:
    if operation.dry_run:
        _finish(
            sim, app, operation, phase=Phase.SUCCEEDED, message="successfully synced (dry run)"
        )
    elif app.knobs.fails is not None:
        _finish(sim, app, operation, phase=Phase.FAILED, message=app.knobs.fails)
        app.turn("Healthy", sim.clock.now())
    else:
        _succeed(sim, app, operation)
        _settle_later(sim, app, operation)


def _settle_later(sim: Simulation, app: App, operation: Operation) -> None:
    due = Due(
        when=operation.started + HEALTHY, step="settle", app=app.name, operation=operation.number
    )
    sim.argocd.agenda.append(due)
    _arm(sim, due)


def _succeed(sim: Simulation, app: App, operation: Operation) -> None:
    now = sim.clock.now()
    app.live = operation.sha
    made = entry(app.history, operation.sha, now, by=operation.by)
    app.history = [*app.history, made][-int(app.spec.get("revisionHistoryLimit", HISTORY)) :]
    _finish(
        sim, app, operation, phase=Phase.SUCCEEDED, message="successfully synced (all tasks run)"
    )


def _finish(
    sim: Simulation, app: App, operation: Operation, *, phase: Phase, message: str
) -> None:
    operation.phase, operation.message = phase, message
    operation.finished = sim.clock.now()
    app.operation, app.last = None, operation
    app.touch(sim.clock.now())
    later(sim, app, "reconcile", RECONCILED)


def _settle(sim: Simulation, app: App, operation: Operation) -> None:
    """The new pods are ready, or never will be; only ready ones change the world."""
    app.touch(sim.clock.now())
    if app.knobs.degraded is not None:
        app.turn("Degraded", sim.clock.now(), message=app.knobs.degraded)
        return
    app.turn("Healthy", sim.clock.now())
    if _in_world(sim, app):
        sim.world.set(app.world_path, running_tag(sim, app))
    if app.operation is None:
        later(sim, app, "reconcile", RECONCILED)


def _in_world(sim: Simulation, app: App) -> bool:
    try:
        sim.world[app.world_path]
    except KeyError:
        return False
    return True


def reconcile(sim: Simulation, app: App) -> None:
    """Compares with git and, where auto-sync is on, deploys what git wants."""
    app.touch(sim.clock.now())
    if not app.folder or app.operation is not None or not app.automated or synced(sim, app):
        return
    target = wanted(sim, app).sha
    last = app.last
    # Argo CD does not try the same revision again by itself after a failure.
    if last is not None and last.sha == target and last.phase is not Phase.SUCCEEDED:
        return
    begin(sim, app, target, prune=True)


def spec_changed(sim: Simulation, app: App) -> None:
    """Somebody changed the spec by hand: the owner will notice, and so will the controller."""
    app.touch(sim.clock.now())
    if app.owner is not None and not _ignored(sim, app) and app.spec != app.template:
        owner = sim.argocd.sets.get(app.owner.name)
        if owner is not None and owner.at_once:
            _put_back(sim, app)
        else:
            later(sim, app, "owner", OWNER_NOTICES)
    later(sim, app, "reconcile", RECONCILED)
    publish(sim, app)


def _ignored(sim: Simulation, app: App) -> bool:
    """Whether the owner leaves /spec/syncPolicy alone."""
    state: ArgoState = sim.argocd
    assert app.owner is not None
    if app.owner.kind == "ApplicationSet":
        return app.owner.name in state.sets and not state.sets[app.owner.name].updates
    parent = state.apps.get(app.owner.name)
    if parent is None or not parent.automated:
        return parent is not None
    # Without the option its next sync writes the whole child again, whatever it ignores.
    respected = "RespectIgnoreDifferences=true" in parent.spec["syncPolicy"].get("syncOptions", [])
    rules = parent.spec.get("ignoreDifferences", [])
    return respected and any("/spec/syncPolicy" in r.get("jsonPointers", []) for r in rules)


def _put_back(sim: Simulation, app: App) -> None:
    app.spec = copy.deepcopy(app.template)
    app.touch(sim.clock.now())
    later(sim, app, "reconcile", RECONCILED)


def wanted(sim: Simulation, app: App) -> Commit:
    """The newest commit on main for this application."""
    code: Repository = sim.github.platform
    head = code.branches[MAIN]
    return code.newest_touching(head, app.folder) or code.commits[head]


def synced(sim: Simulation, app: App) -> bool:
    """Whether the cluster runs what git's newest commit would deploy."""
    if not app.folder:
        return True
    code, target = sim.github.platform, wanted(sim, app).sha
    files = (f"{app.folder}/values.yaml", f"{app.folder}/Chart.yaml")
    return all(code.trees[target].get(f) == code.trees[app.live].get(f) for f in files)


def running_tag(sim: Simulation, app: App) -> str:
    """The image tag that runs in the cluster."""
    return tag_at(sim.github.platform, app.live, app.folder)


def publish(sim: Simulation, app: App) -> None:
    """Shows a changed application on the screens."""
    phase = str(app.operation.phase) if app.operation else None
    facts = {"app": app.name, "health": app.health, "phase": phase, "automated": app.automated}
    sim.changes.publish("argocd", facts)
