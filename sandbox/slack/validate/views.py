"""Limits of forms and App Home views."""

from __future__ import annotations

import json
from typing import Any

from sandbox.slack.validate.blocks import elements_of, problems_of
from sandbox.slack.validate.composition import text
from sandbox.slack.validate.rules import anything, flag, one_of, shape, string

MOST_BYTES = 250_000
STACK = 3
_SHARED = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
_TITLE = text(24, plain=True)
_MODAL = shape(
    {"type": one_of("modal"), "title": _TITLE, "blocks": anything},
    {
        **_SHARED,
        "submit": _TITLE,
        "close": _TITLE,
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
_HOME = shape({"type": one_of("home"), "blocks": anything}, dict(_SHARED))


def problems_of_view(view: Any, *, surface: str) -> list[str]:
    """Everything Slack would complain about in a view for `modal` or `home`."""
    if not isinstance(view, dict):
        return ["must be a valid object [json-pointer:/view]"]
    problems: list[str] = []
    if view.get("type") != surface:
        problems.append(f"must be one of {surface} [json-pointer:/view/type]")
    (_MODAL if surface == "modal" else _HOME)(view, "/view", problems)
    if "blocks" not in view:
        return problems
    problems += problems_of(view["blocks"], surface=surface, root="/view/blocks")
    blocks = [b for b in view["blocks"] if isinstance(b, dict)]
    if (
        surface == "modal"
        and not view.get("submit")
        and any(b.get("type") == "input" for b in blocks)
    ):
        problems.append("missing required field: submit [json-pointer:/view]")
    focused = [e for b in blocks for e in elements_of(b) if e.get("focus_on_load")]
    if len(focused) > 1:
        problems.append("only one element may have focus_on_load [json-pointer:/view/blocks]")
    return problems


def too_large(view: Any) -> bool:
    return len(json.dumps(view)) > MOST_BYTES
