"""Switches an application's auto-sync off for a rollback, and puts it back exactly as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.mitigation import Cleared, Plan, StillThere
from bot.integrations.argocd_api import Api
from bot.integrations.argocd_history import Application, key_of, sources_of
from bot.integrations.argocd_revisions import revisions_in, short
from bot.integrations.argocd_state import RollbackState
from bot.integrations.argocd_watch import named
from bot.integrations.manifests import Values, images_of, values_of

REVERT = "revert pull request"


def off(state: RollbackState) -> Mapping[str, Any] | None:
    """The merge patch for `automated` that switches it off and keeps what can be kept."""
    return {"enabled": False} if state.switchable else None


def back(state: RollbackState, app: Application) -> Mapping[str, Any] | None:
    """The merge patch that makes `automated` what it was: a name it lacked becomes null."""
    if state.automated is None:
        return None
    return {**dict.fromkeys(app.automated or {}), **state.automated}


def judged(api: Api, app: Application, plan: Plan, state: RollbackState) -> Cleared | StillThere:
    """Whether auto-sync is as before, and if not, what would happen if it were."""
    if not state.auto_sync:
        return Cleared(shows=f"auto-sync of {app.name} was off before")
    if app.auto_sync:
        return Cleared(shows=f"auto-sync of {app.name} is on again")
    blocked = _blocked(api, app, plan, state)
    return StillThere(
        shows=f"auto-sync of {app.name} is off",
        blocked=blocked,
        offer=REVERT if blocked else "",
    )


def _blocked(api: Api, app: Application, plan: Plan, state: RollbackState) -> str:
    """Why auto-sync may not be on now; "" when git wants what runs, or something new."""
    if app.sync_status == "Synced":
        return ""
    sources = sources_of(app.raw.get("spec") or {})
    desired = key_of(app.desired, sources)
    still = f"git still deploys {plan.live_label}"
    if not revisions_in(desired):
        return f"what git would deploy for {app.name} is not known"
    if desired == state.live:
        return still
    # In a repository of many charts the newest commit is often about another one: compare images.
    objects = api.revisions.manifests(app, desired) or ()
    images = images_of(objects)
    if not images or not state.live_images:
        what = named(plan, state, desired)
        return f"git would deploy {what}; whether that is {plan.live_label} could not be read"
    if set(images) == set(state.live_images) and images != state.target_images:
        return f"{still} (as {short(desired)})"
    if set(state.live_images) == set(state.target_images):
        return _still_set(api, app, plan, state, values_of(objects))
    return ""


def _still_set(
    api: Api, app: Application, plan: Plan, state: RollbackState, wanted: Values
) -> str:
    """Where the bad release changed no image, its settings are what may not come back."""
    bad = values_of(api.revisions.manifests(app, state.live) or ())
    good = values_of(api.revisions.manifests(app, state.target) or ())
    if not bad or not good:
        return f"whether git still deploys the settings of {plan.live_label} could not be read"
    changed = [each for each in (*bad, *good) if bad.get(each) != good.get(each)]
    kept = {
        field for name, field in changed if wanted.get((name, field)) == bad.get((name, field))
    }
    # A way forward keeps the version of its chart, or raises it.
    kept -= {"chart"}
    return f"git still deploys {', '.join(sorted(kept))} of {plan.live_label}" if kept else ""
