"""The same figures as JSON, read-only, for whoever has a token."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from bot.domain.incident import Summary
from bot.domain.slo import LOOKBACKS, ObjectiveStatus, Threshold
from bot.flow.objectives import statuses
from bot.tools import Tools
from bot.web.dashboard.drawing import HEADERS, HERE
from bot.web.dashboard.incidents import visible
from bot.web.house import House

_OFF = "The API is off: set TOCSIN_API_TOKENS to one or more tokens, separated by commas."
_WHO = "Send `Authorization: Bearer <token>` with one of TOCSIN_API_TOKENS."
_MOST = 500
_FIRST = 50

Answer = Callable[[Request, Tools], dict[str, Any]]


def asked(answer: Answer) -> Callable[[Request], Response]:
    """Off without a token, and closed to a wrong one. Runs in a thread: it reads the store."""

    def answered(request: Request) -> Response:
        house: House = request.app.state.house
        if not house.api_tokens:
            return _told(404, {"error": _OFF})
        if not _known(request.headers.get("authorization", ""), house.api_tokens):
            return _told(401, {"error": _WHO}, {"www-authenticate": "Bearer"})
        tools = house.tools
        if tools is None:
            return _told(503, {"error": "still starting"}, {"retry-after": "5"})
        return _told(200, answer(request, tools))

    return answered


def objectives(_request: Request, tools: Tools) -> dict[str, Any]:
    found = statuses(tools)
    return {"at": _stamp(tools.clock.now()), "objectives": [_objective(each) for each in found]}


def incidents(request: Request, tools: Tools) -> dict[str, Any]:
    """Newest first; without private ones. `?open=true` for those that are not over, `?limit=` up to 500."""
    said = request.query_params.get("limit", "")
    limit = min(_MOST, int(said)) if said.isdecimal() and len(said) < 9 else _FIRST
    open_only = request.query_params.get("open", "") == "true"
    found = visible(tools, open_only=open_only, limit=limit)
    return {"at": _stamp(tools.clock.now()), "incidents": [_incident(each) for each in found]}


def document(request: Request) -> Response:
    """What all of this means: OpenAPI, without a token, for it holds no secret."""
    house: House = request.app.state.house
    if not house.api_tokens:
        return _told(404, {"error": _OFF})
    return FileResponse(HERE / "openapi.json", media_type="application/json", headers=HEADERS)


def _known(header: str, tokens: Sequence[str]) -> bool:
    """In the same time whichever token it is, and whether it is one."""
    scheme, _, token = header.partition(" ")
    found = [hmac.compare_digest(token.strip().encode(), each.encode()) for each in tokens]
    return scheme.lower() == "bearer" and any(found)


def _objective(now: ObjectiveStatus) -> dict[str, Any]:
    objective = now.objective
    below = objective.indicator.below if isinstance(objective.indicator, Threshold) else None
    return {
        "name": objective.name,
        "title": objective.label,
        "service": objective.service,
        "environment": objective.environment,
        "window_days": objective.window.days,
        "target": objective.target,
        "below": below,
        "unit": objective.indicator.unit if isinstance(objective.indicator, Threshold) else "",
        "current": now.sli,
        "reading": now.reading,
        "budget_left": now.left,
        "burn": {
            f"{width.total_seconds():.0f}s": burn
            for width, burn in zip(LOOKBACKS, now.burns, strict=True)
        },
        "status": now.health.value,
        "source": now.source,
        "until": _stamp(now.until),
        "blind": now.blind,
    }


def _incident(each: Summary) -> dict[str, Any]:
    return {
        "id": each.id,
        "title": each.title,
        "service": each.service,
        "environment": each.environment,
        "severity": each.severity,
        "stage": each.stage.value,
        "open": each.stage.open,
        "opened_at": _stamp(each.opened_at),
        "resolved_at": _stamp(each.resolved_at),
        "commander": each.commander,
        "channel": each.channel,
    }


def _stamp(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None


def _told(status: int, body: dict[str, Any], more: dict[str, str] | None = None) -> Response:
    return JSONResponse(body, status_code=status, headers={**HEADERS, **(more or {})})
