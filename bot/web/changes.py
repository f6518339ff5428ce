"""The door for who else changes things: a CI job or a script tells, signed, and is told what was wrong."""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.domain.catalog import Catalog
from bot.integrations.change_notices import NotAChange, Told, read_change
from bot.integrations.signatures import Signature, signature_verdict
from bot.timeline.writer import NotStored
from bot.web.house import House
from bot.web.reading import body_of

log = structlog.get_logger()

_LARGEST = 64 * 1024
_AGAIN = {"Retry-After": "30"}
_HOW = "send X-Tocsin-Signature: v1=<HMAC-SHA256 of the body in hexadecimal>"


async def changes(request: Request) -> Response:
    """202 when it is on the disk. 503 is worth another try, any other answer is not."""
    house: House = request.app.state.house
    if not house.change_secrets:
        return _plain(404, "switched off: CHANGES_WEBHOOK_SECRETS is not set")
    raw = await body_of(request, largest=_LARGEST)
    if raw is None:
        house.tally.too_large += 1
        return _plain(413, "larger than 64 KiB")
    signature = request.headers.get("x-tocsin-signature")
    match signature_verdict(raw, signature, house.change_secrets):
        case Signature.MISSING:
            house.tally.changes_unsigned += 1
            return _plain(401, f"no readable signature: {_HOW}")
        case Signature.MISMATCH:
            house.tally.changes_mismatched += 1
            log.warning("change signature matches no secret")
            return _plain(503, "the signature matches no secret of CHANGES_WEBHOOK_SECRETS")
    try:
        told = read_change(raw)
    except NotAChange as wrong:
        house.tally.changes_refused += 1
        return _plain(422, f"not stored\n{wrong}")
    return await _stored(house, told, raw)


async def _stored(house: House, told: Told, raw: bytes) -> Response:
    book = house.changes
    if book is None:
        return _plain(503, "still starting")
    try:
        new = await book.store_async(told.key, told.began, raw)
    except NotStored as failed:
        house.tally.not_stored += 1
        log.error("change not stored", why=str(failed)[:200])
        return _plain(503, "not stored")
    if new:
        house.tally.changes_stored += 1
    else:
        house.tally.seen_before += 1
    said = "stored" if new else "known already"
    return _plain(202, "\n".join([said, *_remarks(told, house.catalog)]))


def _remarks(told: Told, catalog: Catalog) -> Iterator[str]:
    """What is taken as it is, and was perhaps meant otherwise."""
    service, environment = told.change.service, told.change.environment
    if not (catalog.service(service) or catalog.resource(service)):
        near = ", ".join(each.name for each in catalog.nearest(service))
        yield f"service: the catalog does not know it{f' (nearest: {near})' if near else ''}"
    if catalog.environment(environment) is None:
        known = ", ".join(each.name for each in catalog.environments) or "none"
        yield f"environment: the catalog does not know it (it knows {known}): nobody will ask"
    if told.unread:
        yield f"nobody reads: {', '.join(told.unread)}"


def _plain(status: int, text: str) -> Response:
    headers = _AGAIN if status == 503 else None
    return PlainTextResponse(f"{text}\n", status_code=status, headers=headers)
