"""The running bot: takes its lock, wakes what an earlier run left, and hands over within seconds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import structlog
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette

from bot import __version__, wiring
from bot.config import Config, Shown
from bot.domain.errors import VendorDown, VendorError
from bot.domain.events import HouseOpened, SamplingBegan
from bot.domain.incident import HOUSE, Incident
from bot.engine.engine import Engine
from bot.engine.lag import LoopWatch
from bot.engine.status import EngineStatus
from bot.flow.news import page_news
from bot.integrations.http import trusted
from bot.integrations.pagerduty_webhooks import NotAWebhook, read_webhook
from bot.reactions import Lane
from bot.slack.app import Door
from bot.slack.envelope import Envelope
from bot.slack.gateway import Gateway
from bot.slack.reception import Reception
from bot.slack.registry import book
from bot.timeline.changes import ChangeBook
from bot.timeline.database import database
from bot.timeline.inbox import Inbox, Received, Unreadable
from bot.timeline.migrate import NewerDatabase
from bot.timeline.store import Store
from bot.tools import Tools
from bot.vendors import vendors
from bot.web.app import build
from bot.web.house import Reading, Tally
from bot.web.porch import Porch
from bot.wiring import Identity, SlackParts

log = structlog.get_logger()

_AGAIN = 2.0
_HAND_OVER = timedelta(seconds=3)


class Serving:
    """Web and engine in one process. Its doors answer 503 until the lock is theirs."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.tally = Tally()
        pagerduty = config.pagerduty
        self.webhook_secrets = (
            [secret.get_secret_value() for secret in pagerduty.webhook_secrets]
            if pagerduty
            else []
        )
        self.change_secrets = [each.get_secret_value() for each in config.change_secrets]
        self.catalog = config.catalog
        self.dashboard = config.dashboard is not Shown.OFF
        self.members_only = config.dashboard is Shown.SIGN_IN
        self.porch: Porch | None = None
        self.api_tokens = [each.get_secret_value() for each in config.api_tokens]
        self._tools: Tools | None = None
        self._clock = wiring.clock(config)
        self._came = self._clock.now()
        self._vendors = vendors(config, self._clock)
        self._database = database(config.database)
        self._store: Store[Incident] | None = None
        self._engine: Engine | None = None
        self._gateway: Gateway | None = None
        self._app: AsyncApp | None = None
        self._waiting = "starting"
        self._stopping = threading.Event()

    def app(self) -> Starlette:
        return build(self, self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        slack = self.config.slack
        if slack is not None:
            token = slack.bot_token.get_secret_value()
            self._gateway = Gateway(token=token, api_url=slack.api_url, loop=loop)
            await self._gateway.start()
        opening = threading.Thread(target=self._open, name="opening", daemon=True)
        opening.start()
        watching = asyncio.create_task(LoopWatch(self._limit).watch())
        try:
            yield
        finally:
            watching.cancel()
            self._stopping.set()
            await asyncio.to_thread(self._close)
            if self._gateway is not None:
                await self._gateway.stop()

    def _limit(self, reactions: int) -> None:
        if self._engine is not None:
            self._engine.limit(reactions)

    def _open(self) -> None:
        """In a thread of its own: the doors are open (and say 503) meanwhile."""
        self._waiting = "another Tocsin runs on this database; waiting for its lock"
        while not self._database.lock.wait(timeout=0.5):
            if self._stopping.is_set():
                return
        self._waiting = "opening the database"
        try:
            self._store = Store.at(self._database, clock=self._clock, fold=_fresh)
        except NewerDatabase as newer:
            self._waiting = str(newer)
            log.error("database refused", why=str(newer))
            return
        parts = self._introduced()
        if self._stopping.is_set():
            return
        self._start(self._store, parts)
        self._waiting = ""

    def _introduced(self) -> SlackParts | None:
        """Who we are in Slack; asked until it answers, while webhooks are stored already."""
        if self._gateway is None:
            return None
        while not self._stopping.is_set():
            try:
                known = self._gateway.call("auth.test")
            except VendorDown as down:
                self._waiting = f"Slack does not answer ({down.why}); pages are stored meanwhile"
            except VendorError as failed:
                self._waiting = (
                    f"Slack refuses our token ({failed.why}); pages are stored meanwhile"
                )
            else:
                identity = Identity(
                    team_id=known["team_id"],
                    bot_user=known["user_id"],
                    bot_id=known.get("bot_id", ""),
                )
                return wiring.slack_parts(self.config, self._gateway, identity)
            self._stopping.wait(_AGAIN)
        return None

    def _start(self, store: Store[Incident], parts: SlackParts | None) -> None:
        known = wiring.tools(
            self.config,
            self._vendors,
            store,
            time=self._clock,
            directory=wiring.directory(self.config, parts),
        )
        self.porch = wiring.porch(self.config, self._vendors, parts)
        tools = self._tools = replace(known, samples=store.samples)
        handlers: dict[str, Any] = {"pagerduty": _read_page}
        if parts is not None:
            reception = Reception(
                tools=tools,
                gateway=parts.gateway,
                people=parts.people,
                book=book(),
                bot_user=parts.identity.bot_user,
                replies=httpx.Client(timeout=5.0, verify=trusted()),
            )
            handlers["slack"] = lambda _tools, received: reception.answer(
                received.body, received.key
            )
            self._app = self._door(store.inbox, parts, reception).app()
        self._engine = Engine(
            tools, store, answers=wiring.answers(parts), handlers=handlers, clock=self._clock
        )
        for health in self._vendors.health():
            health.recovered = self._engine.recovered
        self._open_house(store, tools)
        self._follow(store, tools)
        self._engine.start()
        log.info("ready", incidents=len(store.summaries(open_only=True)))

    def _door(self, inbox: Inbox, parts: SlackParts, reception: Reception) -> Door:
        slack = self.config.slack
        assert slack is not None

        async def keep(asked: Envelope, body: bytes, lane: Lane) -> bool:
            new = await inbox.store_async(
                "slack", asked.key, body, headers={}, subject=asked.subject, lane=lane
            )
            if new:
                self.tally.stored += 1
            else:
                self.tally.seen_before += 1
            return True

        return Door(
            gateway=parts.gateway,
            book=reception.book,
            command=self.config.command,
            signing_secret=slack.signing_secret.get_secret_value(),
            bot_token=slack.bot_token.get_secret_value(),
            bot_user=parts.identity.bot_user,
            bot_id=parts.identity.bot_id,
            store=keep,
            open_form=reception.opened,
        )

    def _open_house(self, store: Store[Incident], tools: Tools) -> None:
        """The first start with a pager takes a baseline of what is open already."""
        if tools.pager is None or store.read(HOUSE).baseline is not None:
            return
        with store.open(HOUSE) as house:
            house.record(HouseOpened(version=__version__, happened_at=self._came))

    def _follow(self, store: Store[Incident], tools: Tools) -> None:
        """Objectives are measured from the first start that has any."""
        if not tools.catalog.objectives or store.read(HOUSE).sampling:
            return
        with store.open(HOUSE) as house:
            house.record(SamplingBegan())

    def _close(self) -> None:
        if self._engine is not None:
            ended = self._engine.stop(_HAND_OVER)
            log.info("stopped", everything_ended=ended)
        if self._store is not None:
            self._store.close()
        else:
            self._database.close()

    @property
    def changes(self) -> ChangeBook | None:
        return self._store.changes if self._store is not None else None

    @property
    def tools(self) -> Tools | None:
        return self._tools

    @property
    def inbox(self) -> Inbox | None:
        return self._store.inbox if self._store is not None else None

    @property
    def slack(self) -> AsyncApp | None:
        return self._app

    def status(self) -> EngineStatus | None:
        return self._engine.status() if self._engine is not None else None

    def unready(self) -> list[str]:
        found = [self._waiting] if self._waiting else []
        status = self.status()
        if status is not None:
            found += [f"nobody answers to “{name}” any more" for name in status.unanswered]
        return found

    def warnings(self) -> list[str]:
        tally, found = self.tally, []
        if tally.mismatched:
            found.append(
                f"{tally.mismatched} PagerDuty webhooks matched no secret: check"
                " PAGERDUTY_WEBHOOK_SECRETS (PagerDuty sends them again for 48 hours)"
            )
        if tally.unsigned:
            found.append(f"{tally.unsigned} requests to /webhooks/pagerduty were not signed")
        if tally.changes_mismatched:
            found.append(
                f"{tally.changes_mismatched} requests to /webhooks/changes matched no secret:"
                " check CHANGES_WEBHOOK_SECRETS"
            )
        if tally.changes_unsigned:
            found.append(f"{tally.changes_unsigned} requests to /webhooks/changes were not signed")
        status = self.status()
        if status is not None:
            found += [f"parked: {p.name} of {p.incident}: {p.why}" for p in status.parked[:20]]
            if status.unreadable:
                found.append(f"{status.unreadable} inputs were signed but could not be read")
        found += [f"{r.vendor}: {r.last_failure}" for r in self.vendors() if r.last_failure]
        return found

    def vendors(self) -> list[Reading]:
        return [
            Reading(vendor=h.vendor, ok=h.ok, failed=h.failed, last_failure=h.last_failure)
            for h in self._vendors.health()
        ]

    def slack_calls(self) -> dict[str, tuple[int, int]]:
        if self._gateway is None:
            return {}
        health = self._gateway.health
        return {m: (n, health.failures.get(m, 0)) for m, n in health.calls.items()}

    def app_info(self) -> dict[str, Any]:
        return {
            "version": __version__,
            "mode": self.config.mode.value,
            "not_configured": list(self._vendors.off),
        }


def _fresh(incident_id: str) -> Incident:
    return Incident(id=incident_id)


def _read_page(tools: Tools, received: Received) -> None:
    try:
        news = read_webhook(received.body)
    except NotAWebhook as unreadable:
        raise Unreadable(str(unreadable)) from unreadable
    page_news(tools, news)
