"""Where Slack comes in: stores the request, acknowledges it, and opens the forms that cannot wait."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.domain.errors import Refused, VendorDown, VendorError
from bot.reactions import Lane
from bot.slack import envelope
from bot.slack.actions import Act
from bot.slack.blocks import View, section
from bot.slack.envelope import Envelope
from bot.slack.gateway import Call, Gateway
from bot.slack.handling import Book, Elsewhere, Handles, Kind

log = structlog.get_logger()

Ack = Callable[..., Awaitable[Any]]
Store = Callable[[Envelope, bytes, Lane], Awaitable[bool]]
Opening = Callable[[Handles, Envelope], Awaitable[View | None]]

_AGAIN = (0.3, 1.0, 3.0)
"""Seconds before what a form shows is sent once more."""
_APPROVALS = {
    Act.APPROVE,
    Act.DECLINE_FORM,
    Act.BREAK_GLASS_FORM,
    Act.PAGE_SECOND,
    Act.ROLLBACK_FORM,
    Act.CHANGE_FORM,
    Act.UNDO,
}


@dataclass(frozen=True, kw_only=True)
class Door:
    """What the Slack edge needs: where to store, how to open a form, who answers to what."""

    gateway: Gateway
    book: Book
    command: str
    signing_secret: str
    bot_token: str
    bot_user: str
    bot_id: str
    store: Store
    open_form: Opening
    filling: set[asyncio.Task[None]] = field(default_factory=set)

    def app(self) -> AsyncApp:
        """Bolt with one listener for each kind of request; what is unknown is still stored."""
        quiet = logging.getLogger("slack_bolt.tocsin")
        quiet.setLevel(logging.ERROR)
        app = AsyncApp(
            logger=quiet,
            signing_secret=self.signing_secret,
            authorize=self._authorizing(),
        )
        # Bolt asks one listener after the other: what comes most often is asked for first.
        app.event(_anything())(self._happened)
        app.action({"action_id": _anything()})(self._pressed)
        app.command(self.command)(self._commanded)
        app.view(_anything())(self._submitted)
        app.shortcut(_anything())(self._pressed)
        return app

    def _authorizing(self) -> Callable[[], Awaitable[AuthorizeResult]]:
        """One workspace, one token. A closure: Bolt injects arguments by name, even `self`."""
        known = AuthorizeResult(
            enterprise_id=None,
            team_id=None,
            bot_token=self.bot_token,
            bot_id=self.bot_id,
            bot_user_id=self.bot_user,
        )

        async def authorize() -> AuthorizeResult:
            return known

        return authorize

    async def _commanded(self, ack: Ack, body: dict[str, Any]) -> None:
        asked = envelope.read(body)
        opener = self.book.find(Kind.OPENER, f"{asked.name or 'menu'}") if not asked.text else None
        if opener and (refusal := await self._opened(opener, asked)) is not None:
            await ack(refusal)
            return
        if await self._keep(asked, ack):
            await ack()

    async def _pressed(self, ack: Ack, body: dict[str, Any]) -> None:
        """A button, a choice or a shortcut. What came of it is shown where it was pressed."""
        asked = envelope.read(body)
        opener = self.book.find(Kind.OPENER, asked.name)
        if (opener and await self._opened(opener, asked) is not None) or await self._keep(
            asked, ack
        ):
            await ack()

    async def _submitted(self, ack: Ack, body: dict[str, Any]) -> None:
        asked = envelope.read(body)
        handled = self.book.find(Kind.FORM, asked.name)
        errors = handled.check(asked.value, envelope.chosen(body)) if handled else {}
        if errors:
            await ack(response_action="errors", errors=dict(errors))
        elif await self._keep(asked, ack):
            await ack()

    async def _happened(self, ack: Ack, body: dict[str, Any]) -> None:
        """What nobody answers to is not even kept: ordinary messages, and what we did ourselves."""
        asked = envelope.read(body)
        known = asked.name == "app_mention" or self.book.find(Kind.EVENT, asked.name)
        if not known or asked.user == self.bot_user or await self._keep(asked, ack):
            await ack()

    async def _keep(self, asked: Envelope, ack: Ack) -> bool:
        """Stored, or the asker hears that it was not: Slack never shows a tick for nothing."""
        return await self.store(asked, envelope.packed(asked.body), _lane(asked))

    async def _opened(self, opener: Handles, asked: Envelope) -> str | None:
        """None where the form could not be opened in the ordinary way and the request is stored."""
        try:
            view = await self.open_form(opener, asked)
            if view is None:
                return None
            opened = await self.gateway.ask(_shown(view, asked))
            if view.fill is not None:
                filling = asyncio.create_task(self._filled(view, opened["view"]))
                self.filling.add(filling)
                filling.add_done_callback(self.filling.discard)
        except Elsewhere as lost:
            if asked.kind is Kind.COMMAND:
                return None  # stored, and answered with the incidents that are open
            await self._whisper(asked, str(lost))
        except Refused as refused:
            await self._whisper(asked, str(refused))
            return str(refused) if asked.kind is Kind.COMMAND else ""
        except VendorError as failed:
            log.warning("form not opened", form=opener.name, why=failed.why)
            await self._whisper(
                asked,
                f"Slack did not open the form ({failed.why}); nothing was done. Press again, or"
                f" use `{self.command} help` for the same by command.",
            )
        return ""

    async def _filled(self, loading: View, opened: Mapping[str, Any]) -> None:
        """A form that needed a vendor: what could not be read is said in the form itself."""
        assert loading.fill is not None
        try:
            view = await asyncio.to_thread(loading.fill)
        except (Refused, VendorError) as failed:
            view = replace(loading, blocks=(section(f"⚠️ {failed}"),), fill=None)
        why = await self._redrawn(view, opened)
        if why:
            log.warning("form not filled", form=view.name, why=why)

    async def _redrawn(self, view: View, opened: Mapping[str, Any]) -> str:
        """Empty once it shows, else why it does not.

        Without an answer nobody knows whether it shows: it is sent again, held to what the form
        was when it opened (`hash`), so that nothing is drawn over what came after.
        """
        said: dict[str, Any] = {"view_id": opened["id"], "view": view.payload()}
        why = ""
        for pause in (*_AGAIN, None):
            try:
                await self.gateway.ask(Call("views.update", said, frozenset({"hash_conflict"})))
            except VendorDown as lost:
                why = lost.why
            except VendorError as failed:
                return failed.why
            else:
                return ""
            if pause is not None:
                await asyncio.sleep(pause)
                said["hash"] = opened["hash"]
        return why

    async def _whisper(self, asked: Envelope, text: str) -> None:
        """Where the person looks: in the form they pressed in, in the channel, else directly."""
        view_id, name = asked.form
        if asked.kind is Kind.COMMAND:
            return
        call = Call("chat.postMessage", {"channel": asked.user, "text": text})
        if view_id:
            view = View(name=name, title="Not done", blocks=(section(f"⚠️ {text}"),))
            call = Call("views.update", {"view_id": view_id, "view": view.payload()})
        elif asked.channel:
            said = {"channel": asked.channel, "user": asked.user, "text": text}
            call = Call("chat.postEphemeral", said)
        try:
            await self.gateway.ask(call)
        except VendorError as failed:
            log.warning("whisper not sent", why=failed.why)


def _shown(view: View, asked: Envelope) -> Call:
    """A press inside an open form changes that form; any other one opens a new one."""
    view_id, _name = asked.form
    if view_id:
        return Call("views.update", {"view_id": view_id, "view": view.payload()})
    return Call("views.open", {"trigger_id": asked.trigger, "view": view.payload()})


def _lane(asked: Envelope) -> Lane:
    match asked.kind:
        case Kind.EVENT:
            return Lane.CHATTER
        case Kind.BUTTON | Kind.FORM if asked.name.split(":", 1)[0] in _APPROVALS:
            return Lane.APPROVAL
        case Kind.COMMAND if not asked.name:
            return Lane.DECISION
    return Lane.DECISION


def _anything() -> re.Pattern[str]:
    return re.compile(".*", re.DOTALL)
