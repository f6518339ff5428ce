"""The words of a runbook look-up, so that files, search and cards mean the same by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


class Verdict(StrEnum):
    """How far a responder may trust the first match."""

    CONFIDENT = "confident"
    CLOSEST = "closest"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Section:
    """One heading and the Markdown under it, up to the next heading of any level."""

    title: str
    anchor: str
    level: int
    body: str


@dataclass(frozen=True, kw_only=True)
class Runbook:
    """One Markdown file; `problem` says what kept part of it from being read, for its author."""

    path: str
    title: str
    body: str
    sections: tuple[Section, ...] = ()
    alerts: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    front: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is known of the trouble; any one field is enough."""

    text: str = ""
    alert: str = ""
    runbook_url: str = ""
    service: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    own: tuple[str, ...] = ()
    """The runbooks that the catalog names for that service."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """One place to look; `section` is an anchor, empty when the whole file is meant."""

    path: str
    section: str
    title: str
    score: float
    reason: str
    confidence: Verdict


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Best match first. With `Verdict.NONE` the matches are only the nearest by words."""

    verdict: Verdict
    matches: tuple[Match, ...]

    @property
    def best(self) -> Match | None:
        """The match worth showing, or nothing when no runbook fits."""
        return self.matches[0] if self.matches and self.verdict is not Verdict.NONE else None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of a checklist; `command` is shown to be copied, never run."""

    number: int
    text: str
    command: str = ""
    section: str = ""
