"""What runs in a cluster as a mitigation sees it, and the changes that can be made to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WorkloadKind(StrEnum):
    DEPLOYMENT = "deployment"
    STATEFULSET = "statefulset"
    DAEMONSET = "daemonset"
    CRONJOB = "cronjob"
    ROLLOUT = "rollout"
    """Of Argo Rollouts: it updates itself by canary or blue-green."""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Who writes a workload down elsewhere. `holds` says what it would put back, and when."""

    name: str
    """In words: "the Argo CD application lms"."""
    helm: bool = False
    holds: str = ""
    """Why a change would not stay ("self-heal is on"); empty where it stays for now."""
    unclear: str = ""
    """What could not be read about it."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """A disruption budget: how many of its pods may be away at this moment."""

    name: str
    allowed: int


@dataclass(frozen=True, kw_only=True)
class Scaler:
    """A HorizontalPodAutoscaler on the workload; `owner` is a KEDA ScaledObject above it."""

    name: str
    lowest: int
    highest: int
    owner: str = ""
    attempt: str = ""
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How far the newest template is. `broken` says in the cluster's words why it ended."""

    done: bool
    progress: str
    broken: str = ""
    at: datetime | None = None
    """When it was through, where the cluster says so."""


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Of a CronJob: when it runs, what is running, and what happens on resuming."""

    schedule: str
    zone: str
    concurrency: str
    """Allow, Forbid or Replace."""
    deadline_seconds: int | None
    suspended: bool
    running: tuple[str, ...]
    last: datetime | None


@dataclass(frozen=True, kw_only=True)
class JobRun:
    """One run of a CronJob that has not ended."""

    name: str
    stopped: bool
    pods: int
    attempt: str = ""
    """The last change that we made to it, by its attempt."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """As it is now. `template` is a mark of the pod template: another one means another content."""

    kind: WorkloadKind
    namespace: str
    name: str
    uid: str
    version: str
    """Of the object as it was read: a change is held to it."""
    template: str
    images: tuple[str, ...] = ()
    attempt: str = ""
    """The last change that we made to it, by its attempt."""
    replicas: int = 0
    ready: int = 0
    paused: bool = False
    strategy: str = ""
    surge: str = ""
    rollout: Rollout = Rollout(done=True, progress="")
    budgets: tuple[Budget, ...] = ()
    scaler: Scaler | None = None
    owner: Owner | None = None
    restarted: str = ""
    """The time of the last restart by annotation, as it is written there."""
    kept_by: str = ""
    """Who besides people writes the number of replicas, or whether it is suspended."""
    runs: Runs | None = None

    @property
    def label(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, kw_only=True)
class Restart:
    """A pod template that differs by its time of restart alone; an empty one takes it away."""

    stamp: str


@dataclass(frozen=True, kw_only=True)
class Scale:
    replicas: int


@dataclass(frozen=True, kw_only=True)
class RaiseMinimum:
    """Of the workload's autoscaler."""

    lowest: int


@dataclass(frozen=True, kw_only=True)
class Suspend:
    """A CronJob makes no more runs, or makes them again."""

    suspended: bool


Edit = Restart | Scale | RaiseMinimum | Suspend


@dataclass(frozen=True, kw_only=True)
class NodePod:
    """A pod on a node. `stays` says why a drain leaves it; `alone` that nobody makes it anew."""

    namespace: str
    name: str
    owner: str
    """What makes it anew, without what changes from one deploy or run to the next."""
    uid: str = ""
    stays: str = ""
    alone: bool = False
    leaving: bool = False
    """It was told to go, and is stopping."""
    local: bool = False
    """It keeps something on the node's own disk, which is lost with it."""

    @property
    def workload(self) -> str:
        return f"{self.namespace}/{self.owner or self.name}"


@dataclass(frozen=True, kw_only=True)
class Node:
    name: str
    ready: bool
    cordoned: bool
    uid: str = ""
    version: str = ""
    """Of the object as it was read: a change is held to it."""
    trouble: str = ""
    """What its conditions say is wrong with it."""
    attempt: str = ""
    """The last change that we made to it, by its attempt."""
    drained: str = ""
    """The attempt that began to empty it; empty where none did."""
    pods: tuple[NodePod, ...] = ()

    @property
    def words(self) -> str:
        return "cordoned" if self.cordoned else "takes new pods"

    @property
    def kept(self) -> str:
        """What stays when nothing is done."""
        return f"the node {'cordoned' if self.cordoned else 'as it is'}"


class NodeEdit(StrEnum):
    CORDON = "cordon"
    """No new pod comes to it. The one change that may be repeated."""
    DRAIN = "drain"
    """Marks it as being emptied: from here on its pods are evicted."""
    UNCORDON = "uncordon"
