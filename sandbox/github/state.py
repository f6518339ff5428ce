"""What the simulated GitHub remembers: repositories, issues, pull requests, comments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.github.infrastructure import INFRASTRUCTURE, infrastructure
from sandbox.github.repository import Repository
from sandbox.github.runs import Actions
from sandbox.github.seed import MAIN, PLATFORM, POSTMORTEMS, platform
from sandbox.github.services import ANA, BEN, BOT, KENJI, RITA, START


@dataclass(kw_only=True)
class Comment:
    """A comment on an issue, a pull request, or (with `path`) on a line of one."""

    id: int
    body: str
    author: str
    at: datetime
    path: str | None = None
    line: int | None = None
    side: str = "RIGHT"
    commit: str = ""
    review: int | None = None


@dataclass(kw_only=True)
class Issue:
    """An issue or, with `head`, a pull request: GitHub numbers both in one row."""

    number: int
    id: int
    title: str
    body: str
    author: str
    at: datetime
    state: str = "open"
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reviews: list[Comment] = field(default_factory=list)
    head: str | None = None
    base: str = MAIN
    draft: bool = False
    updated: datetime | None = None
    closed: datetime | None = None
    merged: datetime | None = None
    merge_sha: str | None = None
    frozen: tuple[str, str] | None = None
    """Base and head sha at the merge, since the head branch may move or go."""

    def shown(self) -> dict[str, Any]:
        """What `/_sandbox/state` tells about it."""
        wanted = ("number", "title", "body", "author", "state", "labels", "assignees", "head")
        facts: dict[str, Any] = {key: getattr(self, key) for key in wanted}
        facts |= {"at": self.at.isoformat(), "base": self.base, "merged": self.merged is not None}
        facts["comments"] = [_shown(one) for one in self.comments]
        facts["review_comments"] = [_shown(one) for one in self.reviews]
        return facts


def _shown(comment: Comment) -> dict[str, Any]:
    facts = {"id": comment.id, "author": comment.author, "body": comment.body}
    if comment.path is not None:
        facts |= {"path": comment.path, "line": comment.line}
    return facts


@dataclass(kw_only=True)
class Place:
    """A repository as GitHub's pages know it; `code` is None where a bare git repository is."""

    name: str
    code: Repository | None
    issues: dict[int, Issue] = field(default_factory=dict)
    labels: dict[str, tuple[str, str]] = field(default_factory=dict)

    def take_number(self) -> int:
        return max(self.issues, default=0) + 1


@dataclass(kw_only=True)
class GitHubState:
    """`writes` are the times of recent content-creating requests, for the secondary limit."""

    places: dict[str, Place]
    users: Mapping[str, str]
    login: str = BOT.login
    requests: int = 0
    writes: list[datetime] = field(default_factory=list)
    actions: Actions = field(default_factory=Actions)

    @property
    def platform(self) -> Repository:
        code = self.places[PLATFORM].code
        assert code is not None
        return code

    def view(self) -> dict[str, Any]:
        """The json that the control API and the screens show."""
        return {
            name: {
                "issues": [i.shown() for i in place.issues.values() if i.head is None],
                "pulls": [i.shown() for i in place.issues.values() if i.head is not None],
                "branches": dict(place.code.branches) if place.code else {},
            }
            for name, place in self.places.items()
        }


LABELS = {
    "bug": ("d73a4a", "Something isn't working"),
    "incident": ("b60205", "Comes from an incident"),
}


def state() -> GitHubState:
    """A fresh world's GitHub: history in the platform repository, one old issue."""
    old = Issue(
        number=1,
        id=9001,
        title="Charts: pin the redis image",
        body="The tag floats.",
        author=BEN.login,
        at=START.replace(day=2),
    )
    return GitHubState(
        places={
            PLATFORM: Place(name=PLATFORM, code=platform(), issues={1: old}, labels=dict(LABELS)),
            POSTMORTEMS: Place(name=POSTMORTEMS, code=None, labels=dict(LABELS)),
            INFRASTRUCTURE: Place(name=INFRASTRUCTURE, code=infrastructure(), labels=dict(LABELS)),
        },
        users={a.login: a.name for a in (ANA, BEN, KENJI, RITA, BOT)},
    )
