"""Which picture an incident has: the objective that it hit first of all, from before it began until it was over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import VendorError
from bot.domain.incident import Incident
from bot.domain.mitigation import MitigationStage
from bot.domain.slo.curve import Curve, Moment, curve
from bot.flow.proving import courses
from bot.tools import Tools

_BACK = timedelta(minutes=20)
_FIXED = frozenset({MitigationStage.VERIFIED, MitigationStage.FAILED, MitigationStage.UNDERWAY})


def of(tools: Tools, incident: Incident) -> Curve | None:
    """None where nothing is measured, or nothing that is measured was hit."""
    moments = _moments(incident)
    if not moments:
        return None
    since = moments[0].at - _BACK
    hit = [each for each in courses(tools, incident, since=since) if each.well_since()]
    if not hit:
        return None
    return curve(hit[0], moments, now=min(tools.clock.now(), hit[0].until))


def _moments(incident: Incident) -> tuple[Moment, ...]:
    """In the order of time."""
    known: list[tuple[datetime | None, str]] = [
        (incident.impact_start, "Began"),
        (incident.opened_at, "Detected"),
        (incident.mitigated_at, "Mitigated"),
        (incident.resolved_at, "Resolved"),
    ]
    known += [
        (held.started_at, held.plan.mitigation.replace("_", " ").capitalize())
        for held in incident.mitigations.values()
        if held.stage in _FIXED
    ]
    marked = [Moment(at=at, label=label) for at, label in known if at is not None]
    return tuple(sorted(marked, key=lambda each: each.at))


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """`trouble` says why there is no picture where there should be one."""

    curve: Curve
    png: bytes = b""
    trouble: str = ""


def drawn(tools: Tools, incident: Incident) -> Drawn | None:
    """None where there is nothing to draw, or nothing that draws."""
    wanted = of(tools, incident) if tools.painter is not None else None
    if tools.painter is None or wanted is None:
        return None
    try:
        return Drawn(curve=wanted, png=tools.painter.draw(wanted))
    except VendorError as failed:
        return Drawn(curve=wanted, trouble=f"The chart could not be drawn: {failed.why}.")
