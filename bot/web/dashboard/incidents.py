"""Incidents as the dashboard shows them: those that are open, those on a chart, and one with its story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from bot.domain.catalog import Catalog
from bot.domain.incident import HOUSE, Incident, Summary
from bot.domain.slo import Objective
from bot.flow.figures import age
from bot.flow.telling import tell
from bot.tools import Timeline, Tools
from bot.web.dashboard.chart import Happened, Span
from bot.web.dashboard.eyes import ANYBODY, Eyes
from bot.web.dashboard.words import address, plain

_OPEN = 200
_PAGE = 200
_ON_A_CHART = 100
_LOOKED_AT = 3
"""Pages of incidents, the newest first: twenty a day for a month."""


@dataclass(frozen=True, kw_only=True)
class OpenIncident:
    id: str
    title: str
    severity: str
    stage: str
    age: str
    service: str
    channel: str
    channel_name: str


@dataclass(frozen=True, kw_only=True)
class Said:
    """A line of the timeline."""

    at: datetime
    text: str
    link: str


@dataclass(frozen=True, kw_only=True)
class Day:
    date: str
    lines: tuple[Said, ...]


def visible(
    tools: Tools, *, open_only: bool, limit: int = _OPEN, eyes: Eyes = ANYBODY
) -> list[Summary]:
    """Newest first."""
    found = tools.timeline.summaries(open_only=open_only, limit=limit)
    return [each for each in found if eyes.see(each)]


def kept_private(tools: Tools) -> list[Summary]:
    """Of the open ones, those that are not for everybody: for whoever asks who may see which."""
    found = tools.timeline.summaries(open_only=True, limit=_OPEN)
    return [each for each in found if not ANYBODY.see(each)]


def opened(tools: Tools, eyes: Eyes = ANYBODY) -> list[OpenIncident]:
    """The worst first, then the newest."""
    now = tools.clock.now()
    seen = visible(tools, open_only=True, eyes=eyes)
    rows = sorted(seen, key=lambda each: each.severity or "SEV9")
    return [
        OpenIncident(
            id=each.id,
            title=plain(each.title, tools.catalog),
            severity=each.severity or "SEV?",
            stage=each.stage.value,
            age=age(now - each.opened_at),
            service=tools.catalog.label(each.service) if each.service else "service unknown",
            channel=channel(each.team_id, each.channel),
            channel_name=each.channel_name,
        )
        for each in rows
    ]


def one(tools: Tools, incident_id: str, eyes: Eyes = ANYBODY) -> Incident | None:
    """None for what is not there and for what these eyes may not see alike."""
    found = tools.timeline.read(incident_id)
    there = found.id != HOUSE and found.opened_at is not None
    return found if there and eyes.see(found) else None


def during(tools: Tools, objective: Objective, over: Span, eyes: Eyes = ANYBODY) -> list[Happened]:
    """Of what the objective is of: of its service, or of the members of its journey."""
    journey = tools.catalog.journey(objective.service)
    named = {objective.service, *(journey.members if journey else ())}
    found: list[Happened] = []
    for each in _since(tools.timeline, over.since):
        elsewhere = objective.environment and each.environment != objective.environment
        if each.service in named and not elsewhere and eyes.see(each):
            title = plain(each.title, tools.catalog)
            found.append(Happened(id=each.id, title=title, at=each.opened_at))
        if len(found) == _ON_A_CHART:
            break
    return found


def story(tools: Tools, incident: Incident) -> list[Day]:
    """Newest first, by day."""
    told = [
        Said(at=entry.when, text=plain(said.text, tools.catalog), link=address(said.link))
        for entry in tools.timeline.entries(incident.id)
        if (said := tell(entry, incident)) is not None
    ]
    told.sort(key=lambda each: each.at)
    days = groupby(reversed(told), key=lambda each: f"{each.at:%A, %d %B %Y}")
    return [Day(date=date, lines=tuple(lines)) for date, lines in days]


def channel(team: str, channel_id: str) -> str:
    """Where Slack opens it; empty without one."""
    if not channel_id:
        return ""
    return f"https://slack.com/app_redirect?{f'team={team}&' if team else ''}channel={channel_id}"


def label(catalog: Catalog, incident: Incident) -> str:
    return catalog.label(incident.service) if incident.service else "service unknown"


def _since(timeline: Timeline, since: datetime) -> Iterator[Summary]:
    before: datetime | None = None
    for _ in range(_LOOKED_AT):
        page = timeline.summaries(limit=_PAGE, before=before)
        for each in page:
            if each.opened_at < since:
                return
            yield each
        if len(page) < _PAGE:
            return
        before = page[-1].opened_at
