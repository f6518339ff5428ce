"""What a change by hand means for Terraform's code: the one line that says it, or none to be touched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.domain.hcl import Source, names, read, spelt


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One value as Terraform writes it. `names`: what it belongs to, by any of the names it has.

    `nested`: it is no text but an empty block, as in `action { block {} }`.
    """

    attribute: str
    before: str
    after: str
    names: tuple[str, ...]
    nested: bool = False

    @property
    def told(self) -> str:
        return f"`{self.says(self.before)}` → `{self.says(self.after)}` of {self.names[0]}"

    def says(self, value: str) -> str:
        return (
            f"{self.attribute} {{ {value} {{}} }}"
            if self.nested
            else f"{self.attribute} = {value}"
        )


@dataclass(frozen=True, kw_only=True)
class File:
    path: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """What was changed by hand and should be kept in Terraform. `marker` finds it again.

    `folders`: where the code of this environment lies, and of nothing else.
    """

    marker: str
    title: str
    body: str
    module: str
    folders: tuple[str, ...]
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was opened. `why`: what it does not change by itself, so that somebody has to."""

    address: str
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Edits:
    """All files with every setting changed; or none of them, and why."""

    files: tuple[File, ...] = ()
    why: str = ""
    already: bool = False
    """It is written down as it should be."""


@dataclass(frozen=True, kw_only=True)
class _Place:
    path: str
    line: int


def edits(settings: Sequence[Setting], files: Sequence[File]) -> Edits:
    """A value is changed only where one line alone can be meant, and only all of them together."""
    if not settings:
        return Edits(why="what to change there is not a single value")
    now = {each.path: each.text for each in files}
    if not any(_why(setting, now, setting.after) for setting in settings):
        return Edits(already=True)
    texts = dict(now)
    for setting in settings:
        if why := _why(setting, now, setting.before):
            return Edits(why=why)
        (place,) = _places(setting, now, setting.before)
        texts[place.path] = _changed(texts[place.path], place.line, setting)
    changed = (File(path=path, text=text) for path, text in texts.items() if text != now[path])
    return Edits(files=tuple(changed))


def _why(setting: Setting, files: Mapping[str, str], value: str) -> str:
    """Why this value is at no certain place; empty where it is."""
    found = list(_places(setting, files, value))
    if len(found) == 1:
        return ""
    what = f"`{setting.says(value)}` of {setting.names[0]}"
    if not found:
        return f"no line was found that is certainly {what}"
    where = ", ".join(f"{each.path}:{each.line + 1}" for each in found[:3])
    return f"{len(found)} lines could be {what} ({where})"


def _places(setting: Setting, files: Mapping[str, str], value: str) -> Iterator[_Place]:
    wanted = frozenset(map(spelt, setting.names))
    for path, text in files.items():
        source = read(text)
        if source is None:
            continue
        for line in range(len(source.lines)):
            if _says(source, line, setting, value) and _owned(source, line, setting, wanted, path):
                yield _Place(path=path, line=line)


def _says(source: Source, line: int, setting: Setting, value: str) -> bool:
    if not setting.nested:
        return bool(_assigned(setting, value).fullmatch(source.lines[line]))
    if not re.fullmatch(rf"\s*{re.escape(value)}\s*\{{\s*\}}\s*", source.lines[line]):
        return False
    outer = next((b for b in source.around(line) if b.first < line), None)
    if outer is None:
        return False
    first, *others = source.inside(outer)
    alone = [each for each in others[:-1] if each.strip()] == [source.lines[line]]
    return alone and _holds(setting, first)


def _owned(source: Source, line: int, setting: Setting, wanted: frozenset[str], path: str) -> bool:
    """The smallest block around it that names the owner has no other such value."""
    for block in source.around(line):
        inside = source.inside(block)
        if wanted & names(inside):
            return sum(_holds(setting, each) for each in inside) == 1
    parts = {spelt(each.partition(".")[0]) for each in PurePosixPath(path).parts}
    return bool(wanted & parts) and sum(_holds(setting, each) for each in source.lines) == 1


def _holds(setting: Setting, line: str) -> bool:
    mark = r"\{" if setting.nested else "=[^=]"
    return bool(re.match(rf"\s*{re.escape(setting.attribute)}\s*{mark}", line))


def _assigned(setting: Setting, value: str) -> re.Pattern[str]:
    attribute, written = re.escape(setting.attribute), re.escape(value)
    return re.compile(rf"(\s*{attribute}\s*=\s*(\"?))({written})(\2\s*)")


def _changed(text: str, line: int, setting: Setting) -> str:
    """What else stands in that line stays, a comment behind it too."""
    lines = text.splitlines(keepends=True)
    if setting.nested:
        pattern, put = rf"(\s*){re.escape(setting.before)}(\s*\{{)", rf"\g<1>{setting.after}\g<2>"
        lines[line] = re.sub(pattern, put, lines[line], count=1)
    else:
        pattern = _assigned(setting, setting.before).pattern
        lines[line] = re.sub(pattern, rf"\g<1>{setting.after}\g<4>", lines[line], count=1)
    return "".join(lines)
