"""What one person sees of the played workspace: state in, plain facts for the templates out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from sandbox.core.simulation import Simulation
from sandbox.slack.state import BOT_USER, Channel, Ephemeral, Message, Person, View
from sandbox.ui import manifest
from sandbox.ui.render.emoji import emoji
from sandbox.ui.render.mrkdwn import mrkdwn
from sandbox.ui.render.names import Names
from sandbox.ui.render.pages import draw, page
from sandbox.ui.render.place import Place

TONES = 8
SHOWN = 200
"""Messages drawn when a channel opens; older ones are counted, not drawn."""


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who a message is from, and how their picture is drawn."""

    id: str
    name: str
    is_bot: bool = False
    tone: int = 0

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in words[:2]).upper() or "?"


@dataclass(frozen=True, kw_only=True)
class Reaction:
    name: str
    shown: str
    count: int
    mine: bool
    who: str


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A shared file; `address` shows it."""

    name: str
    address: str
    alt: str
    picture: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """One message as the template draws it."""

    ts: str
    channel: str
    author: Author
    html: Markup
    mine: bool
    thread_ts: str | None = None
    ephemeral: bool = False
    notice: bool = False
    """A line of the workspace itself (joined, set the topic)."""
    edited: bool = False
    pinned_by: str = ""
    broadcast: bool = False
    reactions: tuple[Reaction, ...] = ()
    replies: int = 0
    last_reply: str = ""
    repliers: tuple[Author, ...] = ()
    push: str = ""


class Screen:
    """The workspace through one person's eyes."""

    def __init__(self, sim: Simulation, me: Person):
        self.sim = sim
        self.me = me
        self.slack = sim.slack

    @property
    def names(self) -> Names:
        return Names(
            people={p.id: p.name for p in self.slack.people.values()},
            channels={c.id: c.name for c in self.slack.channels.values() if not c.im_with},
            me=self.me.id,
            now=self.sim.clock.now(),
        )

    def author(self, user: str, name: str | None = None) -> Author:
        person = self.slack.people.get(user)
        tone = list(self.slack.people).index(user) % TONES if person else 0
        is_bot = bool(person and person.is_bot)
        return Author(
            id=user, name=name or (person.name if person else user), is_bot=is_bot, tone=tone
        )

    def people(self) -> list[Person]:
        return [p for p in self.slack.people.values() if not p.is_bot and not p.deleted]

    def sees(self, channel: Channel) -> bool:
        if channel.im_with:
            return bool(channel.im_with == self.me.id)
        if self.me.id in channel.members:
            return True
        return not (channel.is_private or self.me.is_restricted or self.me.is_stranger)

    def channels(self) -> list[Channel]:
        found = (c for c in self.slack.channels.values() if self.sees(c) and not c.archived)
        return sorted(found, key=lambda c: (bool(c.im_with), c.name))

    def title(self, channel: Channel) -> str:
        return "Tocsin" if channel.im_with else channel.name

    def latest(self, channel: Channel) -> str:
        """The ts of the newest message of somebody else, for the unread mark."""
        found = (m.ts for m in reversed(channel.messages.values()) if m.user != self.me.id)
        return next(found, "")

    def lines(self, channel: Channel, thread_ts: str | None = None) -> list[Line]:
        """A channel's messages, or a thread with its parent first, and what only I see."""
        if thread_ts is None:
            kept = [m for m in channel.messages.values() if self.in_channel(m)][-SHOWN:]
        else:
            parent = channel.messages.get(thread_ts)
            kept = ([parent] if parent else []) + channel.thread(thread_ts)
        lines = [self.line(channel, m) for m in kept]
        lines += [self.whisper(e) for e in self.whispers(channel, thread_ts)]
        return sorted(lines, key=lambda line: float(line.ts))

    def in_channel(self, message: Message) -> bool:
        return message.thread_ts in (None, message.ts) or message.broadcast

    def whispers(self, channel: Channel, thread_ts: str | None) -> Iterator[Ephemeral]:
        for each in self.slack.ephemerals:
            if (each.user, each.channel, each.thread_ts) == (self.me.id, channel.id, thread_ts):
                yield each

    def line(self, channel: Channel, message: Message) -> Line:
        replies = channel.thread(message.ts)
        pin = next((p for p in channel.pins if p.ts == message.ts), None)
        repliers = list(dict.fromkeys(m.user for m in replies))[:3]
        return Line(
            ts=message.ts,
            channel=channel.id,
            author=self.author(message.user, message.username),
            html=self.body(message, self.files(message)),
            mine=message.user == self.me.id and not self.is_notice(message),
            thread_ts=message.thread_ts,
            notice=self.is_notice(message),
            edited=message.edited is not None,
            pinned_by=self.names.person(pin.by) if pin else "",
            broadcast=message.broadcast,
            reactions=tuple(self.reactions(message)),
            replies=len(replies),
            last_reply=replies[-1].ts if replies else "",
            repliers=tuple(self.author(user) for user in repliers),
            push=message.text,
        )

    def whisper(self, found: Ephemeral) -> Line:
        return Line(
            ts=found.ts,
            channel=found.channel,
            author=self.author("" if found.origin == "slack" else BOT_USER, _speaker(found)),
            html=self.body(found),
            mine=False,
            thread_ts=found.thread_ts,
            ephemeral=True,
            push=found.text,
        )

    def is_notice(self, message: Message) -> bool:
        return message.subtype not in (
            None,
            "bot_message",
            "thread_broadcast",
            "me_message",
            "file_share",
        )

    def body(self, message: Message | Ephemeral, files: list[Upload] | None = None) -> Markup:
        at = Place(names=self.names, id=message.ts, values=message.values_of(self.me.id))
        if isinstance(message, Message) and self.is_notice(message):
            # "<@U1> has joined": the template names the author already.
            return self.prose(message.text.removeprefix(f"<@{message.user}>").lstrip())
        blocks = [] if _as_typed(message) else message.blocks
        shown = draw(blocks, at) if blocks else self.prose(message.text)
        extra = page("attachments.html", attachments=message.attachments, files=files or [], at=at)
        return shown + extra

    def prose(self, text: str) -> Markup:
        if not text:
            return Markup("")
        return Markup('<div class="b text">{}</div>').format(mrkdwn(text, self.names))

    def files(self, message: Message) -> list[Upload]:
        known = (self.slack.files.get(each) for each in message.files)
        return [
            Upload(
                name=file.title or file.name,
                address=f"/slack/files/{file.id}",
                alt=file.alt,
                picture=file.name.endswith((".png", ".jpg", ".gif")) and file.content is not None,
            )
            for file in known
            if file
        ]

    def reactions(self, message: Message) -> Iterator[Reaction]:
        for name, users in message.reactions.items():
            if users:
                yield Reaction(
                    name=name,
                    shown=emoji(name) or f":{name}:",
                    count=len(users),
                    mine=self.me.id in users,
                    who=", ".join(self.names.person(user) for user in users),
                )

    def draw_line(self, line: Line, *, in_thread: bool = False) -> Markup:
        return page("message.html", line=line, in_thread=in_thread, shortcuts=self.shortcuts())

    def shortcuts(self) -> list[tuple[str, str]]:
        """(callback_id, name) of the app's message shortcuts."""
        return [(s.callback_id, s.name) for s in manifest.shortcuts() if s.type == "message"]

    def modal(self) -> Markup:
        """The topmost open form, or nothing."""
        view = self.slack.top_modal(self.me.id)
        if view is None:
            return Markup("")
        depth = len(self.slack.modals[self.me.id])
        return page("modal.html", view=view, body=view.body, depth=depth, at=self.place_of(view))

    def home(self) -> Markup:
        view = self.slack.homes.get(self.me.id)
        blocks = view.body.get("blocks", []) if view else []
        at = self.place_of(view) if view else None
        return page("home.html", view=view, blocks=blocks, at=at)

    def place_of(self, view: View) -> Place:
        return Place(
            names=self.names,
            id=view.id,
            values=view.values,
            errors=view.errors,
            form=view.type == "modal",
        )

    def toast(self, line: Line) -> dict[str, Any]:
        """What a phone would show of this message: its `text`, never its blocks."""
        words = str(Markup(mrkdwn(line.push, self.names)).striptags())
        picture = page("picture.html", author=line.author)
        facts = {"from": line.author.name, "text": words, "empty": not words.strip()}
        return {**facts, "picture": picture}


def _speaker(found: Ephemeral) -> str | None:
    return "Workspace" if found.origin == "slack" else None


def _as_typed(message: Message | Ephemeral) -> bool:
    """A person's own line: its rich_text repeats the text, which still has the person's mark-up."""
    blocks = message.blocks
    is_persons = isinstance(message, Message) and message.client_msg_id is not None
    return is_persons and len(blocks) == 1 and blocks[0].get("type") == "rich_text"
