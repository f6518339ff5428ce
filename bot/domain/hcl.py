"""As much of Terraform's language as finding one line takes: its blocks, without comments and text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_HEREDOC = re.compile(r"<<[-~]?(\w+)[ \t]*$")
_TEMPLATES = ("${", "%{")
_QUOTE, _BRACE, _CODE = '"', "{", ""
_NAME = re.compile(r"\w[\w-]*")


@dataclass(frozen=True, kw_only=True)
class Block:
    """From the line that opens it to the one that closes it, counted from 0, both its own."""

    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class Source:
    """`lines` are as long as they were: what is no code in them is blank."""

    lines: tuple[str, ...]
    blocks: tuple[Block, ...]

    def around(self, line: int) -> tuple[Block, ...]:
        """The innermost first."""
        found = [each for each in self.blocks if each.first <= line <= each.last]
        return tuple(sorted(found, key=lambda each: each.last - each.first))

    def inside(self, block: Block) -> Sequence[str]:
        return self.lines[block.first : block.last + 1]


def read(text: str) -> Source | None:
    """None where its braces do not close: nothing in it is certain then."""
    bare = _Reader().through(text)
    blocks, opened = [], list[int]()
    for number, line in enumerate(bare.shape):
        for mark in line:
            if mark == "{":
                opened.append(number)
            elif mark == "}":
                if not opened:
                    return None
                blocks.append(Block(first=opened.pop(), last=number))
    if opened or not bare.closed:
        return None
    return Source(lines=tuple(bare.lines), blocks=tuple(blocks))


def names(lines: Sequence[str]) -> frozenset[str]:
    """Every name in them, in one spelling: `discovery_ec2` is `discovery-ec2`."""
    return frozenset(spelt(each) for line in lines for each in _NAME.findall(line))


def spelt(name: str) -> str:
    return name.lower().replace("_", "-").strip("-")


class _Reader:
    """Character by character; `shape` has no text in quotes either."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.shape: list[str] = []
        self._open: list[str] = []
        self._ends = ""
        """The word that ends a heredoc; `*/` for a comment of many lines."""

    @property
    def closed(self) -> bool:
        return not self._open and not self._ends

    def through(self, text: str) -> _Reader:
        for line in text.splitlines():
            code, shape = self._line(line)
            self.lines.append(code.ljust(len(line)))
            self.shape.append(shape)
        return self

    def _line(self, line: str) -> tuple[str, str]:
        start = 0
        if self._ends == "*/":
            start = line.find("*/") + 2
            if start < 2:
                return "", ""
            self._ends = ""
        elif self._ends:
            self._ends = "" if line.strip() == self._ends else self._ends
            return "", ""
        code, shape = self._code(line, start)
        if not self._open and (found := _HEREDOC.search(code)):
            self._ends = found[1]
        return code, shape

    def _code(self, line: str, at: int) -> tuple[str, str]:
        code, shape = [" " * at], list[str]()
        while at < len(line):
            inside = self._open[-1] if self._open else _CODE
            pair = line[at : at + 2]
            step = 1
            if inside == _QUOTE:
                step = self._quoted(line, at)
            elif line[at] == "#" or pair == "//":
                break
            elif pair == "/*":
                end = line.find("*/", at + 2)
                if end < 0:
                    self._ends = "*/"
                    break
                code.append(" " * (end + 2 - at))
                at = end + 2
                continue
            elif line[at] == _QUOTE:
                self._open.append(_QUOTE)
            elif inside == _BRACE:
                self._template(line[at])
            else:
                shape.append(line[at])
            code.append(line[at : at + step])
            at += step
        return "".join(code), "".join(shape)

    def _quoted(self, line: str, at: int) -> int:
        """How many characters belong together."""
        pair = line[at : at + 2]
        if line[at : at + 3] in ("$${", "%%{"):
            return 3
        if pair in _TEMPLATES:
            self._open.append(_BRACE)
            return 2
        if line[at] == "\\":
            return 2
        if line[at] == _QUOTE:
            self._open.pop()
        return 1

    def _template(self, mark: str) -> None:
        if mark == "{":
            self._open.append(_BRACE)
        elif mark == "}":
            self._open.pop()
