"""What is left to learn from: the draft, its comments, and the work that follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class FollowUpType(StrEnum):
    PREVENT = "prevent"
    MITIGATE = "mitigate"
    DETECT = "detect"
    PROCESS = "process"


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """One piece of work with one owner and a date."""

    id: str
    title: str
    type: FollowUpType
    owner: str = ""
    owner_name: str = ""
    due: date | None = None
    done_when: str = ""
    ticket: str = ""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A file that is shown in the draft and lies beside it; `path` is in the repository."""

    path: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A postmortem as it should stand in git."""

    incident: str
    path: str
    branch: str
    text: str
    index_line: str
    message: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Published:
    """Where the draft ended up. `text` is the file with human edits kept."""

    path: str
    branch: str
    commit: str
    text: str
    changed: bool


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A remark on one line of the draft."""

    path: str
    line: int
    body: str
