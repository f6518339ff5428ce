"""Answers the stored requests: finds who asked and where, runs the handler, says what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import httpx
import structlog

from bot.domain.errors import Refused, VendorError
from bot.domain.people import Standing
from bot.slack import envelope
from bot.slack.blocks import Message, View
from bot.slack.cards.elsewhere import elsewhere
from bot.slack.envelope import Envelope
from bot.slack.gateway import Gateway, SlackRefused
from bot.slack.handling import Answer, Ask, Book, Elsewhere, Handles, Home, Kind, Reply
from bot.slack.outcome import Outcome
from bot.slack.people import People
from bot.slack.reading import Reading
from bot.tools import Tools

log = structlog.get_logger()

_ALWAYS = {"app_home_opened", "help", "catchup", "catch-up", "list", "status", "timeline", "menu"}


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
        outcome = Outcome(tools=self.tools, gateway=self.gateway, book=self.book)
        before = outcome.before(ask)
        said = self._said(asked, ask, handled)
        if asked.form[0] and outcome.in_form(asked, ask, said, before=before):
            return
        if asked.whispered and said is None:
            self._replaced(asked, outcome.words(asked, ask, before=before))
            return
        self._reply(asked, ask, said)

    def _said(self, asked: Envelope, ask: Ask, handled: Handles) -> Answer:
        """A refusal is an answer too, except to an event: nobody asked for that."""
        is_event = asked.kind is Kind.EVENT
        try:
            self._may(ask, handled)
            said: Answer = handled.run(self.tools, ask)
        except Elsewhere as lost:
            return None if is_event else self._teach(asked, ask, str(lost))
        except Refused as refused:
            return None if is_event else Reply(text=str(refused))
        except VendorError as failed:
            if is_event:
                raise
            return Reply(text=_told(failed))
        return said

    async def opened(self, opener: Handles, asked: Envelope) -> View | None:
        """The form's view, from local knowledge; None where there is no form here."""
        return await asyncio.to_thread(self._view, opener, asked)

    def _view(self, opener: Handles, asked: Envelope) -> View | None:
        ask = self._ask(asked, opener, asked.key)
        if ask is None:
            return None
        self._may(ask, opener)
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
        return self.book.find(Kind.COMMAND, "help" if self._unclear(asked) else "declare")

    def _unclear(self, asked: Envelope) -> bool:
        """One word is no sentence; in an incident's channel neither is a mistyped command."""
        if not asked.text:
            return True
        here = bool(asked.channel and self.tools.timeline.in_channel(asked.channel))
        return here and bool(self.book.meant(asked.name))

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
            block=asked.block,
            event=event,
            read_message=Reading(self.gateway, self.people).message,
            commands=self.book.commands(),
        )

    def _sentence(self, asked: Envelope, handled: Handles) -> str:
        typed = f"{_first_word(asked)} {asked.text}".strip()
        return typed if handled.name == "declare" else f"?{typed}"

    def _may(self, ask: Ask, handled: Handles) -> None:
        """Whether this person may ask this at all; who may decide is asked by the flow."""
        if handled.kind is Kind.EVENT:
            return
        known = self.tools.timeline.read(ask.incident) if ask.incident else None
        if known is not None and known.declared and not known.visible_to(ask.person):
            raise Refused("This incident is not open to you. Ask somebody who works on it.")
        standing = ask.person.standing
        if standing is Standing.MEMBER or handled.act in _ALWAYS:
            return
        if not self.tools.policy.may_do(standing.value, handled.act):
            guest = standing is Standing.GUEST
            raise Refused(
                f"You are {'a guest' if guest else 'from another organisation'} here: you may"
                f" read{', declare and note' if guest else ''}. Ask somebody of the team for the"
                f" rest ({handled.act})."
            )

    def _teach(self, asked: Envelope, ask: Ask, why: str) -> Reply:
        rows = [
            row
            for row in self.tools.timeline.summaries(open_only=True, limit=50)
            if self.tools.timeline.read(row.id).visible_to(ask.person)
        ]
        mine = sorted(rows, key=lambda row: ask.person.user_id not in row.members)
        typed = f"{asked.name} {asked.text}".strip() if asked.text else ""
        text, blocks = elsewhere(why, mine, command=self.tools.command, typed=typed)
        return Reply(text=text, blocks=blocks)

    def _reply(self, asked: Envelope, ask: Ask | None, said: Answer) -> None:
        if isinstance(said, Home):
            self._home(asked.user, said)
            return
        if said is None:
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
        words = {k: v for k, v in body.items() if k in {"text", "blocks"}}
        channel = asked.channel or self._channel_of(ask)
        if not channel or not self._whispered(channel, asked, ask, words):
            self._directly(asked.user, words)

    def _home(self, user: str, said: Home) -> None:
        view = {"type": "home", "blocks": list(said.blocks)[:100]}
        self.gateway.call("views.publish", user_id=user, view=view)

    def _replaced(self, asked: Envelope, text: str) -> None:
        """A whisper whose button was pressed offers it no more."""
        body = {"text": text, "response_type": "ephemeral", "replace_original": True}
        self._by_url(str(asked.body.get("response_url", "")), body)

    def _by_url(self, url: str, body: dict[str, Any]) -> bool:
        try:
            return self.replies.post(url, json=body).is_success
        except httpx.HTTPError as lost:
            log.warning("reply by response_url lost", why=type(lost).__name__)
            return False

    def _whispered(
        self, channel: str, asked: Envelope, ask: Ask | None, said: dict[str, Any]
    ) -> bool:
        """False for who is not in the channel: an ephemeral message does not reach them."""
        thread = {"thread_ts": ask.thread} if ask and ask.thread else {}
        try:
            self.gateway.call(
                "chat.postEphemeral", channel=channel, user=asked.user, **said, **thread
            )
        except SlackRefused as refused:
            log.warning("whisper refused, sent directly", why=refused.code)
            return False
        except VendorError as failed:
            # Said twice does less harm than a refusal that nobody hears.
            log.warning("whisper lost, sent directly", why=failed.why)
            return False
        return True

    def _directly(self, user: str, said: dict[str, Any]) -> None:
        try:
            self.gateway.call("chat.postMessage", channel=user, **said)
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
    event = asked.body.get("event") or {}
    typed = str(asked.body.get("text") or event.get("text") or asked.text).strip()
    words = [w for w in typed.split() if not w.startswith("<@")]
    return words[0] if words else asked.name
