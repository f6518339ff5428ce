"""What a CI job or a script tells of a change: read at the door, and asked for like any source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Protocol

import structlog
from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from bot.domain.catalog import Catalog, Deployment
from bot.domain.change import TOLD, Change, ChangeKind, ChangeNotice, ChangeStatus

log = structlog.get_logger()

_SAID = 300

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
# It ends up inside a link of Slack's, which these characters would break open.
Link = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>|]+$", max_length=1000)]

_EXPECTED = {
    "id": "a text or a number of at most 200 characters, the same whenever you tell of this change",
    "service": "the name of the service, as in the catalog",
    "environment": "the name of the environment, as in the catalog",
    "summary": "what changed, in one line of text",
    "kind": f"one of {', '.join(ChangeKind)}",
    "status": f"one of {', '.join(ChangeStatus)}",
    "refs": "a list of at most 20 names: images, versions, tags",
    "link": "an address that begins with https://",
    "diff": "an address that begins with https://",
    "started": "a time with its offset, like 2026-03-10T14:05:00Z, or seconds since 1970",
    "ended": "a time with its offset, like 2026-03-10T14:05:00Z, or seconds since 1970",
}
_TEXT = "a text of at most 200 characters"


class NotAChange(ValueError):
    """Says what to write instead, a line for each field; never repeats what was written."""


class _Body(BaseModel):
    model_config = ConfigDict(
        extra="allow", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True
    )

    id: Name = ""
    service: Name
    environment: Name
    summary: str = Field("", validation_alias=AliasChoices("summary", "title"))
    kind: ChangeKind = ChangeKind.DEPLOY
    status: ChangeStatus = ChangeStatus.UNKNOWN
    author: Name = ""
    before: Name = ""
    after: Name = ""
    commit: Name = ""
    refs: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    link: Link = ""
    diff: Link = ""
    started: AwareDatetime | None = None
    ended: AwareDatetime | None = None


@dataclass(frozen=True, kw_only=True)
class Told:
    """A message that was understood; `unread` names the fields that nobody reads."""

    change: Change
    key: str
    """By which the sender knows it; its own bytes where none is given."""
    began: datetime | None
    unread: tuple[str, ...] = ()


def read_change(raw: bytes) -> Told:
    """`NotAChange` where it is not understood. Fields that are null or empty count as left out."""
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise NotAChange("The body is not JSON.") from error
    if not isinstance(found, dict):
        raise NotAChange("The body is not a JSON object.")
    given = {name: value for name, value in found.items() if value not in (None, "", [])}
    try:
        body = _Body.model_validate(given)
    except ValidationError as error:
        raise NotAChange("\n".join(_complaints(error))) from error
    if not (body.summary or body.after or body.commit):
        raise NotAChange("summary: write what changed, or what was put in place as `after`.")
    if body.started and body.ended and body.ended < body.started:
        raise NotAChange("ended: it is before `started`.")
    key = body.id or hashlib.sha256(raw).hexdigest()[:32]
    unread = tuple(sorted(body.model_extra or ()))
    return Told(change=_change(body, key), key=key, began=body.started, unread=unread)


def _complaints(error: ValidationError) -> Iterator[str]:
    for field in dict.fromkeys(str(each["loc"][0]) for each in error.errors()):
        name = "summary" if field == "title" else field
        yield f"{name}: write {_EXPECTED.get(name, _TEXT)}."


def _change(body: _Body, key: str) -> Change:
    """All but the time for which it was kept."""
    status = body.status
    if status is ChangeStatus.UNKNOWN and body.ended:
        status = ChangeStatus.DONE
    return Change(
        id=f"webhook:{key}",
        source=TOLD,
        service=body.service,
        environment=body.environment,
        at=datetime.min,
        ended=body.ended,
        before=body.before,
        after=body.after or body.commit[:12],
        author=body.author,
        message=" ".join(body.summary.split())[:_SAID],
        address=body.link,
        diff=body.diff,
        kind=body.kind,
        status=status,
        refs=tuple(dict.fromkeys(each for each in (body.commit, *body.refs) if each)),
    )


class Kept(Protocol):
    """Where what was told is kept."""

    def changes_told(self, *, since: datetime, until: datetime) -> list[ChangeNotice]: ...


class ToldChanges:
    """What was told of these places, and of services that the catalog does not know."""

    name = TOLD

    def __init__(self, kept: Kept, catalog: Catalog) -> None:
        self._kept, self._catalog = kept, catalog

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        """Newest first."""
        wanted = {(each.environment, each.service) for each in places}
        environments = {each.environment for each in places}
        told = self._kept.changes_told(since=since, until=until)
        return [
            change
            for each in reversed(told)
            if (change := self._read(each)) is not None
            and change.environment in environments
            and (not self._known(change) or (change.environment, change.service) in wanted)
        ]

    def _read(self, notice: ChangeNotice) -> Change | None:
        try:
            said = read_change(notice.body)
        except NotAChange:
            log.warning("a stored change cannot be read any more", id=notice.id)
            return None
        known = self._catalog.service(said.change.service)
        service = known.name if known else said.change.service
        return replace(said.change, at=notice.at, service=service)

    def _known(self, change: Change) -> bool:
        known = self._catalog.service(change.service) or self._catalog.resource(change.service)
        return known is not None
