"""Chat mark-up (bold, links, mentions, dates, emoji) to HTML, with everything untrusted escaped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from sandbox.ui.render.dates import date_token
from sandbox.ui.render.emoji import PATTERN as EMOJI
from sandbox.ui.render.emoji import emoji
from sandbox.ui.render.names import Names, inside, safe_link

_FENCE = re.compile(r"```\n?(.+?)\n?```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_ANGLE = re.compile(r"<([^<>\n]+)>")
_BARE = re.compile(r"https?://[^\s<>|\ue000\ue001]+[^\s<>|.,;:!?)\]'\"\ue000\ue001]")
_MARKS = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"), r"<em>\1</em>"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"), r"<s>\1</s>"),
)
_KEPT = re.compile("\ue000(\\d+)\ue001")
_PRIVATE = re.compile("[\ue000\ue001]")
_BROADCASTS = {"here", "channel", "everyone"}


def unescaped(text: str) -> str:
    """The three entities of the chat API back to characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@dataclass
class _Shelf:
    """Finished pieces of HTML, put aside while the text around them is worked on."""

    pieces: list[Markup] = field(default_factory=list)

    def keep(self, piece: Markup) -> str:
        self.pieces.append(piece)
        return f"\ue000{len(self.pieces) - 1}\ue001"

    def restore(self, text: str) -> str:
        # A piece may hold others (a bold link): twice is as deep as it goes.
        for _ in range(2):
            text = _KEPT.sub(lambda found: str(self.pieces[int(found[1])]), text)
        return text


def mrkdwn(text: str, names: Names, *, verbatim: bool = False) -> Markup:
    """A text as the chat shows it; `verbatim` leaves bare addresses alone."""
    shelf = _Shelf()
    rest = _PRIVATE.sub("", text)
    rest = _FENCE.sub(lambda found: shelf.keep(_pre(found[1])), rest)
    rest = _CODE.sub(lambda found: shelf.keep(_code(found[1])), rest)
    rest = _ANGLE.sub(lambda found: shelf.keep(_angle(found[1], names)), rest)
    if not verbatim:
        rest = _BARE.sub(lambda found: shelf.keep(anchor(unescaped(found[0]))), rest)
    rest = EMOJI.sub(lambda found: shelf.keep(emoji_span(found[1], found[0])), rest)
    return Markup(shelf.restore(_lines(rest)))


def plain(text: str, *, with_names: bool = True) -> Markup:
    """A plain_text object: only emoji names mean anything."""
    shelf = _Shelf()
    rest = _PRIVATE.sub("", text)
    if with_names:
        rest = EMOJI.sub(lambda found: shelf.keep(emoji_span(found[1], found[0])), rest)
    return Markup(shelf.restore(str(escape(rest)).replace("\n", "<br>")))


def _lines(text: str) -> str:
    out: list[str] = []
    quote: list[str] = []
    for line in text.split("\n"):
        bare = unescaped(line)
        if bare.startswith(">"):
            quote.append(_marked(bare[1:].removeprefix(" ")))
            continue
        if quote:
            out.append(f"<blockquote>{'<br>'.join(quote)}</blockquote>")
            quote = []
        out.append(_marked(line))
    if quote:
        out.append(f"<blockquote>{'<br>'.join(quote)}</blockquote>")
    joined = "<br>".join(out)
    return joined.replace("</blockquote><br>", "</blockquote>").replace(
        "<br><blockquote>", "<blockquote>"
    )


def _marked(line: str) -> str:
    safe = str(escape(unescaped(line)))
    for pattern, replacement in _MARKS:
        safe = pattern.sub(replacement, safe)
    return safe


def _pre(text: str) -> Markup:
    return Markup("<pre><code>{}</code></pre>").format(unescaped(text))


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(unescaped(text))


def emoji_span(name: str, typed: str) -> Markup:
    found = emoji(name)
    if found is None:
        return escape(typed)
    return Markup('<span class="emoji" role="img" aria-label="{}">{}</span>').format(
        name.replace("_", " "), found
    )


def anchor(url: str, label: str | Markup | None = None) -> Markup:
    """A link that opens beside the chat; an address no browser should follow stays text."""
    address = safe_link(url)
    words = url if label is None else label
    if address is None:
        return escape(words)
    where = Markup("") if inside(address) else Markup(" data-outside")
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer"{}>{}</a>').format(
        address, where, words
    )


def mention(user: str, names: Names) -> Markup:
    mine = " mine" if user == names.me else ""
    return Markup('<span class="mention{}">@{}</span>').format(mine, names.person(user))


def channel_link(channel: str, names: Names, label: str = "") -> Markup:
    return Markup('<a class="mention" href="?channel={}" data-channel-link="{}">#{}</a>').format(
        channel, channel, label or names.channel(channel)
    )


def broadcast(word: str) -> Markup:
    return Markup('<span class="mention mine">@{}</span>').format(word)


def _angle(inner: str, names: Names) -> Markup:
    target, _, label = inner.partition("|")
    match target[:1]:
        case "@":
            return mention(target[1:], names)
        case "#":
            return channel_link(target[1:], names, unescaped(label))
        case "!":
            return _special(target[1:], unescaped(label), names)
    if safe_link(unescaped(target)) is None:
        # Not an address: shown as it was typed, or only its label where there is one.
        return escape(unescaped(label)) if label else escape(f"<{unescaped(inner)}>")
    words = Markup(_marked(label)) if label else None
    return anchor(unescaped(target), words)


def _special(target: str, label: str, names: Names) -> Markup:
    head, *parts = target.split("^")
    if head in _BROADCASTS:
        return broadcast(head)
    if head == "date" and len(parts) >= 2:
        shown = date_token(parts[0], parts[1], fallback=label or parts[1], now=names.now)
        return anchor(parts[2], shown) if len(parts) > 2 else shown
    if head == "subteam":
        return broadcast(label.lstrip("@") or "team")
    return escape(label or f"<!{target}>")
