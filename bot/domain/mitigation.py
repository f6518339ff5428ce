"""The words of a mitigation: what is offered, planned, approved, sent and proven."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.clusters import whereabouts
from bot.domain.written import Setting


class Risk(StrEnum):
    LOW = "low"
    HIGH = "high"


class MitigationStage(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    PREPARING = "preparing"
    STARTED = "started"
    UNDERWAY = "underway"
    VERIFYING = "verifying"
    VERIFIED = "verified"
    FAILED = "failed"
    STUCK = "stuck"
    UNDONE = "undone"
    DECLINED = "declined"
    EXPIRED = "expired"
    VOIDED = "voided"

    @property
    def over(self) -> bool:
        return self in _OVER


_OVER = {
    MitigationStage.VERIFIED,
    MitigationStage.FAILED,
    MitigationStage.UNDONE,
    MitigationStage.DECLINED,
    MitigationStage.EXPIRED,
    MitigationStage.VOIDED,
}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Something that could be done; `target` is what the mitigation itself understands."""

    mitigation: str
    target: str
    title: str
    label: str
    image: str = ""
    chart: str = ""
    author: str = ""
    message: str = ""
    deployed_at: datetime | None = None
    suggested: bool = False
    warning: str = ""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One exact change, before → after."""

    what: str
    before: str
    after: str


class Migrations(StrEnum):
    NONE = "none"
    FOUND = "found"
    UNKNOWN = "unknown"
    IRRELEVANT = "irrelevant"
    """It does not put other code in place, so nothing can lie between."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A number read from a source over a window that ends at `at`; None where it could not be read.

    `error_ratio` is 0..1. `blind` says why there is no number ("New Relic silent since 03:04").
    """

    source: str
    at: datetime
    error_ratio: float | None = None
    requests: int = 0
    blind: str = ""
    per_minute: float | None = None
    """Requests a minute over the window."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything an approver sees, and all that the act needs. Approval is bound to `digest`.

    A mitigation says what it knows: `risk_reasons` are its own worries, `comforts` what speaks for
    it. Baseline, blast radius and the risk that follows are the same for all and added by the flow.
    """

    mitigation: str
    title: str
    service: str
    environment: str
    target: str
    target_label: str
    live: str
    live_label: str
    differences: tuple[Difference, ...] = ()
    lowers: tuple[str, ...] = ()
    migrations: Migrations = Migrations.UNKNOWN
    migration_notes: tuple[str, ...] = ()
    images: str = ""
    """In words, whether the images that the target needs still exist."""
    needs: tuple[str, ...] = ()
    """Those images, by their full names."""
    missing: tuple[str, ...] = ()
    """A sentence for each that a registry says it does not have; what could not be asked is none."""
    steps: tuple[str, ...] = ()
    interrupts: str = ""
    blast_radius: tuple[str, ...] = ()
    risk: Risk = Risk.HIGH
    risk_reasons: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    undoable: bool = True
    baseline: Measure | None = None
    state: str = "{}"
    system: str = "Argo CD"
    """Who carries it out, as the card names it."""
    comforts: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    """What an approver should know, and what makes it no riskier."""
    forward: bool = False
    """It moves on instead of back: what a change freeze holds up."""
    owned_by: str = ""
    """Who writes this down and would put it back: a Terraform module with its environment."""
    written: tuple[Setting, ...] = ()
    """As the owner writes it: what would have to change there to keep it. Empty where that is no
    single value."""
    measured: str = ""
    """The New Relic application whose error rate proves it; empty where none is known."""
    normal: float | None = None
    """The error ratio of a quiet hour before."""
    usual: float | None = None
    """Requests a minute of that hour."""
    stands: tuple[str, ...] = ()
    """How it stands and whose it is, in lines: what an approver weighs, and nothing that is done."""
    room: str = ""
    """In words, whether the pods that it adds find room in the cluster; empty where it adds none."""
    ends_after: timedelta | None = None
    """How long after its start it is put back by itself; None where it is not."""
    then: tuple[Plan, ...] = ()
    """What follows under the same approval once this is through, one after the other."""
    cluster: str = ""
    """The further cluster of the environment that it acts in; empty for the first."""

    @property
    def where(self) -> str:
        return whereabouts(self.environment, self.cluster)

    @property
    def doing(self) -> str:
        """Completes "could not …"."""
        title = self.title.removeprefix("Undo: ")
        return title[0].lower() + title[1:]

    @property
    def following(self) -> Plan | None:
        """The next of the row, with the rest of the row behind it."""
        return replace(self.then[0], then=self.then[1:]) if self.then else None

    @property
    def digest(self) -> str:
        """SHA-256 over target, live revision and diff: what an approval is for.

        Without what registries, metrics and nodes say: it is another at every moment.
        """
        bound: dict[str, object] = {
            "mitigation": self.mitigation,
            "service": self.service,
            "environment": self.environment,
            "target": self.target,
            "live": self.live,
            "differences": [(d.what, d.before, d.after) for d in self.differences],
            "interrupts": self.interrupts,
        }
        if self.ends_after is not None:
            bound["ends_after"] = self.ends_after.total_seconds()
        if self.cluster:
            bound["cluster"] = self.cluster
        if self.then:
            bound["then"] = [each.digest for each in self.then]
        return hashlib.sha256(json.dumps(bound, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The vendor's proof that it took the request; `reference` finds it again."""

    reference: str
    summary: str
    at: datetime
    state: str = "{}"


@dataclass(frozen=True, kw_only=True)
class Ready:
    """The world is prepared: the one request may be sent. `done` says what was changed for it."""

    done: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The world is not ready yet; `why` goes on the card."""

    why: str


@dataclass(frozen=True, kw_only=True)
class Untouched:
    """The request provably had no effect."""

    shows: str


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """Nobody can tell; `shows` is what the world looks like now."""

    shows: str


Look = Receipt | Untouched | Unknown


@dataclass(frozen=True, kw_only=True)
class Healthy:
    """`since` is the minute from which users were well again, where the numbers show it."""

    evidence: str
    measure: Measure | None = None
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Unhealthy:
    """`worse`: users are hit harder than before."""

    why: str
    measure: Measure | None = None
    worse: bool = False


@dataclass(frozen=True, kw_only=True)
class TooEarly:
    """No verdict yet; `progress` is for the card ("rolling out 3 of 12", "cannot tell yet: 14 requests").

    `blind`: the source says nothing, so that another one may.
    """

    progress: str
    blind: bool = False


Verdict = Healthy | Unhealthy | TooEarly


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The change is through since `at`; whether users recovered is for the numbers to say."""

    evidence: str
    at: datetime
    said: str = ""
    """What is told beside the numbers whatever they are: the last words of a run."""


Seen = Settled | Verdict
"""What a mitigation sees of its own change. A `Healthy` of its own needs no more proof."""


@dataclass(frozen=True, kw_only=True)
class Cleared:
    """A left-over that the world no longer shows."""

    shows: str


@dataclass(frozen=True, kw_only=True)
class StillThere:
    """A left-over that is still there; `blocked` says why it may not be put back now."""

    shows: str
    blocked: str = ""
    offer: str = ""
