"""Signed HTTP from Slack to the bot: commands, interactions and what became of them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.core.delivery import Answer, Outgoing, deliver

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation

_FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One thing to send to the bot; `shown` is what the log keeps of it."""

    name: str
    body: bytes
    headers: Mapping[str, str]
    shown: Any
    key: str | None = None


async def send(sim: Simulation, parcel: Parcel) -> Answer:
    """One delivery to the bot's single Slack address; Slack waits three real seconds."""

    def sign(skew: float) -> dict[str, str]:
        stamp = str(int(time.time() + skew))
        base = b"v0:" + stamp.encode() + b":" + parcel.body
        secret = sim.settings.slack_signing_secret.encode()
        digest = hmac.new(secret, base, hashlib.sha256).hexdigest()
        return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}

    request = Outgoing(
        name=parcel.name,
        url=f"{sim.settings.bot_url}/slack/events",
        body=parcel.body,
        sign=sign,
        headers=parcel.headers,
        shown=parcel.shown,
        key=parcel.key,
    )
    return await deliver(sim, "slack", request)


async def command(sim: Simulation, fields: Mapping[str, str]) -> Answer:
    parcel = Parcel(
        name="command",
        body=urlencode(fields).encode(),
        headers=_FORM,
        shown=dict(fields),
        key=fields["trigger_id"],
    )
    return await send(sim, parcel)


async def interaction(sim: Simulation, payload: Mapping[str, Any]) -> Answer:
    """block_actions, view_submission, shortcut and the rest: JSON inside a form field."""
    parcel = Parcel(
        name=str(payload["type"]),
        body=urlencode({"payload": json.dumps(payload)}).encode(),
        headers=_FORM,
        shown=dict(payload),
        key=payload.get("trigger_id"),
    )
    return await send(sim, parcel)


def failure(answer: Answer) -> str | None:
    """What Slack would call it: operation_timeout, dispatch_failed, or None when all is well."""
    if answer.error == "timeout":
        return "operation_timeout"
    if answer.status is None or not 200 <= answer.status < 300:
        return "dispatch_failed"
    return None


def said(answer: Answer) -> Any:
    """The body: JSON when it is JSON, else text."""
    text = answer.body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def report(answer: Answer, **more: Any) -> dict[str, Any]:
    """What /_sandbox/act answers: the bot's status, time and body, and Slack's verdict."""
    error = failure(answer)
    body: dict[str, Any] = {
        "ok": error is None,
        "status": answer.status,
        "ms": answer.ms,
        "body": said(answer),
    }
    return body | ({"error": error} if error else {}) | more
