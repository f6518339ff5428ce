"""What became of an abort, a retry or an undo of a Rollout, told from the world alone."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.errors import moved
from bot.domain.mitigation import Plan, Receipt, Seen, Settled, TooEarly, Unhealthy
from bot.domain.progressive import Progressive, Way, not_back
from bot.integrations.kubernetes.kinds import ATTEMPT, annotated, metadata
from bot.integrations.kubernetes.progressive import progressive_of
from bot.integrations.kubernetes.rollout import rollout_of
from bot.integrations.kubernetes.rollouts_plan import abortable, content_of, stable_of
from bot.integrations.kubernetes.rollouts_turn import TurnState
from bot.integrations.kubernetes.undo_plan import Scene


def taken(state: TurnState, now: Scene, attempt: str) -> bool:
    """Whether the world shows it: an abort and a retry are states, an undo carries its attempt."""
    if Way(state.way) is Way.UNDO:
        return annotated(now.one).get(ATTEMPT) == attempt
    stands = progressive_of(now.one)
    same = not _other(state, now) and stands.stable == state.stable
    return same and stands.aborted is (Way(state.way) is Way.ABORT)


def _other(state: TurnState, now: Scene) -> str:
    if str(metadata(now.one).get("uid")) != state.uid:
        return "it was deleted and made anew"
    return "it was deployed" if content_of(now) != state.content else ""


def elsewhere(state: TurnState, now: Scene) -> str:
    """What became of it since the plan; empty where nothing did."""
    if other := _other(state, now):
        return other
    stands = progressive_of(now.one)
    if stands.stable != state.stable:
        return f"{now.history.live.label} was promoted"
    aborting = Way(state.way) is Way.ABORT and not stands.aborted
    return "it is being promoted in full" if aborting and abortable(now) is None else ""


def refuse_moved(plan: Plan, state: TurnState, now: Scene) -> None:
    if what := elsewhere(state, now):
        raise moved(f"{plan.service} ran {plan.live_label}, and {what}")


def aborted(plan: Plan, state: TurnState, now: Scene, receipt: Receipt) -> Seen:
    if _other(state, now):
        return Unhealthy(why=f"another revision was deployed over {plan.target_label}")
    stands = progressive_of(now.one)
    if stands.promoted:
        return Unhealthy(why=f"{plan.live_label} was promoted all the same")
    if not stands.aborted:
        return Unhealthy(why=f"the abort was taken back: {shown(now)}")
    stable = stable_of(now)
    ready = stable.ready if stable else 0
    if why := not_back(stands, ready=ready):
        return TooEarly(progress=why)
    since = max(filter(None, (receipt.at, stands.aborted_at)))
    evidence = (
        f"aborted: all traffic is on {plan.target_label}, {ready} of {stands.pods} pods are ready"
    )
    return Settled(evidence=evidence, at=since)


def updated(plan: Plan, state: TurnState, now: Scene, receipt: Receipt) -> Seen:
    stands = progressive_of(now.one)
    if _over(state, now, stands):
        return Unhealthy(why=f"another template was deployed over {plan.target_label}")
    if not stands.seen or stands.current == state.current != state.target_hash:
        # It may say that it saw the template before it counts its pods.
        return TooEarly(progress=replace(stands, seen=False).words)
    seen = rollout_of(now.one)
    if seen.broken:
        return Unhealthy(why=seen.broken)
    if not seen.done:
        return TooEarly(progress=f"{seen.progress}{_promote(state, stands)}")
    since = max(filter(None, (receipt.at, seen.at)))
    return Settled(evidence=seen.progress, at=since)


def _over(state: TurnState, now: Scene, stands: Progressive) -> bool:
    """The API cuts from a template what it does not know: the hash tells it too."""
    said = content_of(now)
    if Way(state.way) is Way.RETRY:
        return said != state.content
    if said == state.content:
        return True
    known = stands.seen and stands.current != state.current
    return known and said != state.target_mark and stands.current != state.target_hash


def _promote(state: TurnState, stands: Progressive) -> str:
    at = stands.steps[stands.step] if stands.step < len(stands.steps) else None
    if stands.paused and (stands.held or at is None or at.waits):
        return f": `kubectl argo rollouts promote {state.name} -n {state.namespace}` goes on"
    return ""


def shown(now: Scene) -> str:
    return f"{now.history.live.label}, {progressive_of(now.one).words}"
