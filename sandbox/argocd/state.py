"""What the simulated Argo CD remembers, and the applications of a fresh world."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sandbox.github.repository import Repository
from sandbox.github.seed import MAIN, deployed, platform
from sandbox.github.services import SERVICES, START, Service

REPOSITORY = "https://github.example/demo/platform.git"
TRACKING = "argocd.argoproj.io/tracking-id"


class Phase(StrEnum):
    """How far an operation is."""

    RUNNING = "Running"
    TERMINATING = "Terminating"
    FAILED = "Failed"
    ERROR = "Error"
    SUCCEEDED = "Succeeded"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of an application's deployment history."""

    id: int
    sha: str
    started: datetime
    deployed: datetime
    by: str | None = None
    """Who asked for it; None for auto-sync."""


@dataclass(kw_only=True)
class Operation:
    """A sync or a rollback, under way or finished."""

    number: int
    sha: str
    started: datetime
    by: str | None = None
    rollback: bool = False
    dry_run: bool = False
    prune: bool = False
    phase: Phase = Phase.RUNNING
    message: str = ""
    finished: datetime | None = None
    hangs: bool = False


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Who writes an application's spec again when somebody changes it by hand."""

    kind: str
    name: str


@dataclass(kw_only=True)
class Knobs:
    """What can be made to go wrong with one application, through the control API."""

    stuck_operation: bool = False
    fails: str | None = None
    degraded: str | None = None
    window: bool = False


@dataclass(kw_only=True)
class App:
    """One Application; `live` is the commit that runs in the cluster."""

    name: str
    project: str
    folder: str
    spec: dict[str, Any]
    template: dict[str, Any]
    """The spec as its owner has it, and puts it back."""
    live: str
    created: datetime
    history: list[Entry] = field(default_factory=list)
    namespace: str = "argocd"
    annotations: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    owner: Owner | None = None
    version: int = 1000
    operation: Operation | None = None
    last: Operation | None = None
    health: str = "Healthy"
    health_message: str = ""
    health_since: datetime = START - timedelta(days=1)
    rolling_since: datetime | None = None
    reconciled: datetime = START
    deleting: bool = False
    world_path: str = ""
    knobs: Knobs = field(default_factory=Knobs)

    @property
    def automated(self) -> bool:
        """Whether auto-sync is on, as Argo CD decides it."""
        rule = (self.spec.get("syncPolicy") or {}).get("automated")
        return rule is not None and rule.get("enabled") is not False

    def turn(self, health: str, at: datetime, *, message: str = "") -> None:
        """Changes the health; a rollout is what Progressing means here."""
        if health != self.health:
            self.health_since = at
        self.health, self.health_message = health, message
        self.rolling_since = at if health == "Progressing" else None

    def touch(self, at: datetime) -> None:
        self.version += 1
        self.reconciled = at


@dataclass(kw_only=True)
class ApplicationSet:
    """An ApplicationSet; with `keeps_pauses` it leaves /spec/syncPolicy to people.

    By its `policy` it may never update what it made; `at_once` it notices without delay.
    """

    name: str
    apps: list[str]
    keeps_pauses: bool = False
    policy: str = "sync"
    at_once: bool = False

    @property
    def updates(self) -> bool:
        return self.policy in ("sync", "create-update") and not self.keeps_pauses


@dataclass(frozen=True, kw_only=True)
class Due:
    """One step that virtual time will bring."""

    when: datetime
    step: str
    app: str
    operation: int = 0


@dataclass(kw_only=True)
class ArgoState:
    """Everything; `agenda` outlives a restart, the clock's timers do not."""

    apps: dict[str, App]
    sets: dict[str, ApplicationSet]
    agenda: list[Due] = field(default_factory=list)
    version: str = "v3.1.8+becb020"
    account: str = "tocsin"
    denied: set[str] = field(default_factory=set)
    operations: int = 0

    @property
    def minor(self) -> tuple[int, int]:
        """Major and minor version."""
        major, minor = self.version.removeprefix("v").split("+")[0].split(".")[:2]
        return int(major), int(minor)

    def view(self) -> dict[str, Any]:
        """The json that the control API and the screens show."""
        return {
            "version": self.version,
            "denied": sorted(self.denied),
            "apps": {name: _shown(app) for name, app in self.apps.items()},
        }


