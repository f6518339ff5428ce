"""Standard Markdown (the markdown block, postmortems) to HTML without raw HTML or remote pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

from sandbox.ui.render.names import inside, safe_link


class _Safe(RendererHTML):
    """Links open beside the chat; pictures become their description."""

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        token = tokens[idx]
        href = str(token.attrGet("href") or "")
        token.attrSet("target", "_blank")
        token.attrSet("rel", "noopener noreferrer")
        if safe_link(href) is None:
            token.attrSet("href", "#")
        elif not inside(href):
            token.attrSet("data-outside", "")
        return self.renderToken(tokens, idx, options, env)

    def image(
        self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        token = tokens[idx]
        known = env.get("pictures", {}).get(str(token.attrGet("src") or ""))
        if known is None:
            return str(Markup('<span class="no-image">{}</span>').format(token.content))
        return str(Markup('<img src="{}" alt="{}">').format(known, token.content))

    def table_open(self, *_: Any) -> str:
        return '<div class="scroll-x" tabindex="0" role="group" aria-label="table"><table>'

    def table_close(self, *_: Any) -> str:
        return "</table></div>"


_COMMENT = re.compile(r"^<!--.*?-->\n?", re.MULTILINE | re.DOTALL)


def markdown(text: str, pictures: Mapping[str, str] | None = None) -> Markup:
    """Comments are for machines: a reader never sees them. `pictures` are data URLs by name."""
    text = _COMMENT.sub("", text)
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Safe)
    parser.enable(["table", "strikethrough"])
    return Markup(parser.render(text, {"pictures": pictures or {}}))


def front_matter(text: str, pictures: Mapping[str, str] | None = None) -> tuple[Markup, Markup]:
    """A document's front matter (as preformatted text, may be empty) and its rendered body."""
    if not text.startswith("---\n"):
        return Markup(""), markdown(text, pictures)
    head, found, body = text[4:].partition("\n---\n")
    return (
        (escape(head), markdown(body, pictures))
        if found
        else (Markup(""), markdown(text, pictures))
    )
