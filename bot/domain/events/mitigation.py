"""A change to production, from the proposal to the proof: sent at most once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.facts import Fact
from bot.domain.mitigation import Measure, Plan, Receipt
from bot.domain.people import Person
from bot.domain.policy import Quorum


@dataclass(frozen=True, kw_only=True)
class MitigationProposed(Fact, stored="mitigation-proposed"):
    mitigation: str
    plan: Plan
    quorum: Quorum
    by: Person
    expires_at: datetime
    undoes: str = ""
    follows: str = ""
    """The one before it in a row: it was approved with that one."""


@dataclass(frozen=True, kw_only=True)
class MitigationApproved(Fact, stored="mitigation-approved"):
    """Bound to the digest of the plan that was on the card."""

    mitigation: str
    by: Person
    digest: str
    broke_glass: str = ""


@dataclass(frozen=True, kw_only=True)
class MitigationDeclined(Fact, stored="mitigation-declined"):
    mitigation: str
    by: Person
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class MitigationExpired(Fact, stored="mitigation-expired"):
    mitigation: str


@dataclass(frozen=True, kw_only=True)
class MitigationVoided(Fact, stored="mitigation-voided"):
    """The world moved since the proposal: nothing was done, a new plan is needed."""

    mitigation: str
    why: str


@dataclass(frozen=True, kw_only=True)
class ApproverAsked(Fact, stored="approver-asked"):
    """Another person was asked (and paged, where `paged`) to look at the proposal."""

    mitigation: str
    person: Person | None
    by: Person
    paged: bool = False


@dataclass(frozen=True, kw_only=True)
class ApproverPaged(Fact, stored="approver-paged"):
    """PagerDuty took the request to wake them."""

    mitigation: str
    person: Person | None


@dataclass(frozen=True, kw_only=True)
class MitigationPreparing(Fact, stored="mitigation-preparing"):
    """From here on things that may be repeated are written (auto-sync off, a sync stopped)."""

    mitigation: str


@dataclass(frozen=True, kw_only=True)
class MitigationProgressed(Fact, stored="mitigation-progressed", chatter=True):
    mitigation: str
    progress: str


@dataclass(frozen=True, kw_only=True)
class MitigationStarted(Fact, stored="mitigation-started"):
    """Committed before the one request. Without an end it is in doubt, and only looked at.

    `baseline` is the worst that was measured before it: what recovery is held against.
    """

    mitigation: str
    attempt: str
    prepared: tuple[str, ...] = ()
    baseline: Measure | None = None


@dataclass(frozen=True, kw_only=True)
class MitigationNotSent(Fact, stored="mitigation-not-sent"):
    """Provably nothing happened: the same approval may start again."""

    mitigation: str
    attempt: str
    why: str


@dataclass(frozen=True, kw_only=True)
class MitigationUnderway(Fact, stored="mitigation-underway"):
    mitigation: str
    receipt: Receipt
    adopted: bool = False


@dataclass(frozen=True, kw_only=True)
class MitigationStuck(Fact, stored="mitigation-stuck"):
    """In doubt, for a human, with what the world shows now."""

    mitigation: str
    shows: str


@dataclass(frozen=True, kw_only=True)
class MitigationLeft(Fact, stored="mitigation-left"):
    """A human took a stuck one into their own hands."""

    mitigation: str
    by: Person


@dataclass(frozen=True, kw_only=True)
class MitigationVerified(Fact, stored="mitigation-verified"):
    mitigation: str
    evidence: str
    measure: Measure | None = None


@dataclass(frozen=True, kw_only=True)
class MitigationFailed(Fact, stored="mitigation-failed"):
    """`sent` is False where nothing reached production."""

    mitigation: str
    why: str
    by_hand: str = ""
    sent: bool = True
    measure: Measure | None = None
    worse: bool = False
    """Users are hit harder than before."""


@dataclass(frozen=True, kw_only=True)
class MitigationUndone(Fact, stored="mitigation-undone"):
    mitigation: str
    by_mitigation: str


@dataclass(frozen=True, kw_only=True)
class LeftoverNoted(Fact, stored="leftover-noted"):
    """Something temporary stays behind and belongs to a team."""

    leftover: str
    mitigation: str
    text: str
    team: str


@dataclass(frozen=True, kw_only=True)
class LeftoverReminded(Fact, stored="leftover-reminded", bookkeeping=True):
    leftover: str


@dataclass(frozen=True, kw_only=True)
class LeftoverBlocked(Fact, stored="leftover-blocked"):
    """It may not be put back now; `offer` is the way out."""

    leftover: str
    why: str
    offer: str = ""


@dataclass(frozen=True, kw_only=True)
class LeftoverClearAsked(Fact, stored="leftover-clear-asked"):
    leftover: str
    by: Person


@dataclass(frozen=True, kw_only=True)
class LeftoverCleared(Fact, stored="leftover-cleared"):
    leftover: str
    shows: str
    by: Person | None = None
    again_by: str = ""
    """Who writes it down, where it was put back while the incident is open and not by us."""
    kept: bool = False
    """It is there to stay: who writes it down has it so now."""


@dataclass(frozen=True, kw_only=True)
class LeftoverKeepAsked(Fact, stored="leftover-keep-asked"):
    leftover: str
    by: Person


@dataclass(frozen=True, kw_only=True)
class LeftoverKept(Fact, stored="leftover-kept"):
    """Proposed to who writes it down. `why`: it says what to change, and changes nothing itself."""

    leftover: str
    address: str
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class LeftoverKeepFailed(Fact, stored="leftover-keep-failed"):
    leftover: str
    why: str
    by_hand: str = ""


@dataclass(frozen=True, kw_only=True)
class RevertOffered(Fact, stored="revert-offered"):
    """What would undo a rollback owns the app: a revert pull request is the way."""

    service: str
    why: str
    bad: str
    good: str


@dataclass(frozen=True, kw_only=True)
class RevertAsked(Fact, stored="revert-asked"):
    service: str
    bad: str
    good: str
    by: Person
    leftover: str = ""


@dataclass(frozen=True, kw_only=True)
class RevertOpened(Fact, stored="revert-opened"):
    service: str
    address: str
    leftover: str = ""


@dataclass(frozen=True, kw_only=True)
class RevertFailed(Fact, stored="revert-failed"):
    service: str
    why: str
    by_hand: str = ""


@dataclass(frozen=True, kw_only=True)
class WatchAsked(Fact, stored="watch-asked"):
    """A fix made by hand (`did …`): verified like one of ours, against now."""

    watch: str
    text: str
    by: Person
    baseline: Measure | None = None


@dataclass(frozen=True, kw_only=True)
class WatchProgressed(Fact, stored="watch-progressed", chatter=True):
    watch: str
    progress: str


@dataclass(frozen=True, kw_only=True)
class WatchConcluded(Fact, stored="watch-concluded"):
    watch: str
    recovered: bool
    evidence: str
    measure: Measure | None = None
