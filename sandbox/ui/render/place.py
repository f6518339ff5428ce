"""Where a block stands (whose screen, which message or form): what templates ask while drawing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from markupsafe import Markup

from sandbox.ui.render.dates import moment
from sandbox.ui.render.markdown import markdown
from sandbox.ui.render.mrkdwn import mrkdwn, plain
from sandbox.ui.render.names import Names, inside, safe_link
from sandbox.ui.render.richtext import rich_text

Json = Mapping[str, Any]
_MANY = ("options", "users", "conversations", "channels")
_SINGLE = ("option", "user", "conversation", "channel", "date", "time", "date_time")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Handed to every block template as `at`; it holds no state of its own."""

    names: Names
    id: str = "x"
    """The message's ts or the view's id; makes element ids unique on a page."""
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    form: bool = False
    """Inside a modal, where inputs wait for Submit."""

    def text(self, found: Json | str | None) -> Markup:
        """A text object of either kind, as HTML."""
        if not found:
            return Markup("")
        match found:
            case str():
                return plain(found)
            case {"type": "mrkdwn"}:
                text = str(found.get("text", ""))
                return mrkdwn(text, self.names, verbatim=bool(found.get("verbatim")))
        return plain(str(found.get("text", "")))

    def words(self, found: Json | str | None) -> str:
        """A text object without mark-up, for attributes and native menus."""
        return str(Markup(self.text(found)).striptags()) if found else ""

    def markdown(self, text: str) -> Markup:
        return markdown(text)

    def rich(self, block: Json) -> Markup:
        return rich_text(block.get("elements", ()), self.names)

    def dom_id(self, block_id: str, action_id: str) -> str:
        return f"e{crc32(f'{self.id}/{block_id}/{action_id}'.encode()):08x}"

    def confirm(self, element: Json) -> str | None:
        """The question to ask before acting, as JSON for an attribute; its body is safe HTML."""
        asked = element.get("confirm")
        if not isinstance(asked, Mapping):
            return None
        return json.dumps(
            {
                "title": self.words(asked.get("title")),
                "html": str(self.text(asked.get("text"))),
                "confirm": self.words(asked.get("confirm")) or "Yes",
                "deny": self.words(asked.get("deny")) or "Cancel",
                "danger": "danger" in (asked.get("style"), element.get("style")),
            }
        )

    def link(self, url: str | None) -> str | None:
        return safe_link(url) if url else None

    def picture(self, url: str | None) -> str | None:
        """A picture's address only when it is on this machine: nothing else is ever loaded."""
        return url if url and inside(url) else None

    def chosen(self, block_id: str, element: Json) -> list[str]:
        """The values now selected: what the person chose, else what the block starts with."""
        found = self.values.get(block_id, {}).get(str(element.get("action_id", "")))
        if isinstance(found, Mapping):
            return list(_values(found, "selected_"))
        return list(_values(element, "initial_"))

    def local(self, block_id: str, element: Json) -> str:
        """A datetimepicker's moment as a browser's input wants it (in UTC)."""
        for seconds in self.chosen(block_id, element):
            if at := moment(seconds):
                return at.strftime("%Y-%m-%dT%H:%M")
        return ""

    def choices(self, element: Json) -> list[tuple[str, str]]:
        """(value, label) of a select that offers people or conversations."""
        kind = str(element.get("type", ""))
        if "users" in kind:
            return sorted(self.names.people.items(), key=lambda pair: pair[1])
        found = sorted(self.names.channels.items(), key=lambda pair: pair[1])
        return [(value, f"#{label}") for value, label in found]


def _values(found: Json, prefix: str) -> Iterator[str]:
    for word in _SINGLE:
        if (one := found.get(prefix + word)) is not None:
            yield _value(one)
    for word in _MANY:
        for each in found.get(prefix + word) or ():
            yield _value(each)
    typed = found.get("value" if prefix == "selected_" else "initial_value")
    if isinstance(typed, (str, int, float)):
        yield str(typed)


def _value(found: Any) -> str:
    return str(found.get("value", "")) if isinstance(found, Mapping) else str(found)


def named(blocks: Sequence[Json]) -> list[dict[str, Any]]:
    """The blocks with every id filled in, so that what is clicked can be named."""
    return [_named(dict(block), f"b{n}") for n, block in enumerate(blocks)]


def _named(block: dict[str, Any], fallback: str) -> dict[str, Any]:
    block.setdefault("block_id", fallback)
    if isinstance(block.get("accessory"), Mapping):
        block["accessory"] = {"action_id": "accessory", **block["accessory"]}
    if isinstance(block.get("element"), Mapping):
        block["element"] = {"action_id": "element", **block["element"]}
    if block.get("type") in ("actions", "context_actions"):
        block["elements"] = [
            {"action_id": f"a{n}", **element}
            for n, element in enumerate(block.get("elements", ()))
        ]
    return block
