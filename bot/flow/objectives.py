"""How the objectives stand: what every face asks (the card, the table, the postmortem)."""

from __future__ import annotations

from datetime import datetime

from bot.domain.slo import Bucket, Figures, Objective, ObjectiveStatus, as_of
from bot.domain.slo.sides import LATELY, Side, series, side, told_apart
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


def sides_of(tools: Tools, now: ObjectiveStatus) -> list[Side]:
    """Each side of what is counted together, in the order of the file; none where it is one.

    None either where it is asked by a way that does not tell them apart.
    """
    names = told_apart(now.objective.indicator)
    if tools.samples is None or now.until is None or not names:
        return []
    since = now.until - LATELY[-1]
    found = [
        side(
            name,
            tools.samples.read(
                series(now.objective.name, name), since=now.until, minutes_since=since
            ).minutes,
            now.until,
        )
        for name in names
    ]
    return found if any(each.since for each in found) else []


def minutes_of(tools: Tools, objective: Objective, *, since: datetime) -> list[Bucket]:
    if tools.samples is None:
        return []
    return list(tools.samples.read(objective.name, since=since, minutes_since=since).minutes)
