"""Joins a newly made document with the one that people edited: ours is between the marks, the rest theirs."""

from __future__ import annotations

import re

_MARK = re.compile(r"^<!-- tocsin:(begin|end) ([\w.-]+) -->\s*$", re.MULTILINE)
_INDEX = "index"
_NEW_INDEX = "# Postmortems\n\n"
_FRONT = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)
_FIELD = re.compile(r"^([\w-]+):.*\n(?:(?:[ \t#-].*)?\n)*", re.MULTILINE)


def begin(name: str) -> str:
    return f"<!-- tocsin:begin {name} -->"


def end(name: str) -> str:
    return f"<!-- tocsin:end {name} -->"


def regions(text: str) -> dict[str, str]:
    """What stands between each pair of marks. One that is not closed is no region."""
    found: dict[str, str] = {}
    opened: tuple[str, int] | None = None
    for mark in _MARK.finditer(text):
        kind, name = mark[1], mark[2]
        if kind == "begin":
            opened = (name, mark.end())
        elif opened and opened[0] == name:
            found[name] = text[opened[1] : mark.start()].strip("\n")
            opened = None
    return found


def merged(old: str, new: str, *, base: str = "") -> str:
    """`new` put into `old`: regions are replaced, everything else in `old` stays as it is.

    Whatever a person changed inside a region is replaced: the marks say so. A region that is
    not there is added at the end; a file without any mark is theirs and stays as it is. In the
    front matter a field keeps what a person wrote: what differs from `base`, our last version.
    """
    if not old.strip():
        return new
    kept = regions(old)
    if not kept:
        return old
    text = old
    for name, content in regions(new).items():
        if name in kept:
            text = _replaced(text, name, content)
        else:
            text = f"{text.rstrip()}\n\n{begin(name)}\n{content}\n{end(name)}\n"
    return _with_front(text, new, base)


def _with_front(text: str, new: str, base: str) -> str:
    mine, theirs = _FRONT.match(new), _FRONT.match(text)
    if not mine or not theirs:
        return text
    fresh, current = _fields(mine[1]), _fields(theirs[1])
    before = _fields(found[1]) if (found := _FRONT.match(base)) else current
    edited = {name: block for name, block in current.items() if block != before.get(name)}
    lines = [edited.get(name, block) for name, block in fresh.items()]
    lines += [block for name, block in edited.items() if name not in fresh]
    return f"---\n{''.join(lines)}---\n{text[theirs.end() :]}"


def _fields(front: str) -> dict[str, str]:
    """Each top-level field with the lines that belong to it, as they are written."""
    return {block[1]: block[0] for block in _FIELD.finditer(front)}


def index_with(index: str, line: str, path: str) -> str:
    """The index with this line in its marked region: newest first, one line per file."""
    text = index if index.strip() else _NEW_INDEX
    if _INDEX not in regions(text):
        text = f"{text.rstrip()}\n\n{begin(_INDEX)}\n{end(_INDEX)}\n"
    name = path.rpartition("/")[2]
    lines = [each for each in regions(text)[_INDEX].splitlines() if each.strip()]
    others = [each for each in lines if name not in each]
    ordered = sorted({*others, line.strip()}, reverse=True)
    return _replaced(text, _INDEX, "\n".join(ordered))


def _replaced(text: str, name: str, content: str) -> str:
    first, last = begin(name), end(name)
    start = text.index(first) + len(first)
    return f"{text[:start]}\n{content}\n{text[text.index(last, start) :]}"
