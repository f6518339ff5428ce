"""A repository small enough to keep in memory: linear commits, branches and whole trees."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who wrote a commit, with the login that GitHub knows."""

    name: str
    email: str
    login: str


@dataclass(frozen=True, kw_only=True)
class Commit:
    """One step of the history; a path that maps to None was deleted."""

    sha: str
    parent: str | None
    at: datetime
    author: Author
    message: str
    changes: Mapping[str, str | None]


class FileStatus(StrEnum):
    """How GitHub names what happened to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """One file of a comparison."""

    path: str
    before: str | None
    after: str | None

    @property
    def status(self) -> FileStatus:
        if self.before is None:
            return FileStatus.ADDED
        return FileStatus.REMOVED if self.after is None else FileStatus.MODIFIED

    @property
    def patch(self) -> str:
        """Unified diff without the two file headers, as GitHub sends it."""
        old, new = (self.before or "").splitlines(), (self.after or "").splitlines()
        return "\n".join(list(difflib.unified_diff(old, new, lineterm=""))[2:])

    @property
    def counts(self) -> tuple[int, int]:
        """Added and deleted lines."""
        lines = self.patch.splitlines()
        return sum(x.startswith("+") for x in lines), sum(x.startswith("-") for x in lines)


@dataclass(kw_only=True)
class Repository:
    """`name` is owner/name; every commit's whole tree is kept, since there are few."""

    name: str
    commits: dict[str, Commit] = field(default_factory=dict)
    trees: dict[str, dict[str, str]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)

    def commit(
        self,
        branch: str,
        changes: Mapping[str, str | None],
        *,
        message: str,
        author: Author,
        at: datetime,
    ) -> Commit:
        """Adds one commit to a branch, which is begun when it does not exist."""
        parent = self.branches.get(branch)
        material = repr((self.name, parent, message, at.isoformat(), sorted(changes.items())))
        sha = hashlib.sha1(material.encode(), usedforsecurity=False).hexdigest()
        made = Commit(
            sha=sha, parent=parent, at=at, author=author, message=message, changes=dict(changes)
        )
        tree = dict(self.trees[parent]) if parent else {}
        for path, content in changes.items():
            if content is None:
                tree.pop(path, None)
            else:
                tree[path] = content
        self.commits[sha], self.trees[sha], self.branches[branch] = made, tree, sha
        return made

    def resolve(self, ref: str) -> str | None:
        """A branch, a full ref or a (shortened) sha as the full sha."""
        name = ref.removeprefix("refs/").removeprefix("heads/")
        if name in self.branches:
            return self.branches[name]
        if ref in self.commits:
            return ref
        found = [sha for sha in self.commits if len(ref) >= 7 and sha.startswith(ref)]
        return found[0] if len(found) == 1 else None

    def lineage(self, sha: str) -> Iterator[Commit]:
        """The commit and its ancestors, newest first."""
        current: str | None = sha
        while current is not None:
            found = self.commits[current]
            yield found
            current = found.parent

    def merge_base(self, base: str, head: str) -> str | None:
        """The newest commit that both have, or None for unrelated histories."""
        known = {one.sha for one in self.lineage(base)}
        return next((one.sha for one in self.lineage(head) if one.sha in known), None)

    def newest_touching(self, sha: str, folder: str) -> Commit | None:
        """The newest ancestor that changed something under a folder."""
        prefix = folder.rstrip("/") + "/"
        return next(
            (c for c in self.lineage(sha) if any(p.startswith(prefix) for p in c.changes)), None
        )

    def changed(self, before: str, after: str) -> list[FileChange]:
        """What differs between two trees, by path."""
        old, new = self.trees[before], self.trees[after]
        return [
            FileChange(path=path, before=old.get(path), after=new.get(path))
            for path in sorted({*old, *new})
            if old.get(path) != new.get(path)
        ]
