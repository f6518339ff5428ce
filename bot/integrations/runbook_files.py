"""Reads directories of Markdown into runbooks, inferring what their authors did not write down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import frontmatter
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.domain.runbook import Runbook, Section
from bot.domain.runbook_words import looks_like_a_name

LARGEST = 2 * 1024 * 1024
CODE_SPAN = re.compile(r"`([A-Za-z][A-Za-z0-9]{7,})`")
OPENING = 1_500


def read_runbooks(directories: Sequence[Path]) -> tuple[Runbook, ...]:
    """Every Markdown file below the directories, its path relative to the one it is in."""
    return tuple(book for directory in directories for book in _read_directory(directory))


def _read_directory(directory: Path) -> Iterable[Runbook]:
    for path in sorted(directory.rglob("*.md")):
        relative = path.relative_to(directory)
        if any(part.startswith(".") for part in relative.parts) or not path.is_file():
            continue
        try:
            with path.open("rb") as opened:
                raw = opened.read(LARGEST)
        except OSError as error:
            name = relative.as_posix()
            yield Runbook(path=name, title=path.stem, body="", problem=f"{error.strerror}.")
            continue
        yield parse_runbook(relative.as_posix(), raw.decode("utf-8", errors="replace"))


def parse_runbook(path: str, text: str) -> Runbook:
    """One runbook; broken front matter is read as if there were none."""
    front, body, problem = _split_front(text)
    sections = tuple(_sections(body))
    first = next((one.title for one in sections if one.level == 1), "")
    title = str(front.get("title") or "") or first or Path(path).stem
    alerts = (*_listed(front, "alerts"), *_alert_names(front), *_own_names(path, first))
    return Runbook(
        path=path,
        title=title.strip(),
        body=body,
        sections=sections,
        alerts=tuple(dict.fromkeys(alerts)),
        mentions=tuple(dict.fromkeys(_mentions(sections, body))),
        services=tuple(_listed(front, "services")),
        keywords=tuple(_listed(front, "keywords")),
        front={str(key): str(value) for key, value in front.items()},
        problem=problem,
    )


def _split_front(text: str) -> tuple[Mapping[str, Any], str, str]:
    try:
        front, body = frontmatter.parse(text)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 2})" if where else ""
        rest = re.sub(r"\A---\n.*?\n---\n", "", text, count=1, flags=re.DOTALL)
        return {}, rest, f"The front matter is not valid YAML{line}; it was left out."
    if not isinstance(front, dict):
        return {}, body, "The front matter is not a list of `key: value` lines; it was left out."
    return front, body, ""


def _listed(front: Mapping[str, Any], key: str) -> list[str]:
    value = front.get(key) or []
    found = value if isinstance(value, list) else str(value).split(",")
    return [str(one).strip() for one in found if str(one).strip()]


def _alert_names(front: Mapping[str, Any]) -> list[str]:
    """Hugo's `aliases` hold addresses; the last part is the name somebody may still link to."""
    return [alias.rstrip("/").rsplit("/", 1)[-1] for alias in _listed(front, "aliases")]


def _own_names(path: str, heading: str) -> list[str]:
    names = (Path(path).stem, heading.strip("` "))
    return [name for name in names if looks_like_a_name(name)]


def _mentions(sections: Sequence[Section], body: str) -> Iterable[str]:
    """Alert names in headings, and in code spans near the top where the alert is introduced."""
    for section in sections:
        yield from (word for word in section.title.split() if looks_like_a_name(word.strip("`")))
    yield from (name for name in CODE_SPAN.findall(body[:OPENING]) if looks_like_a_name(name))


def _sections(body: str) -> Iterable[Section]:
    lines = body.splitlines()
    tokens = MarkdownIt("commonmark").parse(body)
    heads = [_heading(tokens, number) for number, one in enumerate(tokens) if _is_heading(one)]
    seen: dict[str, int] = {}
    for number, (title, level, _, end) in enumerate(heads):
        until = heads[number + 1][2] if number + 1 < len(heads) else len(lines)
        anchor = slug(title)
        seen[anchor] = seen.get(anchor, -1) + 1
        yield Section(
            title=title,
            anchor=f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor,
            level=level,
            body="\n".join(lines[end:until]).strip("\n"),
        )


def _is_heading(token: Token) -> bool:
    return token.type == "heading_open" and token.level == 0 and token.map is not None


def _heading(tokens: Sequence[Token], number: int) -> tuple[str, int, int, int]:
    opening = tokens[number]
    start, end = opening.map or [0, 0]
    title = re.sub(r"[*_]{2}|`", "", tokens[number + 1].content).strip()
    return title, int(opening.tag[1:]), start, end


def slug(title: str) -> str:
    """The anchor GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
