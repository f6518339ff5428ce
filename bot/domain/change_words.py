"""What free words tell of a change: CI jobs name its version, commit and author as they please."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.change import ChangeKind, ChangeStatus

LONGEST = 300

_KINDS = (
    (ChangeKind.FLAG, r"flags?|toggles?|experiments?"),
    (ChangeKind.MIGRATION, r"migrations?|migrated"),
    (ChangeKind.WAF, r"waf|firewall"),
    (ChangeKind.FAILOVER, r"fail(ed)?-?over"),
    (ChangeKind.RESTART, r"restart(ed|s)?|reboot(ed|s)?"),
    (ChangeKind.SCALE, r"scal(e|es|ed|ing)"),
    (ChangeKind.PURGE, r"(cache|cdn) (purges?|invalidations?)|purged|invalidated"),
    (ChangeKind.INFRA, r"terraform|infrastructure"),
    (ChangeKind.CONFIG, r"config(uration)?s?|settings?|secrets?|parameters?"),
)
_DEPLOY = re.compile(r"\b(re-?)?(deploy(ment|ments|ed|s|ing)?|releas(e|es|ed|ing)|roll-?outs?)\b")
_LINK = re.compile(r"https?://[^\s<>|]{1,1000}")
_STATUS = {
    ChangeStatus.RUNNING: {"running", "started", "in_progress", "pending"},
    ChangeStatus.DONE: {"done", "success", "succeeded", "successful", "completed", "finished"},
    ChangeStatus.FAILED: {"failed", "failure", "error", "errored", "aborted", "cancelled"},
}
_BEFORE = ("before", "previous_version", "previous", "old_version", "from_version", "from")
_AFTER = ("after", "version", "new_version", "release", "revision", "tag", "image_tag", "to")
_COMMIT = ("commit", "commit_sha", "git_commit", "git_sha", "sha", "head_sha")
_IMAGE = ("image", "docker_image", "container_image")
_AUTHOR = ("author", "user", "deployed_by", "deployer", "triggered_by", "actor", "committer")
_ENVIRONMENT = ("environment", "env", "stage")
_OUTCOME = ("status", "result", "outcome", "state", "deployment_result")
_SHOWN_SHA = 12


@dataclass(frozen=True, kw_only=True)
class Words:
    """What was found among the details; empty where they do not say."""

    before: str = ""
    after: str = ""
    author: str = ""
    environment: str = ""
    refs: tuple[str, ...] = ()
    status: ChangeStatus = ChangeStatus.UNKNOWN


def words_of(details: Mapping[str, object]) -> Words:
    """By the names that CI jobs use; `commitSha`, `commit-sha` and `commit_sha` are one name."""
    known = {_name(name): _line(said) for name, said in details.items()}
    commit, image = _first(known, _COMMIT), _first(known, _IMAGE)
    after = _first(known, _AFTER)
    return Words(
        before=_first(known, _BEFORE),
        after=after or commit[:_SHOWN_SHA] or image,
        author=_first(known, _AUTHOR),
        environment=_first(known, _ENVIRONMENT),
        refs=tuple(dict.fromkeys(each for each in (after, commit, image) if each)),
        status=_status(_first(known, _OUTCOME)),
    )


def kind_of(*said: str) -> ChangeKind:
    """A deploy, unless the words speak of something else and of no deploy."""
    text = " ".join(said).lower().replace("_", " ")
    if _DEPLOY.search(text):
        return ChangeKind.DEPLOY
    found = (kind for kind, words in _KINDS if re.search(rf"\b({words})\b", text))
    return next(found, ChangeKind.DEPLOY)


def link(text: object) -> str:
    """An address that can be shown as a link; nothing where it is none."""
    said = str(text or "")
    return said if _LINK.fullmatch(said) else ""


def one_line(text: object) -> str:
    return " ".join(str(text or "").split())[:LONGEST]


def _name(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[ .-]+", "_", name).lower()


def _line(said: object) -> str:
    """Numbers are versions too; what is nested says nothing by itself."""
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return ""
    return one_line(said)


def _first(known: Mapping[str, str], names: Iterable[str]) -> str:
    return next((known[name] for name in names if known.get(name)), "")


def _status(said: str) -> ChangeStatus:
    word = _name(said)
    return next((each for each, words in _STATUS.items() if word in words), ChangeStatus.UNKNOWN)
