"""Who is there and what for: the channel, severity, roles, and what people write down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.facts import Fact
from bot.domain.people import Person
from bot.domain.severity import Severity


class Role(StrEnum):
    COMMANDER = "commander"
    COMMS = "comms"
    SCRIBE = "scribe"
    DEPUTY = "deputy"
    EXPERT = "expert"

    @property
    def label(self) -> str:
        return {
            "commander": "Incident commander",
            "comms": "Communications",
            "expert": "Subject expert",
        }.get(self.value, self.value.capitalize())


class NoteKind(StrEnum):
    NOTE = "note"
    ACTION = "action"
    DECISION = "decision"


@dataclass(frozen=True, kw_only=True)
class ChannelOpened(Fact, stored="channel-opened"):
    """Everything that needs the channel becomes owed by this fact. Its card is pinned in it."""

    channel: str
    name: str
    card: str


@dataclass(frozen=True, kw_only=True)
class ChannelRenamed(Fact, stored="channel-renamed", bookkeeping=True):
    """The name was somebody else's: this one is tried instead."""

    name: str


@dataclass(frozen=True, kw_only=True)
class ChannelMade(Fact, stored="channel-made", bookkeeping=True):
    channel: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ChannelUnavailable(Fact, stored="channel-unavailable"):
    """Slack refuses the channel for good: responders work in `thread_channel` instead."""

    why: str
    thread_channel: str = ""


@dataclass(frozen=True, kw_only=True)
class MessagePosted(Fact, stored="message-posted", bookkeeping=True):
    """A message of ours that is edited or linked later; `what` is our own name for it."""

    what: str
    channel: str
    ts: str


@dataclass(frozen=True, kw_only=True)
class TopicSet(Fact, stored="topic-set", bookkeeping=True):
    topic: str


@dataclass(frozen=True, kw_only=True)
class Joined(Fact, stored="joined", chatter=True):
    person: Person


@dataclass(frozen=True, kw_only=True)
class Invited(Fact, stored="invited", chatter=True):
    people: tuple[Person, ...]
    why: str = ""
    failed: str = ""


@dataclass(frozen=True, kw_only=True)
class OnCallFound(Fact, stored="on-call-found"):
    """Whom the pager names for this service now, first level first."""

    people: tuple[Person, ...]
    unmatched: tuple[str, ...] = ()
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class SeverityProposed(Fact, stored="severity-proposed"):
    severity: Severity
    reason: str


@dataclass(frozen=True, kw_only=True)
class SeveritySet(Fact, stored="severity-set"):
    severity: Severity
    by: Person
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RoleGiven(Fact, stored="role-given"):
    """`by` is the person themself where they claimed it; the previous holder is out."""

    role: Role
    person: Person
    by: Person


@dataclass(frozen=True, kw_only=True)
class RoleLeft(Fact, stored="role-left"):
    role: Role
    person: Person


@dataclass(frozen=True, kw_only=True)
class HandoverOffered(Fact, stored="handover-offered"):
    """The old holder stays in charge until the other accepts."""

    role: Role
    person: Person
    by: Person


@dataclass(frozen=True, kw_only=True)
class HandoverDeclined(Fact, stored="handover-declined"):
    role: Role
    person: Person


@dataclass(frozen=True, kw_only=True)
class Noted(Fact, stored="noted", chatter=True):
    """Something a person wrote down on purpose. `id` names it for later correction."""

    id: str
    kind: NoteKind
    text: str
    by: Person
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class MessageMarked(Fact, stored="message-marked", chatter=True):
    """A channel message was put on the timeline by a reaction; `happened_at` is its own time."""

    ts: str
    text: str
    author: Person
    by: Person
    emoji: str
    link: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MarkRemoved(Fact, stored="mark-removed", chatter=True):
    ts: str
    by: Person


@dataclass(frozen=True, kw_only=True)
class MarkedMessageEdited(Fact, stored="marked-message-edited", chatter=True):
    ts: str
    text: str


@dataclass(frozen=True, kw_only=True)
class MarkedMessageDeleted(Fact, stored="marked-message-deleted", chatter=True):
    ts: str


@dataclass(frozen=True, kw_only=True)
class Nagged(Fact, stored="nagged"):
    """One person was reminded once; `about` keeps it at once. `also` came in the same message."""

    about: str
    person: Person | None = None
    due: datetime | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SlackActFailed(Fact, stored="slack-act-failed"):
    """Something in Slack was not done: what, why, and what to do by hand."""

    doing: str
    why: str
    by_hand: str = ""


@dataclass(frozen=True, kw_only=True)
class WorkParked(Fact, stored="work-parked"):
    """Something that is owed was set aside after it failed: nothing is lost, a person may retry."""

    work: str
    why: str


@dataclass(frozen=True, kw_only=True)
class WorkResumed(Fact, stored="work-resumed"):
    """What was set aside is owed again."""

    work: str
