"""How the objectives stand: what every face asks (the card, the table, the postmortem)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.slo import CURRENT, Bucket, Objective, ObjectiveStatus, Read, status
from bot.tools import Tools


def statuses(tools: Tools) -> list[ObjectiveStatus]:
    """Of every objective, in the order of the catalog."""
    now = tools.clock.now()
    return [_status(tools, each, now) for each in tools.catalog.objectives]


def status_of(tools: Tools, objective: Objective) -> ObjectiveStatus:
    return _status(tools, objective, tools.clock.now())


def hours_of(tools: Tools, objective: Objective, *, since: datetime) -> list[Bucket]:
    """Whole hours since then, oldest first; the one that is not over holds what came so far."""
    if tools.samples is None:
        return []
    now = tools.clock.now()
    return list(tools.samples.read(objective.name, since=since, minutes_since=now).hours)


def minutes_of(tools: Tools, objective: Objective, *, since: datetime) -> list[Bucket]:
    if tools.samples is None:
        return []
    return list(tools.samples.read(objective.name, since=since, minutes_since=since).minutes)


def _status(tools: Tools, objective: Objective, now: datetime) -> ObjectiveStatus:
    if tools.samples is None:
        return status(objective, Read(trouble="nothing is measured yet"), now)
    read = tools.samples.read(
        objective.name,
        since=now - objective.window - timedelta(hours=1),
        minutes_since=now - CURRENT - timedelta(minutes=10),
    )
    return status(objective, read, now)
