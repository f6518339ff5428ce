"""The error rate on the card: read at the start, and once a minute while users are hit."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.events import Declared, ErrorsMeasured, ServiceNamed
from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.reactions import Lane, Later, reacts_to
from bot.tools import Metrics, Tools

_NOW = timedelta(minutes=2)
_EVERY = timedelta(minutes=1)
_LONG = timedelta(hours=6)
_NOTICED = 0.2


def measured(metrics: Metrics, app: str, incident: Incident, now: datetime) -> ErrorsMeasured:
    """The error rate of the last minutes against the normal one, and where it began."""
    since = now - _NOW
    start = incident.impact_start or now
    return ErrorsMeasured(
        now=metrics.measure(app, since=since, until=now),
        normal=metrics.normal(app, before=start),
        first_bad=metrics.first_bad_minute(app, since=start - timedelta(minutes=30), until=now),
        recent=metrics.sparkline(app, since=now - timedelta(minutes=30), until=now),
        top=metrics.top_errors(app, since=since, until=now),
    )


@reacts_to(Declared, ServiceNamed, name="follow-errors", lane=Lane.CHATTER)
def follow_errors(tools: Tools, entry: Entry) -> Later | None:
    """Once a minute while users are hit: a number on the card that nobody renews is a lie."""
    incident = tools.timeline.read(entry.incident)
    now = tools.clock.now()
    service = tools.catalog.service(incident.service)
    over = incident.mitigated_at is not None or not incident.stage.open
    named_since = any(
        isinstance(later.fact, ServiceNamed)
        for later in tools.timeline.entries(entry.incident, after=entry.seq)
    )
    if over or named_since or service is None or now - entry.at > _LONG:
        return None
    if tools.metrics is None or not service.new_relic_app:
        return None
    if incident.errors is None or now - incident.errors.now.at < _EVERY:
        return Later(_EVERY, why="errors")
    found = measured(tools.metrics, service.new_relic_app, incident, now)
    if _noticeable(incident.errors, found):
        with tools.timeline.open(entry.incident) as incident:
            incident.record(found)
    return Later(_EVERY, why="errors")


def _noticeable(old: ErrorsMeasured, new: ErrorsMeasured) -> bool:
    if old.now.blind != new.now.blind:
        return True
    before, after = old.now.error_ratio or 0.0, new.now.error_ratio or 0.0
    return abs(after - before) > _NOTICED * max(before, after, 0.001)
