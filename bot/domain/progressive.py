"""An update of Argo Rollouts, by canary or blue-green: how far it is, and how it is turned back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ABORT, RETRY = "abort", "retry"
"""Begin the target of a rollback that changes the status alone; the name of a revision follows."""
_SHOWN = 6


class Strategy(StrEnum):
    CANARY = "canary"
    BLUE_GREEN = "blue-green"


class Way(StrEnum):
    """What leads to a revision, as `kubectl argo rollouts` calls it."""

    ABORT = "abort"
    RETRY = "retry"
    UNDO = "undo"


@dataclass(frozen=True, kw_only=True)
class Step:
    """Of a canary. `waits`: it ends only when a person promotes it."""

    text: str
    waits: bool = False


@dataclass(frozen=True, kw_only=True)
class Progressive:
    """How a Rollout stands. Revisions are told by the hash of their pods."""

    strategy: Strategy
    current: str = ""
    """What its pod template says."""
    stable: str = ""
    """What was promoted last, and what an abort goes back to."""
    seen: bool = True
    """Argo Rollouts has seen the newest template; before that all else is of the one before."""
    aborted: bool = False
    aborted_at: datetime | None = None
    """When Argo Rollouts took the abort up; None before it did."""
    broken: str = ""
    """Why it ended in failure, in its own words."""
    pauses: tuple[str, ...] = ()
    held: bool = False
    """Paused by a person, in its spec."""
    promoting: bool = False
    """Told to go to the end without its steps."""
    weight: int = 0
    """Per cent of the traffic that the new pods get."""
    step: int = 0
    """How many of its steps are done."""
    steps: tuple[Step, ...] = ()
    routed: bool = False
    """Something else than the number of pods splits the traffic."""
    active: str = ""
    """Of a blue-green one: whose pods get the traffic."""
    auto: bool = True
    """Of a blue-green one: it switches without a person."""
    pods: int = 1
    """How many it should have."""
    updated: int = 0
    """How many of them are of the newest template."""
    available: int = 0
    window: int = 0
    """So many revisions back it goes without its steps; 0 where it never does."""
    borrowed: str = ""
    """The workload that holds its pod template (`Deployment web`); empty where it does itself."""

    @property
    def under_way(self) -> bool:
        """Between two revisions: the stable one still stands, and is what can be gone back to."""
        return self.seen and bool(self.stable) and self.current != self.stable

    @property
    def promoted(self) -> bool:
        return self.seen and bool(self.stable) and self.current == self.stable

    @property
    def paused(self) -> bool:
        return self.held or bool(self.pauses)

    @property
    def words(self) -> str:
        """For one line: "canary at 20 %, paused at step 2 of 5"."""
        if not self.seen:
            return "waiting for Argo Rollouts to see the change"
        if self.aborted:
            return f"{self.strategy} aborted, {self._share}"
        if not self.under_way:
            return f"{self.updated} of {self.pods} pods are new"
        return f"{self.strategy} {self._share}{self._where}"

    @property
    def _share(self) -> str:
        if self.strategy is Strategy.CANARY:
            return f"at {self.weight} %"
        return "with all traffic on the new pods" if self.active == self.current else "at 0 %"

    @property
    def _where(self) -> str:
        at = f" at step {self.step + 1} of {len(self.steps)}" if self._stepping else ""
        if self.paused:
            return f", paused{at}"
        return f",{at}" if at else ""

    @property
    def _stepping(self) -> bool:
        return self.step < len(self.steps)


def not_back(now: Progressive, *, ready: int) -> str:
    """Why not all traffic is on the stable pods yet after an abort; empty where it is.

    `ready`: how many pods of the stable revision are.
    """
    if now.aborted_at is None:
        return "waiting for Argo Rollouts to see the abort"
    if now.strategy is Strategy.BLUE_GREEN and now.active != now.stable:
        return "the traffic is still on the new pods"
    if now.weight > 0:
        return f"the new pods still get {now.weight} % of the traffic"
    if ready < now.pods:
        return f"{ready} of {now.pods} pods of the stable revision are ready"
    return ""


def holds_no_abort(now: Progressive, *, fast: bool) -> str:
    """Why Argo Rollouts would take an abort back at once; `fast`: the update skips its steps."""
    if now.promoting:
        return "it is being promoted in full"
    return "it lies within the rollback window" if fast else ""


def fast_back(
    window: int, target: datetime | None, stable: datetime | None, made: Iterable[datetime | None]
) -> bool:
    """Whether a rollback window of so many revisions lets an update to one skip its steps.

    As the controller counts: by when their ReplicaSets were made, those between it and the stable
    one; `made` are the times of all.
    """
    if not window or target is None or stable is None or target >= stable:
        return False
    return sum(each is not None and target < each < stable for each in made) < window


@dataclass(frozen=True, kw_only=True)
class Course:
    """How an update to a revision would go. `waits`: it stands still until a person promotes it."""

    text: str
    waits: bool = False
    at_once: bool = True


def course(now: Progressive, label: str, *, to_stable: bool, fast: bool, still_up: bool) -> Course:
    """`still_up`: its pods were kept after the last switch (scaleDownDelay)."""
    if to_stable:
        return Course(text=f"Argo Rollouts skips its steps: {label} is its stable revision")
    if fast:
        within = "revision" if now.window == 1 else f"{now.window} revisions"
        return Course(
            text=f"Argo Rollouts skips its steps: {label} is within its rollback window of {within}"
        )
    if now.strategy is Strategy.BLUE_GREEN:
        return _switch(now, label, still_up=still_up)
    if not now.steps:
        return Course(text="the new pods take the traffic as they get ready: it has no steps")
    told = " → ".join(each.text for each in now.steps[:_SHOWN])
    more = len(now.steps) - _SHOWN
    tail = f" → and {more} more" if more > 0 else ""
    return Course(
        text=f"Argo Rollouts goes through all its {len(now.steps)} steps again: {told}{tail}",
        waits=any(each.waits for each in now.steps),
        at_once=False,
    )


def _switch(now: Progressive, label: str, *, still_up: bool) -> Course:
    if still_up:
        return Course(text=f"Argo Rollouts switches at once: the pods of {label} are still up")
    if now.auto:
        text = f"Argo Rollouts starts all pods of {label}, then switches the traffic"
        return Course(text=text, at_once=False)
    text = f"Argo Rollouts starts all pods of {label} and waits for a person to promote them"
    return Course(text=text, waits=True, at_once=False)
