"""What is told to others, how it ends, and what is learnt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.facts import Fact
from bot.domain.people import Person
from bot.domain.review import FollowUp
from bot.domain.update import PublicUpdate, StatusPagePost, Update


@dataclass(frozen=True, kw_only=True)
class UpdatePosted(Fact, stored="update-posted"):
    update: Update
    by: Person


@dataclass(frozen=True, kw_only=True)
class UpdateSnoozed(Fact, stored="update-snoozed"):
    until: datetime
    by: Person


@dataclass(frozen=True, kw_only=True)
class PublicUpdateAsked(Fact, stored="public-update-asked"):
    """`id` is the marker by which a lost answer is found again."""

    id: str
    update: PublicUpdate
    by: Person
    next_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PublicUpdatePosted(Fact, stored="public-update-posted"):
    id: str
    post: StatusPagePost


@dataclass(frozen=True, kw_only=True)
class PublicUpdateFailed(Fact, stored="public-update-failed"):
    id: str
    why: str
    by_hand: str


@dataclass(frozen=True, kw_only=True)
class PublicUpdateSuggested(Fact, stored="public-update-suggested"):
    """The closing post is proposed; nothing is public before somebody presses *Post*."""

    status: str


class SuspectVerdict(StrEnum):
    CONFIRMED = "confirmed"
    RULED_OUT = "ruled out"


@dataclass(frozen=True, kw_only=True)
class SuspectJudged(Fact, stored="suspect-judged"):
    change: str
    verdict: SuspectVerdict
    by: Person
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class FactorAdded(Fact, stored="factor-added"):
    """A contributing factor, in the words of who saw it."""

    text: str
    by: Person


@dataclass(frozen=True, kw_only=True)
class Mitigated(Fact, stored="mitigated"):
    """Users are no longer hit; `happened_at` is the true minute where it is known."""

    how: str
    by: Person | None = None


@dataclass(frozen=True, kw_only=True)
class Resolved(Fact, stored="resolved"):
    how: str
    by: Person | None = None
    unverified_because: str = ""
    flap: bool = False


@dataclass(frozen=True, kw_only=True)
class Reopened(Fact, stored="reopened"):
    why: str
    by: Person | None = None


@dataclass(frozen=True, kw_only=True)
class PagerClearing(Fact, stored="pager-clearing"):
    """Which pages were resolved with the incident, and which were left open and why."""

    resolved: tuple[str, ...]
    left: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PostmortemAsked(Fact, stored="postmortem-asked"):
    by: Person | None = None


@dataclass(frozen=True, kw_only=True)
class PostmortemWritten(Fact, stored="postmortem-written"):
    path: str
    branch: str
    commit: str
    remarks: int = 0
    pull_request: str = ""


@dataclass(frozen=True, kw_only=True)
class PostmortemFailed(Fact, stored="postmortem-failed"):
    why: str
    by_hand: str = ""


@dataclass(frozen=True, kw_only=True)
class PostmortemCommented(Fact, stored="postmortem-commented", bookkeeping=True):
    pull_request: str
    remarks: int


@dataclass(frozen=True, kw_only=True)
class FollowUpAdded(Fact, stored="follow-up-added"):
    follow_up: FollowUp
    by: Person


@dataclass(frozen=True, kw_only=True)
class FollowUpTicketed(Fact, stored="follow-up-ticketed"):
    follow_up: str
    ticket: str


@dataclass(frozen=True, kw_only=True)
class FollowUpFailed(Fact, stored="follow-up-failed"):
    follow_up: str
    why: str
    by_hand: str = ""
