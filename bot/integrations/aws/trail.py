"""CloudTrail as a source of changes: who called what that changes something, in the account and at its edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bot.domain.catalog import Catalog, Deployment
from bot.domain.change import Partly, Unasked
from bot.domain.errors import VendorDown
from bot.domain.suspicion import stands_under_all
from bot.integrations.aws.account import EDGE, Account
from bot.integrations.aws.group import Groups, template_of
from bot.integrations.aws.pace import Pace
from bot.integrations.aws.trail_events import Event, event
from bot.integrations.aws.trail_places import Known
from bot.integrations.aws.trail_sorts import EDGE_SERVICES
from bot.integrations.aws.trail_telling import SOURCE, subject, told
from bot.integrations.aws.words import VENDOR

log = structlog.get_logger()

GAP = timedelta(milliseconds=500)
"""AWS gives two look-ups a second for each account and region; they are everybody's."""
LATE = timedelta(minutes=15)
"""A call is usually listed after about five minutes; this is the longest that AWS names."""
PAGE, MOST_PAGES = 50, 12
PATIENCE = 7.0
"""Seconds for all of it: triage waits ten."""
_DOING = "read what was changed in AWS"
_LATE_WORDS = f"CloudTrail tells of a change up to {LATE.total_seconds() / 60:.0f} min late"
Json = Mapping[str, Any]


@dataclass(kw_only=True)
class _Read:
    """The calls of one region, newest first. `until` is where the list broke off, None for all."""

    events: list[Event] = field(default_factory=list)
    until: datetime | None = None


class CloudTrail:
    """One per environment's account."""

    name = SOURCE

    def __init__(
        self,
        account: Account,
        catalog: Catalog,
        *,
        pace: Pace | None = None,
        pages: int = MOST_PAGES,
    ) -> None:
        self._account, self._catalog, self._pages = account, catalog, pages
        self._pace = {each: pace or Pace(GAP) for each in {EDGE, account.region}}

    def changes(self, places: Sequence[Deployment], *, since: datetime, until: datetime) -> Partly:
        """What is in the catalog's names, and what everybody stands on. The newest calls are late."""
        ends = self._pace[EDGE].now() + PATIENCE
        read = {
            region: self._read(region, since=since, until=until, ends=ends)
            for region in sorted(self._pace, key=lambda each: each != EDGE)
        }
        known = self._known([each for found in read.values() for each in found.events])
        changes = [
            change
            for found in read.values()
            for each in found.events
            if (change := told(each, known, partial(self._earlier, found, ends))) is not None
        ]
        names = {each.service for each in places}
        broken = [each.until for each in read.values() if each.until is not None]
        return Partly(
            changes=tuple(e for e in changes if e.service in names or self._shared(e.service)),
            missing=tuple(_gap(each) for each in broken[:1]),
            late=_LATE_WORDS if self._account.clock.now() < until + LATE else "",
        )

    def _shared(self, name: str) -> bool:
        """What could not be placed counts as everybody's: nobody can say that it is not."""
        return not name or stands_under_all(self._catalog.resource(name))

    def _read(self, region: str, *, since: datetime, until: datetime, ends: float) -> _Read:
        found, more = _Read(), ""
        for page in range(self._pages):
            if not self._pace[region].turn(until=ends):
                if not page:
                    raise VendorDown(VENDOR, _DOING, "it is asked by too many at once")
                break
            answer = self._listed(
                region, ("ReadOnly", "false"), StartTime=since, EndTime=until, **_next(more)
            )
            found.events += self._events(answer, region)
            more = str(answer.get("NextToken") or "")
            if not more:
                found.until = None
                break
            found.until = min((each["EventTime"] for each in answer["Events"]), default=until)
        return found

    def _earlier(self, found: _Read, ends: float, after: Event) -> Event | None:
        """The call of the same name before this one, of the same thing: up to ninety days back."""
        wanted = subject(after)
        if not wanted:
            return None
        read = found.events[found.events.index(after) + 1 :]
        known = next((each for each in read if _before(each, after, wanted)), None)
        if known is not None or not self._pace[after.region].turn(until=ends):
            return known
        try:
            answer = self._listed(after.region, ("EventName", after.name), EndTime=after.at)
        except VendorDown as error:
            log.info("no earlier call was read", call=after.sort, why=error.why)
            return None
        older = self._events(answer, after.region)
        return next((each for each in older if _before(each, after, wanted)), None)

    def _listed(self, region: str, by: tuple[str, str], **given: Any) -> Json:
        attribute = {"AttributeKey": by[0], "AttributeValue": by[1]}
        return self._account.read(
            "cloudtrail",
            "lookup_events",
            doing=_DOING,
            region=region,
            LookupAttributes=[attribute],
            MaxResults=PAGE,
            **given,
        )

    def _events(self, answer: Json, region: str) -> list[Event]:
        """Beside our own region, the edge is read only for what is steered from there."""
        read = (event(each) for each in answer.get("Events", ()))
        home = region == self._account.region
        return [e for e in read if e is not None and (home or e.service in EDGE_SERVICES)]

    def _known(self, events: Sequence[Event]) -> Known:
        known = Known(catalog=self._catalog, environment=self._account.environment)
        groups = [each.asg for each in known.deployments() if each.asg]
        if not groups or not any(each.service == "ec2" for each in events):
            return known
        templates = {
            str(spec[name]): str(group["AutoScalingGroupName"])
            for group in Groups(self._account).shown(*groups, doing=_DOING)
            for spec in (template_of(group),)
            for name in ("LaunchTemplateId", "LaunchTemplateName")
            if name in spec
        }
        return replace(known, templates=templates)


def _next(more: str) -> dict[str, str]:
    return {"NextToken": more} if more else {}


def _before(each: Event, after: Event, wanted: str) -> bool:
    same = each.sort == after.sort and subject(each) == wanted and each.id != after.id
    return same and each.at <= after.at and not each.failed


def _gap(until: datetime) -> Unasked:
    return Unasked(
        source=f"{SOURCE} before {until.astimezone(UTC):%H:%M} UTC",
        why="there are more calls than it lists in time",
    )
