"""How every door reads a body: never more than it takes, whatever the header says."""

from __future__ import annotations

from starlette.requests import Request


async def body_of(request: Request, *, largest: int) -> bytes | None:
    """None as soon as it is too large."""
    if int(request.headers.get("content-length") or 0) > largest:
        return None
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > largest:
            return None
    return bytes(raw)
