"""Something that changed in the world, whoever saw it: a suspect, never a cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """What sort of change it was; each is suspected by its own measure."""

    DEPLOY = "deploy"
    AMI = "ami"
    CONFIG = "config"
    FLAG = "flag"
    WEIGHT = "weight"
    MIGRATION = "migration"
    INFRA = "infra"
    WAF = "waf"
    FAILOVER = "failover"
    SCALE = "scale"
    RESTART = "restart"
    PURGE = "purge"


class ChangeStatus(StrEnum):
    """How it stood when it was read."""

    UNKNOWN = "unknown"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DEGRADED = "degraded"
    """It went through, and what it changed is unwell since."""


class Nearness(StrEnum):
    """How what changed belongs to what fails; `distance` counts the steps of a path."""

    PATH = "path"
    SHARED = "shared"
    """Everybody stands on it: the firewall, DNS, a node group."""
    UNRELATED = "unrelated"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one service or resource in one environment. `at` is when it began."""

    id: str
    source: str
    service: str
    environment: str
    at: datetime
    before: str = ""
    after: str = ""
    author: str = ""
    message: str = ""
    address: str = ""
    distance: int = 0
    reversible_by: str = ""
    """The mitigation that can take it back, empty where none can; `target` is what it needs."""
    target: str = ""
    kind: ChangeKind = ChangeKind.DEPLOY
    ended: datetime | None = None
    status: ChangeStatus = ChangeStatus.UNKNOWN
    actor: str = ""
    """Who or what carried it out; `author` wrote it."""
    refs: tuple[str, ...] = ()
    """Every name of what was put in place: commit, image, version."""
    also: tuple[str, ...] = ()
    """The other sources that saw the same change."""
    known_as: tuple[str, ...] = ()
    """Its ids with those sources."""
    nearness: Nearness = Nearness.PATH
    team: str = ""
    """Who owns what changed."""
    size: int = 0
    """Lines or fields that differ; 0 where nobody counted."""
    diff: str = ""
    """Where the difference can be read."""
    notes: tuple[str, ...] = ()
    """What a source itself says speaks for it, in words."""

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source, *self.also)

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.id, *self.known_as)

    @property
    def title(self) -> str:
        """`lms r141 → r142`, as far as it is known."""
        moved = " → ".join(part for part in (self.before, self.after) if part)
        return f"{self.service or 'unknown service'} {moved or self.message}".strip()


TOLD = "change webhook"
"""The source of what CI jobs and scripts tell by themselves, many of them when they have ended."""


@dataclass(frozen=True, kw_only=True)
class ChangeNotice:
    """What somebody told us of a change, as it came. `at` is when the change began."""

    id: str
    at: datetime
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A change with the reasons for which it is suspected, best first."""

    change: Change
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Unasked:
    """A source that gave no answer, and why."""

    source: str
    why: str

    def __str__(self) -> str:
        return f"{self.source} ({self.why})"


@dataclass(frozen=True, kw_only=True)
class Partly:
    """What a source found that could not see all: `missing` is what it did not look at."""

    changes: tuple[Change, ...] = ()
    missing: tuple[Unasked, ...] = ()
    late: str = ""
    """That changes of just now may not be there yet, in words; empty where they are."""
