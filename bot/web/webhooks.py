"""PagerDuty's door: the signature over the raw bytes, then the disk, then 202."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.integrations.signatures import Signature, signature_verdict
from bot.reactions import Lane
from bot.timeline.inbox import Inbox
from bot.timeline.writer import NotStored
from bot.web.house import House
from bot.web.reading import body_of

log = structlog.get_logger()

_LARGEST = 1024 * 1024
_AGAIN = {"Retry-After": "30"}


async def pagerduty(request: Request) -> Response:
    """PagerDuty retries 5xx for 48 hours and drops any other 4xx: a mistaken secret loses nothing."""
    house: House = request.app.state.house
    raw = await body_of(request, largest=_LARGEST)
    if raw is None:
        house.tally.too_large += 1
        return PlainTextResponse("larger than 1 MiB", status_code=413)
    signature = request.headers.get("x-pagerduty-signature")
    match signature_verdict(raw, signature, house.webhook_secrets):
        case Signature.MISSING:
            house.tally.unsigned += 1
            return PlainTextResponse("no readable X-PagerDuty-Signature", status_code=401)
        case Signature.MISMATCH:
            house.tally.mismatched += 1
            log.warning("webhook signature matches no secret")
            return PlainTextResponse("matches no secret", status_code=503, headers=_AGAIN)
    inbox = house.inbox
    if inbox is None:
        return PlainTextResponse("still starting", status_code=503, headers=_AGAIN)
    return await _stored(house, inbox, request, raw)


async def _stored(house: House, inbox: Inbox, request: Request, raw: bytes) -> Response:
    keys, subject = _keys(request, raw)
    headers = {
        name: request.headers[name]
        for name in ("x-webhook-id", "x-webhook-subscription", "user-agent")
        if name in request.headers
    }
    try:
        new = await inbox.store_async(
            "pagerduty", keys, raw, headers=headers, subject=subject, lane=Lane.PAGE
        )
    except NotStored as failed:
        house.tally.not_stored += 1
        log.error("webhook not stored", why=str(failed)[:200])
        return PlainTextResponse("not stored", status_code=503, headers=_AGAIN)
    if new:
        house.tally.stored += 1
    else:
        house.tally.seen_before += 1
    return Response(status_code=202)


def _keys(request: Request, raw: bytes) -> tuple[tuple[str, ...], str]:
    """By delivery and by event: two subscriptions may carry the same one. And whose order it keeps."""
    event = _event(raw)
    keys = []
    if webhook := request.headers.get("x-webhook-id"):
        keys.append(f"webhook:{webhook}")
    if event_id := event.get("id"):
        keys.append(f"event:{event_id}")
    if not keys:
        keys.append(f"body:{hashlib.sha256(raw).hexdigest()}")
    about = event.get("data")
    inner = about.get("incident") or about if isinstance(about, dict) else {}
    page = inner.get("id", "") if isinstance(inner, dict) else ""
    return tuple(keys), f"page:{page}"


def _event(raw: bytes) -> dict[str, Any]:
    """What is signed but unreadable is stored all the same."""
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    event = found.get("event") if isinstance(found, dict) else None
    return event if isinstance(event, dict) else {}
