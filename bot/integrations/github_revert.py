"""Works out which files a revert of one service's release puts back, in a repository of many services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import VendorRejected
from bot.integrations.github_api import VENDOR, Repository

_MIGRATION = re.compile(
    r"(^|/)(migrations|db/migrate|alembic/versions|flyway|liquibase)/(?!__init__)[^/]+\.\w+$"
)
_MOST_COMMITS = 30


@dataclass(frozen=True, kw_only=True)
class File:
    """A file as it should be again."""

    path: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Revert:
    """`notes` names what was left alone, and why."""

    title: str
    message: str
    files: tuple[File, ...]
    notes: str


def is_migration(path: str) -> bool:
    return bool(_MIGRATION.search(path))


def commit_of(code: Repository, service: str, named: str) -> str:
    """A commit, a tag, or a release's name as the commit that brought it spells it."""
    doing = f"find {named} of {service}"
    try:
        return str(code.read(f"commits/{named}", doing=doing)["sha"])
    except VendorRejected as error:
        listed = code.read("commits", doing=doing, params={"per_page": 100}) or ()
        words = {service, named}
        # The newest first: a release reaches staging before it reaches production.
        for each in listed:
            if words <= _words(each["commit"]["message"]):
                commit = code.read(f"commits/{each['sha']}", doing=doing) or {}
                if _brings(commit, service, named):
                    return str(each["sha"])
        raise VendorRejected(
            VENDOR, doing, "no commit of it names that release", by_hand=code.by_hand
        ) from error


def _brings(commit: Mapping[str, Any], service: str, named: str) -> bool:
    """Whether it writes the release's name into a file of the service: code alone may be shared."""
    return any(
        named in _words(line)
        for one in commit.get("files") or ()
        if _about([str(one["filename"])], service)
        for line in str(one.get("patch") or "").splitlines()
        if line.startswith("+")
    )


def _words(message: str) -> set[str]:
    return set(re.findall(r"[\w-]+(?:\.[\w-]+)*", message))


def reverted_files(
    code: Repository, compared: Mapping[str, Any], *, service: str, good: str, bad: str
) -> Revert:
    """`compared` is GitHub's comparison of good...bad."""
    doing = f"propose a revert of {service}"
    commits = _commits(code, compared, service, bad)
    main = code.main(doing=doing)
    files: list[File] = []
    left: list[str] = []
    for path in dict.fromkeys(path for commit in commits for path in commit[1]):
        before, after = (code.content(path, ref, doing=doing) for ref in (good, bad))
        now = code.content(path, main, doing=doing)
        if is_migration(path):
            left.append(f"`{path}` stays: a migration that ran is not undone by deleting it")
        elif before is None:
            left.append(f"`{path}` is new in {bad[:7]}: delete it by hand if it does harm")
        elif now is not None and after is not None and now[0] != after[0]:
            left.append(f"`{path}` was changed again since: look at it by hand")
        else:
            files.append(File(path=path, text=before[0]))
    if not files:
        why = "; ".join(left) or f"no commit between the two touches {service}"
        raise VendorRejected(VENDOR, doing, why, by_hand=code.by_hand)
    return Revert(
        title=f"Revert {service} from {bad[:7]} to {good[:7]}",
        message=f"Revert {service} from {bad[:7]} to {good[:7]}",
        files=tuple(files),
        notes="\n".join((*(f"Reverts {title}" for title, _ in commits), *left)),
    )


def _commits(
    code: Repository, compared: Mapping[str, Any], service: str, bad: str
) -> list[tuple[str, list[str]]]:
    """Title and paths of each commit that is about the service: others share the repository."""
    listed, doing = compared.get("commits") or [], f"propose a revert of {service}"
    if len(listed) > _MOST_COMMITS:
        why = f"{len(listed)} commits lie between the two"
        raise VendorRejected(VENDOR, doing, why, by_hand=code.by_hand)
    found = []
    for each in listed:
        commit = code.read(f"commits/{each['sha']}", doing=doing) or {}
        paths = _paths(commit)
        if _about(paths, service):
            title = str((each.get("commit") or {}).get("message", "")).partition("\n")[0]
            found.append((f"{each['sha'][:7]} {title}", paths))
    return _together(found, bad)


def _together(found: list[tuple[str, list[str]]], bad: str) -> list[tuple[str, list[str]]]:
    """Those that touch a folder of the bad release: a staging chart has one of its own."""
    if not found:
        return []
    anchor = next((each for each in found if each[0].startswith(bad[:7])), found[-1])
    folders = {path.rpartition("/")[0] for path in anchor[1]}
    return [each for each in found if folders & {path.rpartition("/")[0] for path in each[1]}]


def _paths(commit: Mapping[str, Any]) -> list[str]:
    return [str(one["filename"]) for one in commit.get("files") or ()]


def _about(paths: Iterable[str], service: str) -> bool:
    return any(service in path.split("/") for path in paths)
