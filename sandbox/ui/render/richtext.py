"""The rich_text block: what people's own messages and formatted forms are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from sandbox.ui.render.dates import date_token
from sandbox.ui.render.mrkdwn import anchor, broadcast, channel_link, emoji_span, mention, plain
from sandbox.ui.render.names import Names

_STYLES = (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strike", "s"))
_EMPTY = Markup("")


def rich_text(elements: Sequence[Mapping[str, Any]], names: Names) -> Markup:
    return _EMPTY.join(_block(element, names) for element in elements)


def _block(element: Mapping[str, Any], names: Names) -> Markup:
    inner = element.get("elements", ())
    match element.get("type"):
        case "rich_text_list":
            return _list(element, names)
        case "rich_text_preformatted":
            return Markup("<pre><code>{}</code></pre>").format(_run(inner, names))
        case "rich_text_quote":
            return Markup("<blockquote>{}</blockquote>").format(_run(inner, names))
    return Markup("<p>{}</p>").format(_run(inner, names))


def _list(element: Mapping[str, Any], names: Names) -> Markup:
    tag = "ol" if element.get("style") == "ordered" else "ul"
    indent = min(int(element.get("indent") or 0), 6)
    items = _EMPTY.join(
        Markup("<li>{}</li>").format(_run(item.get("elements", ()), names))
        for item in element.get("elements", ())
    )
    return Markup('<{} class="indent-{}">{}</{}>').format(tag, indent, items, tag)


def _run(elements: Sequence[Mapping[str, Any]], names: Names) -> Markup:
    return _EMPTY.join(_styled(element, names) for element in elements)


def _styled(element: Mapping[str, Any], names: Names) -> Markup:
    shown = _inline(element, names)
    style = element.get("style")
    if not isinstance(style, Mapping):
        return shown
    for key, tag in _STYLES:
        if style.get(key):
            shown = Markup(f"<{tag}>{{}}</{tag}>").format(shown)
    return shown


def _inline(element: Mapping[str, Any], names: Names) -> Markup:
    match element.get("type"):
        case "text":
            return plain(str(element.get("text", "")), with_names=False)
        case "link":
            url = str(element.get("url", ""))
            return anchor(url, str(element.get("text") or url))
        case "user":
            return mention(str(element.get("user_id", "")), names)
        case "channel":
            return channel_link(str(element.get("channel_id", "")), names)
        case "emoji":
            name = str(element.get("name", ""))
            return emoji_span(name, f":{name}:")
        case "broadcast":
            return broadcast(str(element.get("range", "here")))
        case "usergroup":
            return broadcast(str(element.get("usergroup_id", "team")))
        case "date":
            return date_token(
                str(element.get("timestamp", "")),
                str(element.get("format", "{date} {time}")),
                fallback=str(element.get("fallback", "")),
                now=names.now,
            )
        case "color":
            return Markup("<code>{}</code>").format(element.get("value", ""))
    return escape(str(element.get("text", "")))
