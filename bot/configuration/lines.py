"""Reads YAML and remembers on which line everything stood, so that a problem can point at it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.configuration.problem import Problem

# The C parser is ten times as fast, and starting has a budget; it is not built everywhere.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Place = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """One YAML document as plain values, with the line of every path in it."""

    file: str
    content: Any
    lines: Mapping[Place, int] = field(default_factory=dict)

    def where(self, *path: str | int) -> str:
        """The nearest line that is known for a path, as `file:line`."""
        for length in range(len(path), -1, -1):
            if (line := self.lines.get(path[:length])) is not None:
                return f"{self.file}:{line}"
        return self.file


@dataclass(kw_only=True)
class _Walk:
    """One document being taken apart; collects lines and double keys on the way."""

    loader: yaml.SafeLoader
    lines: dict[Place, int] = field(default_factory=dict)
    doubled: list[tuple[int, str]] = field(default_factory=list)

    def value(self, node: yaml.Node, path: Place) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self.value(each, (*path, place)) for place, each in enumerate(node.value)]
            case _:
                return self.loader.construct_object(node, deep=True)

    def _mapping(self, node: yaml.MappingNode, path: Place) -> dict[Any, Any]:
        self.loader.flatten_mapping(node)
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.loader.construct_object(key_node, deep=True)
            if key in found:
                self.doubled.append((key_node.start_mark.line + 1, str(key)))
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, (*path, key))
        return found


def documents(path: Path, shown_as: str) -> tuple[list[Document], list[Problem]]:
    """Every document of a file; empty ones are left out."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return [], [_unreadable(shown_as, error)]
    return parsed(text, shown_as)


def parsed(text: str, shown_as: str) -> tuple[list[Document], list[Problem]]:
    """The documents in a text. Leading empty lines keep the line numbers of a larger file true."""
    found: list[Document] = []
    problems: list[Problem] = []
    try:
        for document, doubled in _parsed(text, shown_as):
            found.append(document)
            problems += doubled
    except yaml.MarkedYAMLError as error:
        problems.append(_broken(shown_as, error))
    except yaml.YAMLError:
        problems.append(
            Problem(
                where=shown_as,
                what="This is not text that YAML allows.",
                fix="Remove control characters and save it as UTF-8.",
            )
        )
    return found, problems


def _parsed(text: str, shown_as: str) -> Iterator[tuple[Document, list[Problem]]]:
    loader = _LOADER(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            walk = _Walk(loader=loader)
            content = walk.value(node, ()) if node is not None else None
            if content is not None:
                yield (
                    Document(file=shown_as, content=content, lines=walk.lines),
                    [_twice(shown_as, line, key) for line, key in walk.doubled],
                )
    finally:
        loader.dispose()


def _twice(shown_as: str, line: int, key: str) -> Problem:
    return Problem(
        where=f"{shown_as}:{line}",
        what=f"`{key}` is written twice; only the last one would count.",
        fix="Keep one of them.",
    )


def _broken(shown_as: str, error: yaml.MarkedYAMLError) -> Problem:
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    return Problem(
        where=f"{shown_as}:{line}",
        what=f"This is not YAML: {error.problem or 'it cannot be parsed'}.",
        fix="Check the indentation, the colons and the quotes on this line and the one before.",
    )


def _unreadable(shown_as: str, error: OSError | UnicodeDecodeError) -> Problem:
    why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8"
    return Problem(
        where=shown_as,
        what=f"The file cannot be read: {why}.",
        fix="Check its permissions and save it as UTF-8.",
    )
