"""Everything the played Slack workspace remembers, as plain picklable dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

TEAM = "T0DEMO"
PARTNER_TEAM = "T0PARTNER"
APP = "A0TOCSIN"
BOT_USER = "U0TOCSIN"
BOT = "B0TOCSIN"
SEEDED_AT = 1_772_000_000

# block_id -> action_id -> what was chosen there, in the shape of Slack's `state.values`.
Values = dict[str, dict[str, Any]]


@dataclass(kw_only=True)
class Team:
    """One workspace; the partner's exists so that outsiders have somewhere to come from."""

    id: str
    name: str
    domain: str


@dataclass(kw_only=True)
class Person:
    """A member as `users.info` shows them; the bot is one too."""

    id: str
    handle: str
    name: str
    email: str | None
    team_id: str = TEAM
    title: str = ""
    is_bot: bool = False
    is_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    colour: str = "4f6df5"
    tz: str = "Europe/London"


@dataclass(kw_only=True)
class Message:
    """One message; thread replies live beside their parents in `Channel.messages`."""

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    subtype: str | None = None
    bot_id: str | None = None
    username: str | None = None
    metadata: dict[str, Any] | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edited: dict[str, str] | None = None
    files: list[str] = field(default_factory=list)
    client_msg_id: str | None = None
    chosen: dict[str, Values] = field(default_factory=dict)  # person -> what they picked

    def values_of(self, person: str) -> Values:
        """What one person chose in the message's elements; others do not see it."""
        return self.chosen.setdefault(person, {})


@dataclass(kw_only=True)
class Ephemeral:
    """What one person sees in a channel and nobody else; `origin` says who put it there."""

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    origin: str = "bot"  # bot | response_url | ack | slack (Slack's own error text)
    values: Values = field(default_factory=dict)

    def values_of(self, person: str) -> Values:
        """As a message's; only its one reader can have chosen anything."""
        return self.values if person == self.user else {}


@dataclass(kw_only=True)
class Pin:
    """A pinned message."""

    ts: str
    by: str
    at: int


@dataclass(kw_only=True)
class Bookmark:
    """A link in a channel's bookmark bar."""

    id: str
    title: str
    link: str
    emoji: str | None = None
    created: int = 0
    updated: int = 0
    by: str = BOT_USER


@dataclass(kw_only=True)
class Channel:
    """A channel or direct message; `messages` is keyed by ts and in ts order."""

    id: str
    name: str
    creator: str
    created: int
    is_private: bool = False
    im_with: str | None = None
    is_general: bool = False
    is_shared: bool = False
    archived: bool = False
    members: list[str] = field(default_factory=list)
    topic: str = ""
    topic_by: str = ""
    topic_at: int = 0
    purpose: str = ""
    purpose_by: str = ""
    purpose_at: int = 0
    previous_names: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    bookmarks: list[Bookmark] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)

    def thread(self, ts: str) -> list[Message]:
        """The replies under a message, oldest first, without the message itself."""
        return [m for m in self.messages.values() if m.thread_ts == ts and m.ts != ts]


@dataclass(kw_only=True)
class View:
    """An open modal or a published home; `body` is the view as the bot sent it, ids filled in."""

    id: str
    user: str
    type: str
    body: dict[str, Any]
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    values: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def values_of(self, person: str) -> Values:
        """What its one owner filled in."""
        return self.values if person == self.user else {}


@dataclass(kw_only=True)
class File:
    """An uploaded file; `content` is None until its bytes have arrived."""

    id: str
    name: str
    length: int
    user: str
    created: int
    title: str = ""
    alt: str = ""
    content: bytes | None = None
    complete: bool = False
    channels: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class UserGroup:
    """A mentionable group such as @lms-oncall."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)
    updated: int = 0


@dataclass(kw_only=True)
class Trigger:
    """Permission to open one form, for three real seconds."""

    id: str
    user: str
    issued: float
    view_id: str | None = None
    used: bool = False


@dataclass(kw_only=True)
class Hook:
    """A response_url: five uses within thirty (virtual) minutes."""

    id: str
    user: str
    channel: str
    expires: float
    ts: str | None = None
    is_ephemeral: bool = False
    thread_ts: str | None = None
    uses: int = 0


@dataclass(kw_only=True)
class Code:
    """What somebody agreed to on the consent page; `issued` in real seconds."""

    user: str
    redirect_uri: str
    nonce: str
    scopes: tuple[str, ...]
    issued: float


@dataclass(kw_only=True)
class Scheduled:
    """A message that waits for its hour."""

    id: str
    channel: str
    post_at: int
    fields: dict[str, Any]


@dataclass(kw_only=True)
class OwedEvent:
    """An event that the bot has not accepted yet; `retry` counts the deliveries made so far."""

    event_id: str
    body: dict[str, Any]
    retry: int = 0
    reason: str = ""
    due: float = 0.0


@dataclass(kw_only=True)
class SlackState:
    """The workspace; every part of the sandbox may read it, only `sandbox.slack` writes it."""

    teams: dict[str, Team] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    ephemerals: list[Ephemeral] = field(default_factory=list)
    modals: dict[str, list[View]] = field(default_factory=dict)  # person -> stack, topmost last
    homes: dict[str, View] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    usergroups: dict[str, UserGroup] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    hooks: dict[str, Hook] = field(default_factory=dict)
    scheduled: dict[str, Scheduled] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    user_tokens: dict[str, Code] = field(default_factory=dict)
    canvases: dict[str, dict[str, Any]] = field(default_factory=dict)
    buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    last_micros: int = 0
    owed: dict[str, OwedEvent] = field(default_factory=dict)

    def new_ts(self, now: datetime) -> str:
        """A message timestamp: unique, and later than every one before even if the clock stands."""
        self.last_micros = max(int(now.timestamp() * 1_000_000), self.last_micros + 1)
        seconds, micros = divmod(self.last_micros, 1_000_000)
        return f"{seconds}.{micros:06d}"

    def person(self, who: str) -> Person | None:
        """By id or handle."""
        wanted = who.removeprefix("@")
        found = (p for p in self.people.values() if wanted in (p.id, p.handle))
        return next(found, None)

    def channel(self, which: str) -> Channel | None:
        """By id or name."""
        wanted = which.removeprefix("#")
        if wanted in self.channels:
            return self.channels[wanted]
        return next((c for c in self.channels.values() if c.name == wanted), None)

    def top_modal(self, person: str) -> View | None:
        """The form the person is looking at."""
        stack = self.modals.get(person)
        return stack[-1] if stack else None

    def view(self, view_id: str) -> View | None:
        """An open modal or a home, by id."""
        views = [v for stack in self.modals.values() for v in stack] + list(self.homes.values())
        return next((v for v in views if v.id == view_id), None)
