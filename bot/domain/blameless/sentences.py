"""Cuts a Markdown document into the sentences a person wrote, leaving out code, logs and quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

FENCE = re.compile(r"^\s*(?:[-*+]\s+|\d+[.)]\s+)?(```+|~~~+)")
LOG_LINE = re.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^ ]*\]?\s+(?:\S+\s+){0,2}\[?(?:DEBUG|INFO|WARN(?:ING)?"
    r"|ERROR|FATAL|TRACE)\b|(?:DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL|TRACE)[: \[]|[IWEF]\d{4} \d\d:"
    r"|\w{3} +\d+ \d\d:\d\d:\d\d \S+ \S+(?:\[\d+\])?:|\$ |level=|ts=)"
)
ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
HEADING = re.compile(r"^\s{0,3}#{1,6}\s+")
RULE = re.compile(r"^\s*(?:[-*_]\s*){3,}$")
BREAK = re.compile(r"(?<=[.!?])[\"”’')\]]*\s+(?=[\"“‘'(\[*_@]*[A-Z0-9@<])")
# "e.g. The" and "5 min. Then" aside, a full stop before a capital ends a sentence.
SHORT_FORM = re.compile(r"\b(?:e\.g|i\.e|etc|approx|vs|Mr|Mrs|Ms|Dr|No|cf|St)\.$")
LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence as it is shown, and as the rules read it."""

    line: int
    shown: str
    read: str
    in_roles: bool = False


@dataclass(frozen=True, kw_only=True)
class _Block:
    lines: tuple[tuple[int, str], ...]
    in_roles: bool = False


def sentences(text: str) -> tuple[Sentence, ...]:
    """In the order of the document; lines count from 1."""
    return tuple(one for block in _blocks(text) for one in _split(block))


def _blocks(text: str) -> Iterable[_Block]:
    pending: list[tuple[int, str]] = []
    roles = False
    for number, line in _prose(text.splitlines()):
        starts = bool(ITEM.match(line) or HEADING.match(line))
        row = line.lstrip().startswith("|")
        if (starts or row or not line.strip()) and pending:
            yield _Block(lines=tuple(pending))
            pending = []
        if row:
            roles = roles or bool(re.search(r"\|\s*roles?\s*\|", line, re.IGNORECASE))
            for cell in line.strip().strip("|").split("|"):
                if cell.strip():
                    yield _Block(lines=((number, cell.strip()),), in_roles=roles)
            continue
        roles = False
        if line.strip():
            pending.append((number, HEADING.sub("", ITEM.sub("", line)).strip()))
        if HEADING.match(line) and pending:
            yield _Block(lines=tuple(pending))
            pending = []
    if pending:
        yield _Block(lines=tuple(pending))


def _prose(lines: list[str]) -> Iterable[tuple[int, str]]:
    """Every line with its number; those that are not prose come as empty ones."""
    fence = ""
    front = bool(lines) and lines[0].strip() == "---" and "---" in (x.strip() for x in lines[1:])
    listed = False
    for number, line in enumerate(lines, start=1):
        if front:
            front = number == 1 or line.strip() != "---"
            yield number, ""
            continue
        if mark := FENCE.match(line):
            closes = fence and mark.group(1).startswith(fence)
            fence = "" if closes else fence or mark.group(1)
            yield number, ""
            continue
        indented = line.startswith(("    ", "\t")) and not listed
        listed = bool(ITEM.match(line)) or (listed and (not line.strip() or line[:1].isspace()))
        aside = fence or indented or line.lstrip().startswith((">", "<!--"))
        yield number, "" if aside or LOG_LINE.match(line) or RULE.match(line) else line


def _split(block: _Block) -> Iterable[Sentence]:
    whole = ""
    starts: list[tuple[int, int]] = []
    for number, line in block.lines:
        starts.append((len(whole), number))
        whole += line + " "
    begin = 0
    ends = [
        one.end() for one in BREAK.finditer(whole) if not SHORT_FORM.search(whole[: one.start()])
    ]
    for end in [*ends, len(whole)]:
        shown = whole[begin:end].strip()
        if shown:
            first = max(number for start, number in starts if start <= begin)
            yield Sentence(line=first, shown=shown, read=_readable(shown), in_roles=block.in_roles)
        begin = end


def _readable(sentence: str) -> str:
    """Without code, quotations, addresses and emphasis, which are not the writer's own words."""
    text = re.sub(r"(`+).+?\1", " ⟨code⟩ ", sentence)
    text = text.replace("’", "'").replace("‘", "'")
    text = re.sub(r"\"[^\"]*\"|“[^”]*”", " ⟨quote⟩ ", text)
    text = LINK.sub(r"\1", text)
    text = re.sub(r"\b[a-z]+://\S+", " ⟨link⟩ ", text)
    text = re.sub(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)", "", text)
    return re.sub(r"\s+", " ", text).strip()
