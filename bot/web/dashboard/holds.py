"""What holds changes up now, and who went alone lately where another person was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from urllib.parse import quote

from bot.domain.catalog import Catalog
from bot.domain.incident import HOUSE, Summary
from bot.domain.policy import Freeze
from bot.domain.slo import ObjectiveStatus
from bot.flow.cautions import spent
from bot.flow.figures import age
from bot.tools import Tools
from bot.web.dashboard.incidents import visible
from bot.web.dashboard.response import Item
from bot.web.dashboard.words import plain

_LATELY = timedelta(days=30)
_LOOKED_AT = 100
"""Of the newest incidents; the page of insights looks at all of the last months."""
_LISTED = 3
_NAMES = 5


def holds(tools: Tools, known: Iterable[ObjectiveStatus]) -> list[Item]:
    """What stops the most first: the switch, the freezes of the calendar, the spent budgets."""
    return [
        *_switched(tools),
        *(_freeze(tools.catalog, each) for each in tools.policy.freezes_at(tools.clock.now())),
        *_budgets(tools, known),
    ]


def lately_overridden(tools: Tools) -> list[Item]:
    """The last three of a month."""
    found = visible(tools, open_only=False, limit=_LOOKED_AT)
    since = tools.clock.now() - _LATELY
    recent = [each for each in found if any(one.at >= since for one in each.overrides)]
    return overridden(tools, recent)[:_LISTED]


def overridden(tools: Tools, found: Iterable[Summary]) -> list[Item]:
    """Newest first; each leads to its incident."""
    now, catalog = tools.clock.now(), tools.catalog
    known = [(each, incident.id) for incident in found for each in incident.overrides]
    known.sort(key=lambda one: one[0].at, reverse=True)
    return [
        Item(
            title=plain(each.title, catalog),
            state=f"{age(now - each.at)} ago",
            about=(plain(f"{each.by} broke glass: {each.why}", catalog),),
            link=f"/incidents/{incident}",
        )
        for each, incident in known
    ]


def _switched(tools: Tools) -> Iterator[Item]:
    house = tools.timeline.read(HOUSE)
    if house.frozen_by and house.frozen_at:
        why = f"{plain(house.frozen_why, tools.catalog)}. " if house.frozen_why else ""
        yield Item(
            title=f"{house.frozen_by} has frozen all mitigations",
            state=f"since {house.frozen_at:%d %b %H:%M} UTC",
            about=(
                f"{why}Nothing is proposed and nothing approved is started, until somebody says"
                f" {tools.command} unfreeze-mitigations.",
            ),
        )


def _freeze(catalog: Catalog, freeze: Freeze) -> Item:
    where = "Every environment" if freeze.environment == "*" else freeze.environment
    why = f"{plain(freeze.why, catalog)}. " if freeze.why else ""
    return Item(
        title=f"{where} is frozen by “{freeze.name}”",
        state=f"until {freeze.ends:%d %b %Y %H:%M} UTC",
        about=(f"{why}Only ways back are possible, and each needs another person.",),
    )


def _budgets(tools: Tools, known: Iterable[ObjectiveStatus]) -> Iterator[Item]:
    for each in spent(tools, known):
        yield Item(
            title=(
                "Changes forward need another person: the error budget of"
                f" {each.objective.label} is spent"
            ),
            about=(f"For changes to {_some(_held(tools.catalog, each))}{_in(each)}.",),
            link=f"/?objective={quote(each.objective.name)}#burn-down",
        )


def _held(catalog: Catalog, spent_now: ObjectiveStatus) -> list[str]:
    """Whose changes it holds up: its service, or the members of its journey."""
    of = spent_now.objective.service
    journey = catalog.journey(of)
    return [catalog.label(each) for each in (journey.members if journey else (of,))]


def _in(spent_now: ObjectiveStatus) -> str:
    where = spent_now.objective.environment
    return f" in {where}" if where else ""


def _some(names: Sequence[str]) -> str:
    shown, more = names[:_NAMES], len(names) - _NAMES
    return f"{', '.join(shown)} and {more} more" if more > 0 else ", ".join(shown)
