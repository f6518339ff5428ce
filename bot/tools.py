"""What the flow may reach for: one Protocol per role, and Tools, which holds one of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.clouds import Cloud
from bot.domain.catalog import Catalog, Deployment, Driver
from bot.domain.change import ChangeNotice
from bot.domain.errors import Refused
from bot.domain.facts import Entry
from bot.domain.incident import Incident, Summary
from bot.domain.mitigation import (
    Cleared,
    Look,
    Measure,
    Offer,
    Plan,
    Ready,
    Receipt,
    Seen,
    StillThere,
    Waiting,
)
from bot.domain.page import Alert, OpenPage, PagedNow
from bot.domain.people import Person
from bot.domain.policy import Policy
from bot.domain.slo import Through
from bot.domain.update import ComponentState, PublicUpdate, StatusPagePost
from bot.domain.workflow import By
from bot.meters import Meter, Samples
from bot.roles import (
    Archive,
    ChangeSource,
    Cluster,
    Forge,
    Painter,
    Registry,
    Runbooks,
    Runner,
    Templates,
    Tracker,
)

T = TypeVar("T")


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    def on_change(self, callback: Callable[[], None]) -> None:
        """Called when time jumped or changed its speed."""
        ...

    def seconds_until(self, moment: datetime) -> float | None:
        """Real seconds until this clock shows `moment`, as it runs now; None while it stands."""
        ...


class Desk(Protocol):
    """The one door that declares, joins or splits."""

    def claimed(self, kind: str, key: str) -> str | None: ...
    def declare(self, incident_id: str) -> Incident: ...
    def open(self, incident_id: str) -> Incident: ...


class Timeline(Protocol):
    def open(self, incident_id: str) -> AbstractContextManager[Incident]: ...
    def desk(self) -> AbstractContextManager[Desk]: ...
    def read(self, incident_id: str) -> Incident: ...
    def entries(self, incident_id: str, after: int = 0) -> list[Entry]: ...
    def summaries(
        self, *, open_only: bool = False, limit: int = 50, before: datetime | None = None
    ) -> list[Summary]: ...
    def head_hash(self, incident_id: str) -> str: ...
    def in_channel(self, channel: str) -> str | None: ...
    def claimed(self, kind: str, key: str) -> str | None: ...
    def changes_told(self, *, since: datetime, until: datetime) -> list[ChangeNotice]: ...


class Pager(Protocol):
    """Who is paged, and the page's own state (PagerDuty)."""

    def alerts(self, page_id: str) -> tuple[Alert, ...]: ...
    def paged_now(self, page_id: str) -> PagedNow: ...
    def open_pages(self, *, since: datetime | None = None) -> tuple[OpenPage, ...]: ...
    def page(self, page_id: str) -> OpenPage: ...
    def email_of(self, pager_user_id: str) -> str | None: ...
    def knows(self, email: str) -> bool: ...
    def on_call(self, service: str) -> tuple[str, ...]:
        """E-mail addresses of who is on call for this PagerDuty service, first level first."""
        ...

    def acknowledge(self, page_id: str, *, as_email: str) -> None: ...
    def resolve(self, page_id: str, *, as_email: str, note: str) -> None: ...
    def note(self, page_id: str, *, as_email: str, text: str, marker: str) -> None: ...
    def set_priority(self, page_id: str, *, as_email: str, priority: str, since: datetime) -> None:
        """Decided at `since`: a second attempt does not put back what was changed after the first."""
        ...

    def request_responder(
        self, page_id: str, *, as_email: str, target: str, message: str
    ) -> None: ...


class Deployer(Protocol):
    """Where deployments are read and rolled back (Argo CD)."""

    def offers(self, deployment: Deployment, *, before: datetime | None) -> list[Offer]: ...
    def plan_rollback(self, deployment: Deployment, target: str) -> Plan: ...
    def prepare_rollback(self, plan: Plan, attempt: str) -> Ready | Waiting: ...
    def roll_back(self, plan: Plan, attempt: str) -> Receipt: ...
    def look(self, plan: Plan, attempt: str) -> Look: ...
    def progress(self, plan: Plan, receipt: Receipt) -> Seen: ...
    def leftover(self, plan: Plan) -> Cleared | StillThere: ...
    def restore(self, plan: Plan) -> None: ...


class Directory(Protocol):
    """Who is who across vendors: by e-mail, with `catalog/people.yaml` winning."""

    def email(self, person: Person) -> str:
        """Empty where nobody knows it."""
        ...

    def by_email(self, email: str) -> Person | None: ...
    def by_id(self, user_id: str) -> Person: ...


class Metrics(Protocol):
    """The error rate of a service (New Relic)."""

    def measure(self, app: str, *, since: datetime, until: datetime) -> Measure: ...
    def normal(self, app: str, *, before: datetime) -> Measure:
        """The hour that ends a quarter of an hour before `before`."""
        ...

    def first_bad_minute(
        self, app: str, *, since: datetime, until: datetime
    ) -> datetime | None: ...
    def sparkline(self, app: str, *, since: datetime, until: datetime) -> tuple[float, ...]: ...
    def top_errors(self, app: str, *, since: datetime, until: datetime) -> tuple[str, ...]: ...


class StatusPage(Protocol):
    def components(self) -> tuple[ComponentState, ...]: ...
    def subscribers(self) -> int | None: ...
    def find(self, marker: str) -> StatusPagePost | None: ...
    def publish(
        self, update: PublicUpdate, *, marker: str, post: StatusPagePost | None
    ) -> StatusPagePost: ...


