"""Reads a Web API request in each of the encodings that Slack's clients use, and shapes answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation
    from sandbox.slack.state import SlackState

_TRUE = {"1", "true", "True", "yes"}


class SlackError(Exception):
    """A documented refusal: `error` is the name, `extra` goes beside it in the answer."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra


class RateLimited(Exception):
    """Too many calls; try again after so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"retry after {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, kw_only=True)
class Call:
    """One Web API call: who is asked for what."""

    sim: Simulation
    method: str
    args: Mapping[str, Any]

    @property
    def state(self) -> SlackState:
        return self.sim.slack

    def has(self, name: str) -> bool:
        """An empty string counts as absent, as in Slack."""
        return self.args.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        value = self.args.get(name)
        return default if value is None else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.args.get(name)
        if value is None:
            return default
        return value if isinstance(value, bool) else str(value) in _TRUE

    def number(self, name: str, default: int, *, error: str = "invalid_arguments") -> int:
        value = self.args.get(name)
        if value in (None, ""):
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise SlackError(error) from None

    def parsed(self, name: str, *, error: str = "invalid_arguments") -> Any:
        """A list or object, which arrives as JSON text in a form and as itself in JSON."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        if value == "":
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def names(self, name: str) -> list[str]:
        """A comma-separated list, which JSON callers may send as an array."""
        value = self.args.get(name) or []
        if isinstance(value, str):
            value = json.loads(value) if value.startswith("[") else value.split(",")
        return [str(v).strip() for v in value if str(v).strip()]


async def arguments(request: Request, *, json_too: bool = True) -> dict[str, Any]:
    """Query first, then the body; a JSON body may be empty (`auth.test` sends it so).

    Without `json_too` a JSON body is dropped silently, as Slack's reading methods do.
    """
    found: dict[str, Any] = dict(request.query_params)
    sort = request.headers.get("content-type", "").partition(";")[0].strip()
    body = await request.body()
    match sort:
        case "application/json":
            found |= _object(body) if body.strip() and json_too else {}
        case "application/x-www-form-urlencoded" | "multipart/form-data":
            form = await request.form()
            for name, value in form.multi_items():
                found[name] = await value.read() if isinstance(value, UploadFile) else value
        case _ if body.strip():
            raise SlackError("invalid_post_type" if sort else "missing_post_type")
    return found


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        raise SlackError("invalid_arguments", detail="invalid_json") from None
    if not isinstance(read, dict):
        raise SlackError("invalid_arguments", detail="json_not_object")
    return read


def token(request: Request, args: Mapping[str, Any]) -> str | None:
    """The bearer token, or the older `token` argument."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip()
    found = args.get("token")
    return str(found) if found else None


def answer(body: dict[str, Any], *, scopes: str = "") -> JSONResponse:
    headers = {"x-oauth-scopes": scopes} if scopes else None
    return JSONResponse({"ok": True, **body}, headers=headers)


def refusal(error: SlackError) -> JSONResponse:
    return JSONResponse({"ok": False, "error": error.error, **error.extra})


def too_many(error: RateLimited) -> JSONResponse:
    return JSONResponse(
        {"ok": False, "error": "ratelimited"},
        status_code=429,
        headers={"Retry-After": str(error.seconds)},
    )
