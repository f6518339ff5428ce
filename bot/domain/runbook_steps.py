"""Turns the steps a runbook tells people to take into a checklist they can tick in a channel."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.domain.runbook import Runbook, Section, Step
from bot.domain.runbook_words import joined

# In the order of a response: what stops the harm first, then what finds the cause.
WANTED = (
    *("firstthreeactions", "firstactions", "steps", "mitigation", "resolution", "howtofix"),
    *("remediation", "diagnosis", "isthisreal"),
)
MOST = 25
ITEM = re.compile(r"^( {0,3})(?:(\d{1,3})[.)]|[-*+])\s+(?:\[[ xX]\]\s+)?(.+)$")
FENCE = re.compile(r"^\s*(```+|~~~+)")


@dataclass
class _Draft:
    text: list[str]
    command: list[str] = field(default_factory=list)


def steps(runbook: Runbook, section: str = "") -> tuple[Step, ...]:
    """The steps of one section, or of the sections that by custom hold them."""
    found: list[Step] = []
    for one in _sections(runbook, section):
        for draft in _drafts(one.body):
            found.append(
                Step(
                    number=len(found) + 1,
                    text=_plain(" ".join(draft.text)),
                    command="\n".join(draft.command).strip(),
                    section=one.title,
                )
            )
    return tuple(found[:MOST])


def _sections(runbook: Runbook, anchor: str) -> Iterable[Section]:
    if anchor:
        return [one for one in runbook.sections if one.anchor == anchor]
    named = [one for one in runbook.sections if joined(one.title) in WANTED]
    for name in WANTED:
        chosen = [one for one in named if joined(one.title) == name]
        if any(_drafts(one.body) for one in chosen):
            extra = [one for one in named if joined(one.title) == "steps" and one not in chosen]
            return [*chosen, *extra]
    listed = [one for one in runbook.sections if _drafts(one.body)]
    return listed[:1]


def _drafts(body: str) -> list[_Draft]:
    """Top-level list items, each with the code below it; deeper items stay part of their step."""
    drafts: list[_Draft] = []
    fence = ""
    broken = False
    for line in body.splitlines():
        if mark := FENCE.match(line):
            fence = "" if fence and mark.group(1).startswith(fence) else fence or mark.group(1)
        elif fence:
            if drafts:
                drafts[-1].command.append(line.strip())
        elif item := ITEM.match(line):
            drafts.append(_Draft(text=[item.group(3)]))
            broken = False
        elif not line.strip():
            broken = True
        elif drafts and (line.startswith(" ") or not broken):
            drafts[-1].text.append(line.strip())
    return drafts


def _plain(text: str) -> str:
    """Markdown that a chat card would show as noise, taken out."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[([^\]]+)\]\[[^\]]*\]", r"\1", text)
    text = re.sub(r"<br\s*/?>", " ", text)
    text = re.sub(r"\*\*([^*]+)\*\*|__([^_]+)__", lambda m: m.group(1) or m.group(2), text)
    return re.sub(r"\s+", " ", text).strip()
