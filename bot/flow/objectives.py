"""How the objectives stand: what every face asks (the card, the table, the postmortem)."""

from __future__ import annotations

from datetime import datetime

from bot.domain.slo import Bucket, Figures, Objective, ObjectiveStatus, as_of
from bot.tools import Tools

_NONE = Figures(trouble="nothing is measured yet")


def statuses(tools: Tools) -> list[ObjectiveStatus]:
    """Of every objective, in the order of the catalog, as it was last sampled."""
    now = tools.clock.now()
    known = tools.samples.figures() if tools.samples is not None else {}
    return [as_of(each, known.get(each.name, _NONE), now) for each in tools.catalog.objectives]


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
