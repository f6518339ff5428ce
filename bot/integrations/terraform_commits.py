"""Commits to Terraform's code, and which module in which environment each of them touches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from bot.domain.places import TerraformModule, homes

FORMAT = "%x1e%H%x1f%an%x1f%ct%x1f%s"
"""For `git log --numstat`: what `commits` reads."""
_WEB = re.compile(r"(?:https://(?:[^/@]+@)?|(?:ssh://)?git@)(?P<host>[^/:]+)[/:](?P<path>[^?#]+)")


@dataclass(frozen=True, kw_only=True)
class Commit:
    """`lines`: how many differ, by file."""

    sha: str
    author: str
    at: datetime
    subject: str
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class Touched:
    """What a commit changes in one environment. No `module` where the path names none."""

    module: str
    lines: int
    paths: tuple[str, ...]


def commits(log: str) -> list[Commit]:
    """As git lists them, newest first."""
    return [found for part in log.split("\x1e")[1:] if (found := _commit(part)) is not None]


def paths(environment: str, modules: Iterable[TerraformModule]) -> tuple[str, ...]:
    """Everything that can change something in this environment, for git."""
    return (*homes(environment), *(m.path for m in _here(environment, modules)))


def touched(commit: Commit, environment: str, modules: Iterable[TerraformModule]) -> list[Touched]:
    """A module's own code changes all of its environments; an environment's code names the module."""
    found: dict[str, list[tuple[str, int]]] = {}
    known = _here(environment, modules)
    for path, lines in commit.lines:
        if (module := _module(path, environment, known)) is not None:
            found.setdefault(module, []).append((path, lines))
    return [
        Touched(
            module=module,
            lines=sum(lines for _, lines in held),
            paths=tuple(path for path, _ in held),
        )
        for module, held in found.items()
    ]


def page_of(repository: str, sha: str) -> str:
    """Where a commit can be read in a browser, if the repository has such a place."""
    found = _WEB.fullmatch(repository.removesuffix("/").removesuffix(".git"))
    return f"https://{found['host']}/{found['path']}/commit/{sha}" if found else ""


def _here(environment: str, modules: Iterable[TerraformModule]) -> Sequence[TerraformModule]:
    return [each for each in modules if each.path and environment in each.environments]


def _module(path: str, environment: str, known: Sequence[TerraformModule]) -> str | None:
    """None where it is another environment's; empty where it is this one's and names no module."""
    for each in known:
        if _below(path, each.path.strip("/")):
            return each.name
    home = next((each for each in homes(environment) if _below(path, each)), None)
    if home is None:
        return None
    parts = PurePosixPath(path.removeprefix(home)).parts
    stems = {*parts, *(part.partition(".")[0] for part in parts)}
    return next((each.name for each in known if each.name in stems), "")


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _commit(part: str) -> Commit | None:
    head, _, rest = part.partition("\n")
    match head.split("\x1f", 3):
        case [sha, author, seconds, subject] if seconds.isdigit():
            return Commit(
                sha=sha,
                author=author,
                at=datetime.fromtimestamp(int(seconds), UTC),
                subject=subject,
                lines=tuple(_files(rest).items()),
            )
    return None


def _files(text: str) -> Mapping[str, int]:
    """`3<tab>1<tab>path`; what is no text has `-` in place of numbers."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        match line.split("\t", 2):
            case [added, gone, path]:
                found[path] = sum(int(each) for each in (added, gone) if each.isdigit())
    return found
