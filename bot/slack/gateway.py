"""Slack's Web API in our words: called from threads, carried out on the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import VendorDown, VendorRejected
from bot.reactions import outside_decisions

Arguments = dict[str, Any]
Found = dict[str, Any]

_PATIENCE = 12.0
# These drop a JSON body as if nothing had been said: https://docs.slack.dev/apis/web-api
_READS = {
    "chat.getPermalink",
    "conversations.history",
    "conversations.info",
    "conversations.list",
    "conversations.members",
    "conversations.replies",
    "files.getUploadURLExternal",
    "team.info",
    "usergroups.list",
    "usergroups.users.list",
    "users.conversations",
    "users.info",
    "users.list",
    "users.lookupByEmail",
}
_PASSING = {
    "service_unavailable",
    "request_timeout",
    "fatal_error",
    "internal_error",
    "team_added_to_org",
    "ekm_access_denied",
}
SLOT = timedelta(seconds=1)
_STILL_WORKING = timedelta(seconds=5)
"""What was not answered in time may still happen: nobody looks for it, or repeats it, before."""


class SlackRefused(VendorRejected):
    """Slack said no; `code` is its error name."""

    def __init__(self, method: str, code: str, *, detail: str = "") -> None:
        why = f"{code} {detail}".strip()
        super().__init__("Slack", f"call {method}", why)
        self.method, self.code = method, code


@dataclass(frozen=True)
class Call:
    """One method with its arguments. `fine` are errors that mean it is done already."""

    method: str
    arguments: Arguments = field(default_factory=dict)
    fine: frozenset[str] = frozenset()


@dataclass
class Health:
    """What the gateway lived through, for metrics and readiness."""

    calls: dict[str, int] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    limited: int = 0
    last_success: float = 0.0
    last_failure: float = 0.0
    last_error: str = ""

    @property
    def well(self) -> bool:
        return self.last_success >= self.last_failure


class Gateway:
    """One connection pool on the loop. A method that Slack throttles waits for its own time."""

    def __init__(self, *, token: str, api_url: str, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._token, self._api_url = token, api_url
        self._client: AsyncWebClient | None = None
        self._session: aiohttp.ClientSession | None = None
        self._not_before: dict[str, float] = {}
        self.health = Health()

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=64),
            timeout=aiohttp.ClientTimeout(total=10, connect=3),
        )
        self._client = AsyncWebClient(
            token=self._token, base_url=self._api_url, session=self._session, retry_handlers=[]
        )

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def client(self) -> AsyncWebClient:
        if self._client is None:
            raise VendorDown("Slack", "be called", "the bot is still starting")
        return self._client

    def call(self, method: str, *, fine: Sequence[str] = (), **arguments: Any) -> Found:
        """From a thread. `SlackRefused` for an answer that will not change, else `VendorDown`."""
        return self.together(Call(method, arguments, frozenset(fine)))[0]

    def together(self, *calls: Call) -> list[Found]:
        """Side by side, answers in order. The first failure is raised when all have ended."""
        outside_decisions()
        answers = self.each(*calls)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return [answer for answer in answers if not isinstance(answer, BaseException)]

    def each(self, *calls: Call) -> list[Found | BaseException]:
        """Side by side; what failed stands in its place."""
        outside_decisions()
        waiting = asyncio.run_coroutine_threadsafe(self._each(calls), self._loop)
        try:
            return waiting.result(timeout=_PATIENCE)
        except TimeoutError as late:
            waiting.cancel()
            raise VendorDown("Slack", f"call {calls[0].method}", "no answer in time") from late

    def upload(self, url: str, content: bytes) -> None:
        """From a thread: the bytes of a file, to the address that Slack gave for them."""
        outside_decisions()
        waiting = asyncio.run_coroutine_threadsafe(self._upload(url, content), self._loop)
        try:
            waiting.result(timeout=_PATIENCE)
        except (TimeoutError, aiohttp.ClientError) as lost:
            waiting.cancel()
            raise VendorDown("Slack", "upload a file", type(lost).__name__) from lost

    async def _upload(self, url: str, content: bytes) -> None:
        assert self._session is not None
        async with self._session.post(url, data=content) as answer:
            answer.raise_for_status()

    async def _each(self, calls: Sequence[Call]) -> list[Found | BaseException]:
        return await asyncio.gather(*(self.ask(call) for call in calls), return_exceptions=True)

    async def ask(self, call: Call) -> Found:
        """On the loop: one call, no retries."""
        self._respect(call)
        name = call.method
        self.health.calls[name] = self.health.calls.get(name, 0) + 1
        try:
            answer = await self._sent(call)
        except SlackApiError as refused:
            return self._refused(call, refused)
        except TimeoutError as late:
            self._failed(name, "timeout")
            raise VendorDown(
                "Slack", f"call {name}", "no answer in time", retry_after=_STILL_WORKING
            ) from late
        except (aiohttp.ClientError, ValueError) as lost:
            self._failed(name, type(lost).__name__)
            raise VendorDown(
                "Slack", f"call {name}", f"no answer ({type(lost).__name__})"
            ) from lost
        self.health.last_success = time.monotonic()
        found = answer.data
        return found if isinstance(found, dict) else {}

    async def _sent(self, call: Call) -> AsyncSlackResponse:
        if call.method in _READS:
            return await self.client.api_call(call.method, http_verb="GET", params=call.arguments)
        return await self.client.api_call(call.method, json=call.arguments)

    def _respect(self, call: Call) -> None:
        wait = self._not_before.get(_bucket(call), 0.0) - time.monotonic()
        if wait > 0:
            raise VendorDown(
                "Slack",
                f"call {call.method}",
                f"Slack asked us to wait {wait:.0f} s",
                retry_after=timedelta(seconds=wait),
            )

    def _refused(self, call: Call, refused: SlackApiError) -> Found:
        answer = refused.response
        found = answer.data if isinstance(answer.data, dict) else {}
        code = str(found.get("error", answer.status_code))
        if code in call.fine:
            self.health.last_success = time.monotonic()
            return {**found, "ok": True, "already": code}
        self._failed(call.method, code)
        if answer.status_code == 429 or code in {"ratelimited", "rate_limited"}:
            self.health.limited += 1
            seconds = float(answer.headers.get("Retry-After", 1) or 1)
            self._not_before[_bucket(call)] = time.monotonic() + seconds
            raise VendorDown(
                "Slack",
                f"call {call.method}",
                "rate limited",
                retry_after=timedelta(seconds=seconds),
            ) from refused
        if answer.status_code >= 500 or code in _PASSING:
            raise VendorDown("Slack", f"call {call.method}", code) from refused
        detail = "; ".join(str(e) for e in found.get("errors", []) or [])
        raise SlackRefused(call.method, code, detail=detail[:300]) from refused

    def _failed(self, method: str, code: str) -> None:
        self.health.failures[method] = self.health.failures.get(method, 0) + 1
        self.health.last_failure, self.health.last_error = time.monotonic(), code


def _bucket(call: Call) -> str:
    """Slack limits posting by channel and everything else by method."""
    if call.method == "chat.postMessage":
        return f"{call.method}:{call.arguments.get('channel', '')}"
    return call.method
