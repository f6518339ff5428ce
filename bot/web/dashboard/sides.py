"""The sides of an objective in a row each: during a migration what EC2 and what EKS answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.slo import ObjectiveStatus
from bot.domain.slo.sides import LATELY
from bot.flow import figures
from bot.flow.objectives import sides_of
from bot.tools import Tools

_GAP = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class SideRow:
    name: str
    hour: str
    hours: str
    share: str
    since: str
    """Where less than the longer window is known; empty otherwise."""


def apart(tools: Tools, now: ObjectiveStatus) -> list[SideRow]:
    """Empty where it is counted as one."""
    found = sides_of(tools, now)
    promised, every = now.objective.target or 0.0, sum(each.events for each in found)
    rows = []
    for each in found:
        hour, hours = (figures.of_side(counts, promised) for counts in each.counts)
        late = each.since and now.until and each.since > now.until - LATELY[-1] + _GAP
        rows.append(
            SideRow(
                name=each.name,
                hour=hour,
                hours=hours,
                share=figures.part_of(each.counts[1], every),
                since=f"{each.since:%H:%M} UTC" if late else "",
            )
        )
    return rows