@dataclass(frozen=True)
class Failed:
    """One of several calls side by side went wrong."""

    why: str


@dataclass(frozen=True)
class TooSlow:
    """One of several calls side by side did not answer by the deadline."""

    after: timedelta


class SideBySide(Protocol):
    def together(
        self, calls: Mapping[str, Callable[[], T]], *, deadline: timedelta
    ) -> Mapping[str, T | Failed | TooSlow]: ...


class Mitigation(Protocol):
    """One file in mitigations/. Only `prepare`, `execute` and `put_back` write to the world.

    One exception: where `execute` only begins what takes many requests (a drain), `verify` goes on
    with it, by requests that may be repeated, and only while the world carries the attempt's mark.
    """

    name: str
    """Stored, granted and commanded by it: `shift_traffic`."""
    label: str
    """What a button says before the service's name: "Shift traffic of"."""
    free: str
    """What may be typed as a target beside the offers ("number of pods"); empty where nothing."""

    def fits(self, deployment: Deployment) -> bool:
        """Whether it could make sense there at all, by the catalog alone."""
        ...

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]: ...
    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        """Exact before and after. What is the same for every mitigation is added by the flow."""
        ...

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        """Bring the world to where one request does it; may be called again and again."""
        ...

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        """One request, without retries. `Refused` if the world moved; `NotSent` if nothing happened."""
        ...

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look: ...
    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        """`Settled` when the change is through; the flow then asks the users' numbers."""
        ...

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan: ...
    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere: ...
    def put_back(self, tools: Tools, plan: Plan) -> None: ...


@dataclass(frozen=True)
class Gate:
    """The one door through which everything is written to the world outside Slack."""

    observe: bool
    frozen: Callable[[], bool] = lambda: False

    def allow(self, doing: str) -> None:
        """Raise `Refused` where this deployment may only look."""
        if self.observe:
            raise Refused(
                f"Tocsin is in observe mode and did not {doing}. Nothing was written."
                " Do it by hand, or set TOCSIN_MODE=act."
            )


@dataclass(frozen=True, kw_only=True)
class Tools:
    """One of each. A vendor that is not configured is None, and its features say so."""

    clock: Clock
    timeline: Timeline
    catalog: Catalog
    policy: Policy
    gate: Gate
    beside: SideBySide
    runbooks: Runbooks
    templates: Templates
    directory: Directory
    mitigations: Mapping[str, Mitigation] = field(default_factory=dict)
    deployers: Mapping[tuple[str, Driver], Deployer] = field(default_factory=dict)
    """By where it is (a further cluster of an environment as `production/eu`) and what deploys there."""
    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    """By where they are."""
    clouds: Mapping[str, Cloud] = field(default_factory=dict)
    """By environment."""
    runners: Mapping[tuple[str, By], Runner] = field(default_factory=dict)
    """By environment and by what runs a workflow there."""
    change_sources: Mapping[str, Sequence[ChangeSource]] = field(default_factory=dict)
    """By environment."""
    pager: Pager | None = None
    metrics: Metrics | None = None
    status_page: StatusPage | None = None
    tracker: Tracker | None = None
    forge: Forge | None = None
    archive: Archive | None = None
    registry: Registry | None = None
    painter: Painter | None = None
    samples: Samples | None = None
    meters: Mapping[tuple[str, Through], Meter] = field(default_factory=dict)
    """By environment and by who is asked."""
    command: str = "/incident"
    switched_off: tuple[str, ...] = ()

    def deployer(self, deployment: Deployment) -> Deployer:
        """The one that deploys where this runs; `Refused` where none is configured."""
        found = self.deployers.get((deployment.where, deployment.driver))
        if found is None:
            raise Refused(
                f"No {_DEPLOYED_BY[deployment.driver]} is configured for"
                f" {deployment.where}: roll {deployment.service} back by hand, then say"
                f" `{self.command} did …`."
            )
        return found

    def cluster(self, where: str) -> Cluster:
        """The cluster there: `production`, `production/eu`; `Refused` where none is configured."""
        found = self.clusters.get(where)
        if found is None:
            raise Refused(
                f"No Kubernetes cluster is configured for {where}: do it by hand, then say"
                f" `{self.command} did …`."
            )
        return found

    def cloud(self, environment: str) -> Cloud:
        """The account of this environment; `Refused` where none is configured."""
        found = self.clouds.get(environment)
        if found is None:
            raise Refused(
                f"No AWS account is configured for {environment}: do it by hand, then say"
                f" `{self.command} did …`."
            )
        return found

    def runner(self, environment: str, by: By) -> Runner:
        """What runs workflows of that sort there; `Refused` where none is configured."""
        found = self.runners.get((environment, by))
        if found is None:
            raise Refused(
                f"No {_RUN_BY[by]} is configured for {environment}: run it by hand, then say"
                f" `{self.command} did …`."
            )
        return found


_RUN_BY = {By.JOB: "Kubernetes cluster", By.GITHUB: "GitHub", By.SSM: "AWS account"}
_DEPLOYED_BY = {
    Driver.ARGOCD: "Argo CD",
    Driver.HELM: "Helm",
    Driver.KUBERNETES: "Kubernetes",
    Driver.ASG: "AWS account",
    Driver.MANAGED: "AWS account",
}
