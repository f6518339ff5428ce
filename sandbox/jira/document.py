"""Reads the Atlassian Document Format: whether it is one, and what it says."""

from __future__ import annotations

from typing import Any

INLINE = {"text", "hardBreak", "mention", "emoji", "inlineCard"}
BLOCKS = {
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "listItem",
    "codeBlock",
    "blockquote",
    "rule",
    "panel",
    "table",
    "tableRow",
    "tableCell",
    "tableHeader",
}


def is_document(value: Any) -> bool:
    """Whether this is an Atlassian document of known nodes."""
    if not isinstance(value, dict) or value.get("type") != "doc" or value.get("version") != 1:
        return False
    content = value.get("content")
    return isinstance(content, list) and all(_is_node(one, BLOCKS) for one in content)


def _is_node(node: Any, known: set[str]) -> bool:
    if not isinstance(node, dict) or node.get("type") not in known:
        return False
    if node["type"] == "text":
        # An empty text node is refused by Jira, which surprises everyone once.
        return isinstance(node.get("text"), str) and node["text"] != ""
    inside = INLINE if node["type"] in ("paragraph", "heading", "codeBlock") else BLOCKS
    content = node.get("content", [])
    return isinstance(content, list) and all(_is_node(one, inside) for one in content)


def plain(node: Any) -> str:
    """The text of a document, for screens and assertions."""
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "text":
        return str(node["text"])
    parts = [plain(one) for one in node.get("content", [])]
    joint = "" if node.get("type") in ("paragraph", "heading", "codeBlock") else "\n"
    return joint.join(part for part in parts if part)
