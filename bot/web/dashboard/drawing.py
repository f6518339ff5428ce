"""Pages out of templates, with the headers that keep everything foreign out of them."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

HERE = Path(__file__).parent
HEADERS = {
    # No inline script or style either, even if escaping failed.
    "content-security-policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
        " frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """What the head of a page offers: `sign_in` leads to Slack, or `name` is here and can leave."""

    sign_in: str = ""
    name: str = ""
    goodbye: str = ""


_NOBODY = Entrance()
entrance: ContextVar[Entrance] = ContextVar("entrance", default=_NOBODY)
"""Of the request that is being answered: pages need not be told what stands above all of them."""


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("bot.web.dashboard", "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """`at` names the page in the navigation, where it is in there."""
    text = (
        _environment()
        .get_template(template)
        .render(**{"at": "", "entrance": entrance.get(), **values})
    )
    headers = {**HEADERS, "retry-after": "5"} if status == 503 else HEADERS
    return HTMLResponse(text, status_code=status, headers=headers)


class Assets(StaticFiles):
    """The stylesheet and the script: asked for again each time, sent again only when they changed."""

    def __init__(self) -> None:
        super().__init__(directory=HERE / "static")

    def file_response(
        self, full_path: Any, stat_result: Any, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update({**HEADERS, "cache-control": "no-cache"})
        return response
