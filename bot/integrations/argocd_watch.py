"""Tells from an application, read once, how far a rollback is and whether it was ever started."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.mitigation import (
    Look,
    Plan,
    Receipt,
    Seen,
    Settled,
    TooEarly,
    Unhealthy,
    Unknown,
    Untouched,
)
from bot.integrations.argocd_history import BROKEN, Application, Operation
from bot.integrations.argocd_revisions import short
from bot.integrations.argocd_state import RollbackState

SETTLING = timedelta(seconds=60)
"""Health lags behind the operation: what was Degraded before may still be shown."""


def named(plan: Plan, state: RollbackState, key: str) -> str:
    """A key by the name that the plan's reader knows."""
    if key == state.target:
        return plan.target_label
    return plan.live_label if key == state.live else short(key)


def shows(app: Application, plan: Plan, state: RollbackState) -> str:
    """What Argo CD shows now, in one line."""
    parts = [f"{app.name} runs {named(plan, state, app.live)}", app.health, app.sync_status]
    if app.operation:
        of = named(plan, state, app.operation.key)
        parts.append(f"last operation: {of} {app.operation.phase}")
    parts.append(f"auto-sync {'on' if app.auto_sync else 'off'}")
    return ", ".join(parts)


def our_operation(app: Application, state: RollbackState) -> Operation | None:
    """An operation to our target that the plan had not seen yet."""
    found = app.operation
    if found and found.started != state.seen and found.key == state.target:
        return found
    return None


def receipt_for(app: Application, plan: Plan, summary: str, at: datetime) -> Receipt:
    return Receipt(reference=f"{plan.environment}/{app.name}", summary=summary, at=at)


def found_after(app: Application, plan: Plan, state: RollbackState, now: datetime) -> Look:
    """Whether the one request had an effect, judged only by what is newer than the plan."""
    label = plan.target_label
    for each in app.releases:
        if each.id > state.last_id and each.key == state.target:
            summary = f"Argo CD deployed {label} (history id {each.id})"
            return receipt_for(app, plan, summary, each.started_at)
    if ours := our_operation(app, state):
        summary = f"Argo CD took the rollback to {label}: {ours.phase}"
        return receipt_for(app, plan, summary, ours.started_at or now)
    if app.queued == state.target:
        return receipt_for(app, plan, f"Argo CD has accepted the rollback to {label}", now)
    quiet = app.queued is None and not app.running
    newest = app.newest.id if app.newest else -1
    if quiet and newest == state.last_id and app.live == state.live:
        return Untouched(shows=shows(app, plan, state))
    return Unknown(shows=shows(app, plan, state))


def progress_of(app: Application, plan: Plan, state: RollbackState, now: datetime) -> Seen:
    """How far it is; settled since the later of its end and its health."""
    ours = our_operation(app, state)
    deployed = any(e.id > state.last_id and e.key == state.target for e in app.releases)
    if ours is None and not deployed:
        return _not_begun(app, plan, state)
    if ours and ours.busy:
        return TooEarly(progress=_rolling(ours, app))
    if ours and ours.phase in BROKEN:
        return Unhealthy(
            why=f"Argo CD could not finish the rollback: {ours.message or ours.phase}"
        )
    if app.live != state.target:
        over = named(plan, state, app.live)
        by = " by auto-sync" if app.auto_sync else ""
        return Unhealthy(why=f"{over} was deployed over {plan.target_label}{by}")
    ended = (ours.finished_at if ours else None) or (app.newest.deployed_at if app.newest else now)
    return _health(app, max(filter(None, (ended, app.health_since))), now)


def _health(app: Application, since: datetime, now: datetime) -> Seen:
    match app.health:
        case "Healthy":
            return Settled(evidence="Argo CD says Succeeded and Healthy", at=since)
        case "Degraded" if now - since > SETTLING:
            why = f": {app.health_message}" if app.health_message else ""
            return Unhealthy(why=f"the rollback is deployed, and Argo CD says Degraded{why}")
        case other:
            return TooEarly(progress=f"deployed, {other}…")


def not_started(app: Application, state: RollbackState) -> bool:
    """Whether nothing of it has happened yet; a window may hold back an operation that "runs"."""
    ours = our_operation(app, state)
    if ours is None:
        newest = app.newest.id if app.newest else -1
        return newest <= state.last_id
    return ours.busy and "sync window" in ours.message.lower()


def _not_begun(app: Application, plan: Plan, state: RollbackState) -> Seen:
    newest = app.newest.id if app.newest else -1
    if newest > state.last_id:
        over = named(plan, state, app.live)
        return Unhealthy(why=f"{over} was deployed, and not {plan.target_label}")
    return TooEarly(progress="waiting for Argo CD to start")


def _rolling(operation: Operation, app: Application) -> str:
    count = f" {operation.done} of {operation.of} objects" if operation.of else ""
    return f"rolling out{count}, {app.health}…"
