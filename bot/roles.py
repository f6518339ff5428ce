"""What is reached for beside the deployer: one Protocol per role that a platform plays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.capacity import Space, WaitingPod
from bot.domain.change import Change, Partly
from bot.domain.flag_board import FlagBoard
from bot.domain.image import Image
from bot.domain.incident import Summary
from bot.domain.people import Person
from bot.domain.places import Deployment
from bot.domain.review import Comment, Draft, FollowUp, Published
from bot.domain.runbook import Answer, Query, Runbook
from bot.domain.slo.curve import Curve
from bot.domain.workflow import FromCronJob, Order, Recipe, Run
from bot.domain.workload import Edit, JobRun, Node, NodeEdit, NodePod, Workload
from bot.domain.written import Keeping, Kept


class Cluster(Protocol):
    """What runs in one environment's cluster (Kubernetes)."""

    def workload(self, place: Deployment, *, doing: str) -> Workload: ...
    def edit(self, workload: Workload, edit: Edit, attempt: str, *, doing: str) -> None:
        """One request, held to what was read: NotSent, and may pass, where it changed since."""
        ...

    def rehearse(self, workload: Workload, edit: Edit, *, doing: str) -> str:
        """Through rights and admission without storing; what could not be tried, or nothing."""
        ...

    def runs(self, workload: Workload, *, doing: str) -> tuple[JobRun, ...]:
        """Of a CronJob, those that have not ended."""
        ...

    def stop_run(
        self, workload: Workload, run: str, attempt: str, *, doing: str, stopped: bool = True
    ) -> None:
        """Repeatable: its pods go, and come anew when it goes on."""
        ...

    def rehearse_stop(self, workload: Workload, run: str, *, doing: str) -> str:
        """What could not be tried, or nothing."""
        ...

    def flags(self, source: FromCronJob, *, readings: int, doing: str) -> FlagBoard:
        """Of an application that keeps them itself: as Jobs of this CronJob listed and set them."""
        ...

    def nodes(self, group: str, *, doing: str) -> tuple[Node, ...]:
        """Of one node group, without their pods."""
        ...

    def node(self, name: str, *, doing: str) -> Node | None:
        """With its pods; None where there is no such node."""
        ...

    def change_node(self, node: Node, edit: NodeEdit, attempt: str, *, doing: str) -> None: ...
    def rehearse_node(self, node: Node, edit: NodeEdit, *, doing: str) -> str:
        """What could not be tried, or nothing."""
        ...

    def waiting(self, place: Deployment, *, doing: str) -> tuple[tuple[WaitingPod, ...], int]:
        """The pods of a workload that do not run yet, and how many it has in all."""
        ...

    def space(self, place: Deployment, *, doing: str) -> Space:
        """Where more pods of a workload could go."""
        ...

    def evict(self, pod: NodePod, *, doing: str, rehearsal: bool = False) -> str:
        """Repeatable. Why its budget does not let it go; empty where it goes, or is gone."""
        ...


class Runner(Protocol):
    """What runs a team's own workflow in one environment (a cluster, GitHub Actions, AWS)."""

    def recipe(self, order: Order, *, doing: str) -> Recipe:
        """What would run as it stands now, tried as far as that goes; `Refused` where it cannot."""
        ...

    def start(
        self, order: Order, attempt: str, *, recipe: Recipe, doing: str, by_hand: str
    ) -> None:
        """One request, without retries, for what the recipe pins."""
        ...

    def find(self, order: Order, attempt: str, *, doing: str) -> Run | None:
        """The run of this attempt, with what it said once it has ended."""
        ...


class ChangeSource(Protocol):
    """Somebody who saw what changed: a deployer, a trail, a git log, an inbox."""

    @property
    def name(self) -> str:
        """As responders know it: the one that is named when it gives no answer."""
        ...

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change] | Partly:
        """What began between the two at these places, and what it cannot tell a place for."""
        ...


class Tracker(Protocol):
    """Where follow-ups become tickets (Jira or GitHub Issues)."""

    name: str

    def find(self, marker: str) -> str | None: ...
    def create(self, follow_up: FollowUp, *, incident: Summary, marker: str) -> str:
        """The ticket's address."""
        ...

    def link(self, ticket: str, *, title: str, address: str) -> None: ...


class Forge(Protocol):
    """The code host: what lies between two revisions, and pull requests (GitHub)."""

    def migrations_between(self, base: str, head: str) -> tuple[str, ...]: ...
    def compare_address(self, base: str, head: str) -> str: ...
    def pull_request(self, *, branch: str, title: str, body: str) -> str: ...
    def comment(self, pull_request: str, comments: Sequence[Comment]) -> None: ...
    def revert_pull_request(self, *, service: str, bad: str, good: str, reason: str) -> str: ...
    def keep(self, keeping: Keeping, *, doing: str) -> Kept | None:
        """A draft pull request to Terraform's code, or an issue; None where it says so already."""
        ...

    def settled(self, address: str, *, doing: str) -> bool:
        """Whether what `keep` opened was merged, or closed as done."""
        ...


class Registry(Protocol):
    """Where images are kept; one for all hosts (the OCI distribution API)."""

    def exists(self, image: Image) -> bool:
        """False only where it says so itself; what could not be asked is a VendorError."""
        ...


class Archive(Protocol):
    """The git repository of postmortems."""

    def publish(self, draft: Draft) -> Published:
        """Commit to the draft's branch; every human edit outside the marked regions is kept."""
        ...

    def read(self, branch: str, path: str) -> str: ...


class Runbooks(Protocol):
    def search(self, query: Query) -> Answer: ...
    def read(self, path: str) -> Runbook | None: ...
    def all(self) -> Sequence[Runbook]:
        """In the order of their paths."""
        ...


class Templates(Protocol):
    def render(self, name: str, values: Mapping[str, object]) -> str: ...


class Painter(Protocol):
    """Draws pictures for people."""

    def draw(self, curve: Curve) -> bytes:
        """PNG; the same curve gives the same bytes. Raises `VendorError`."""
        ...


class Introducer(Protocol):
    """Says who sits at a browser: the workspace's own sign-in (OpenID Connect)."""

    def address(self, *, state: str, nonce: str) -> str:
        """Where the browser goes to be asked."""
        ...

    def introduced(self, code: str, *, nonce: str) -> Person:
        """Whom a code that came back stands for. VendorError where that cannot be known."""
        ...


class Membership(Protocol):
    """What the workspace knows of a person at this moment."""

    def private_channels(self, user_id: str) -> frozenset[str]:
        """Those that the bot is in too; none while nobody can say."""
        ...

    def left(self, user_id: str) -> bool:
        """Whether the account is known to be switched off."""
        ...
