"""Answers the stored requests: finds who asked and where, runs the handler, says what came of it."""

from __future__ import annotations

import asyncio
import difflib
from dataclasses import dataclass, replace
from typing import Any

import httpx
import structlog

from bot.domain.errors import Refused, VendorDown, VendorError
from bot.domain.people import Person, Standing
from bot.slack import envelope
from bot.slack.blocks import Message, View
from bot.slack.envelope import Envelope
from bot.slack.gateway import Gateway
from bot.slack.handling import Answer, Ask, Book, Elsewhere, Handles, Home, Kind, Reply
from bot.slack.people import People
from bot.tools import Tools

log = structlog.get_logger()

_ALWAYS = {"app_home_opened", "help", "catchup", "catch-up", "list", "status", "timeline", "menu"}
_LONGEST_WORD = 14


@dataclass(frozen=True, kw_only=True)
class Reception:
    """The engine calls `answer` for each stored Slack request, in order per channel."""

    tools: Tools
    gateway: Gateway
    people: People
    book: Book
    bot_user: str
    replies: httpx.Client

    def answer(self, stored: bytes, key: str) -> None:
        """`Refused` becomes the answer; anything unexpected flies to the engine."""
        asked = envelope.read(envelope.unpacked(stored))
        if asked.kind is Kind.EVENT and asked.name == "app_mention":
            asked = self._mentioned(asked)
        handled = self._handler(asked)
        if handled is None or not asked.user or asked.user == self.bot_user:
            return
        ask = self._ask(asked, handled, key)
        if ask is None:
            return
        try:
            self._may(ask.person, handled)
            said = handled.run(self.tools, ask)
        except Elsewhere as lost:
            said = self._teach(ask, str(lost))
        except Refused as refused:
            said = Reply(text=str(refused))
        except VendorDown as down:
            said = Reply(text=_told(down))
        except VendorError as failed:
            said = Reply(text=_told(failed))
        self._reply(asked, ask, said)

    async def opened(self, opener: Handles, asked: Envelope) -> View | None:
        """The form's view, from local knowledge; None where there is no form here."""
        return await asyncio.to_thread(self._view, opener, asked)

    def _view(self, opener: Handles, asked: Envelope) -> View | None:
        ask = self._ask(asked, opener, asked.key)
        if ask is None:
            return None
        self._may(ask.person, opener)
        view: View | None = opener.run(self.tools, ask)
        return view

    def _mentioned(self, asked: Envelope) -> Envelope:
        """`@bot verb …` is the same as the command, and works in threads."""
        words = asked.text.replace(f"<@{self.bot_user}>", " ").split()
        name, rest = (words[0].lower(), " ".join(words[1:])) if words else ("help", "")
        return replace(asked, kind=Kind.COMMAND, name=name, text=rest)

    def _handler(self, asked: Envelope) -> Handles | None:
        found = self.book.find(asked.kind, asked.name)
        if found or asked.kind is not Kind.COMMAND:
            return found
        return self.book.find(Kind.COMMAND, "help" if self._meant(asked) else "declare")

    def _meant(self, asked: Envelope) -> str:
        """The command a single mistyped word was meant to be; a sentence is a declaration."""
        if asked.text or len(asked.name) > _LONGEST_WORD:
            return ""
        names = [h.name for h in self.book.commands()]
        return next(iter(difflib.get_close_matches(asked.name, names, n=1, cutoff=0.7)), "")

    def _ask(self, asked: Envelope, handled: Handles, key: str) -> Ask | None:
        body = asked.body
        try:
            person = self.people.person(asked.user, claimed_team=asked.team)
        except Refused as refused:
            log.warning("identity refused", user=asked.user, team=asked.team)
            if asked.kind is Kind.EVENT:
                return None
            self._reply(asked, None, Reply(text=str(refused)))
            return None
        incident = asked.incident or (
            self.tools.timeline.in_channel(asked.channel) if asked.channel else None
        )
        text = asked.text
        if asked.kind is Kind.COMMAND and handled.name != asked.name and asked.name:
            text = self._sentence(asked, handled)
        message = body.get("message") or {}
        event = body.get("event") or {}
        return Ask(
            person=person,
            key=key,
            incident=incident or "",
            channel=asked.channel,
            thread=str(event.get("thread_ts") or message.get("thread_ts") or ""),
            text=text,
            value=asked.value,
            message=str(message.get("ts") or event.get("ts") or ""),
            message_text=str(message.get("text", "")),
            message_author=str(message.get("user", "")),
            fields=envelope.chosen(body),
            response_url=str(body.get("response_url", "")),
            trigger=asked.trigger,
            view=str((body.get("view") or {}).get("id", "")),
            event=event,
        )

    def _sentence(self, asked: Envelope, handled: Handles) -> str:
        if handled.name == "declare":
            return f"{_first_word(asked)} {asked.text}".strip()
        return self._meant(asked)

    def _may(self, person: Person, handled: Handles) -> None:
        if handled.kind is Kind.EVENT or handled.act in _ALWAYS:
            return
        if person.standing is Standing.MEMBER:
            return
        if not self.tools.policy.may_do(person.standing.value, handled.act):
            raise Refused(
                f"You are {'a guest' if person.standing is Standing.GUEST else 'from another organisation'}"
                " here: you may read"
                + (", declare and note" if person.standing is Standing.GUEST else "")
                + f", and ask somebody of the team for the rest ({handled.act})."
            )

    def _teach(self, ask: Ask, why: str) -> Reply:
        rows = [
            row
            for row in self.tools.timeline.summaries(open_only=True, limit=50)
            if self.tools.timeline.read(row.id).visible_to(ask.person)
        ][:5]
        if not rows:
            return Reply(
                text=f"{why} None is open now: `{self.tools.command} <what is wrong>` declares one."
            )
        lines = [f"• {row.severity or 'SEV?'} {row.title}: <#{row.channel}>" for row in rows]
        return Reply(text="\n".join([f"{why} Open now:", *lines]))

    def _reply(self, asked: Envelope, ask: Ask | None, said: Answer) -> None:
        if isinstance(said, Home):
            self._home(asked.user, said)
            return
        if said is None or asked.kind is Kind.EVENT:
            return
        message = Message(text=said.text, blocks=said.blocks)
        body: dict[str, Any] = {
            "text": said.text if not said.blocks else message.text,
            "response_type": "ephemeral",
            "replace_original": False,
        }
        if message.blocks:
            body["blocks"] = list(message.blocks)
        url = str(asked.body.get("response_url", ""))
        if url and self._by_url(url, body):
            return
        channel = asked.channel or self._channel_of(ask)
        if channel:
            self._whisper(channel, asked, ask, body)

    def _home(self, user: str, said: Home) -> None:
        view = {"type": "home", "blocks": list(said.blocks)[:100]}
        self.gateway.call("views.publish", user_id=user, view=view)

    def _by_url(self, url: str, body: dict[str, Any]) -> bool:
        try:
            return self.replies.post(url, json=body).is_success
        except httpx.HTTPError as lost:
            log.warning("reply by response_url lost", why=type(lost).__name__)
            return False

    def _whisper(
        self, channel: str, asked: Envelope, ask: Ask | None, body: dict[str, Any]
    ) -> None:
        said = {k: v for k, v in body.items() if k in {"text", "blocks"}}
        thread = {"thread_ts": ask.thread} if ask and ask.thread else {}
        try:
            self.gateway.call(
                "chat.postEphemeral", channel=channel, user=asked.user, **said, **thread
            )
        except VendorError as failed:
            log.warning("reply not sent", why=failed.why)

    def _channel_of(self, ask: Ask | None) -> str:
        if ask is None or not ask.incident:
            return ""
        return self.tools.timeline.read(ask.incident).channel


def _told(failed: VendorError) -> str:
    """What failed, what was not done, what to do by hand."""
    by_hand = failed.by_hand or "Try again in a minute, or do it in its own web page."
    return f"{failed.vendor} did not {failed.doing} ({failed.why}). Nothing was changed. {by_hand}"


def _first_word(asked: Envelope) -> str:
    """As the person typed it, before it was lower-cased to look for a command."""
    typed = str(asked.body.get("text") or asked.text).strip()
    words = [w for w in typed.split() if not w.startswith("<@")]
    return words[0] if words else asked.name