def _shown(app: App) -> dict[str, Any]:
    operation = app.operation or app.last
    return {
        "live": app.live,
        "automated": app.automated,
        "syncPolicy": app.spec.get("syncPolicy"),
        "health": app.health,
        "operation": None
        if operation is None
        else {
            "phase": str(operation.phase),
            "rollback": operation.rollback,
            "revision": operation.sha,
            "message": operation.message,
        },
        "history": [
            {"id": e.id, "revision": e.sha, "at": e.deployed.isoformat(), "by": e.by}
            for e in app.history
        ],
        "owner": None if app.owner is None else f"{app.owner.kind}/{app.owner.name}",
    }


POLICY = {
    "automated": {"prune": True, "selfHeal": True},
    "syncOptions": ["CreateNamespace=true", "ServerSideApply=true"],
    "retry": {"limit": 3, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
}
LATEST_AGE = {
    "ecommerce": timedelta(hours=3, minutes=12),
    "discovery": timedelta(hours=2, minutes=35),
    "forums": timedelta(hours=5, minutes=4),
    "grading": timedelta(hours=9),
}
"""Services whose newest release waited for its window: deployed long after it was written."""


def state() -> ArgoState:
    """A fresh world's Argo CD."""
    code = platform()
    apps = {service.name: _app(service, code) for service in SERVICES if not service.by_helm}
    _repeat(apps["lms"])
    apps["discovery"].owner = Owner(kind="ApplicationSet", name="catalog-services")
    parent = _parent(code)
    apps["grading"].owner = Owner(kind="Application", name=parent.name)
    apps["grading"].annotations[TRACKING] = f"{parent.name}:argoproj.io/Application:argocd/grading"
    apps[parent.name] = parent
    catalog = ApplicationSet(name="catalog-services", apps=["discovery"])
    return ArgoState(apps=apps, sets={catalog.name: catalog})


def _app(service: Service, code: Repository) -> App:
    project, cluster = "platform", "prod-eks-1"
    if service.name.endswith("-staging"):
        project, cluster = "platform-staging", "staging-eks-1"
    if service.name.endswith("-eu"):
        cluster = "prod-eks-eu"
    history: list[Entry] = []
    for number, release in enumerate(service.releases):
        sha = deployed(code, service.name, release.tag, START).sha
        newest = number == len(service.releases) - 1
        at = START - (LATEST_AGE.get(service.name, release.age) if newest else release.age)
        history.append(entry(history, sha, at + timedelta(minutes=3)))
    spec = _spec(service.path, project=project, cluster=cluster, space=service.name)
    return App(
        name=service.name,
        project=project,
        folder=service.path,
        spec=spec,
        template=copy.deepcopy(spec),
        live=history[-1].sha,
        created=START - timedelta(days=120),
        history=history,
        annotations={"argocd.argoproj.io/manifest-generate-paths": f"/{service.path}"},
        labels={"team": "platform", "service": service.image or service.name},
        world_path="lms-web.revision" if service.name == "lms" else f"{service.name}.revision",
    )


def entry(history: list[Entry], sha: str, at: datetime, by: str | None = None) -> Entry:
    """The next line of a history: ids count on from the last one and start with 0."""
    number = history[-1].id + 1 if history else 0
    return Entry(id=number, sha=sha, started=at - timedelta(seconds=14), deployed=at, by=by)


def _repeat(app: App) -> None:
    """Somebody synced r140 a second time, so that two neighbours carry one revision."""
    newest = app.history.pop()
    again = app.history[-1]
    repeated = entry(app.history, again.sha, again.deployed + timedelta(hours=5), by="ana")
    app.history.append(repeated)
    app.history.append(entry(app.history, newest.sha, newest.deployed))


def _parent(code: Repository) -> App:
    """The app of apps: it owns `grading` and heals what people change there."""
    spec = _spec("apps", project="platform", cluster="prod-eks-1", space="argocd")
    return App(
        name="platform-apps",
        project="platform",
        folder="",
        spec=spec,
        template=copy.deepcopy(spec),
        live=code.branches[MAIN],
        created=START - timedelta(days=200),
    )


def _spec(path: str, *, project: str, cluster: str, space: str) -> dict[str, Any]:
    return {
        "project": project,
        "source": {
            "repoURL": REPOSITORY,
            "path": path,
            "targetRevision": MAIN,
            "helm": {"valueFiles": ["values.yaml"]},
        },
        "destination": {"name": cluster, "namespace": space},
        "syncPolicy": copy.deepcopy(POLICY),
        "revisionHistoryLimit": 10,
    }
