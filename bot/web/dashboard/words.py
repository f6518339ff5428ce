"""What people and vendors wrote, made fit for a page that anybody at the port may read."""

from __future__ import annotations

import re

from bot.domain.catalog import Catalog
from bot.domain.redaction import redact

_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|([^>]*))?>")
_LINK = re.compile(r"<((?:https?|mailto)[^|>\s]*)(?:\|([^>]*))?>")
_PLACE = re.compile(r"<[#!](?:subteam\^)?([^|>]*)(?:\|([^>]*))?>")


def plain(text: str, catalog: Catalog) -> str:
    """Slack's mentions and links become the words they stand for; secrets go."""

    def name(found: re.Match[str]) -> str:
        known = catalog.person_by_slack(found[1])
        return f"@{known.name if known else found[2] or 'somebody'}"

    text = _PERSON.sub(name, text)
    text = _LINK.sub(lambda found: found[2] or found[1], text)
    text = _PLACE.sub(lambda found: f"#{(found[2] or found[1]).lstrip('#@')}", text)
    return redact(text).text


def address(link: str) -> str:
    """Empty for what a browser would run or read from the disk instead of opening it."""
    return link if link.lower().startswith(("https://", "http://")) else ""
