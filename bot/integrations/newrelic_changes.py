"""Deployments and other changes that were marked in New Relic, as suspects, by APM application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain.catalog import Catalog, Deployment
from bot.domain.change import Change, ChangeKind
from bot.domain.change_words import kind_of, link, one_line, words_of
from bot.integrations.newrelic_nerdgraph import VENDOR, NerdGraph, millis, quoted

_DOING = "read the tracked changes"
_PAGE = 1000
Event = Mapping[str, Any]


class ChangeTracking:
    """What was marked for the applications of these places; an application is production's
    unless the mark names another environment."""

    name = "New Relic changes"
    """Not the vendor's own: that one is asked for the errors at the same time."""

    def __init__(self, graph: NerdGraph, catalog: Catalog) -> None:
        self._graph, self._catalog = graph, catalog

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        """Newest first."""
        environments = {each.environment for each in places}
        services = self._applications(places)
        if not services:
            return []
        found = self._events(tuple(services), since=since, until=until)
        changes = (self._change(each, services) for each in found)
        return [each for each in changes if each and each.environment in environments]

    def _applications(self, places: Sequence[Deployment]) -> dict[str, str]:
        """The service by its application; of several that share one, the nearest speaks."""
        found: dict[str, str] = {}
        for each in places:
            known = self._catalog.service(each.service)
            if known is not None and known.new_relic_app:
                found.setdefault(known.new_relic_app, known.name)
        return found

    def _events(self, apps: Sequence[str], *, since: datetime, until: datetime) -> Iterator[Event]:
        """Each once. A full answer is asked on from its oldest event: NRQL has no next page."""
        names, end = ", ".join(map(quoted, apps)), millis(until) + 1
        seen: set[str] = set()
        while end > millis(since):
            page = self._graph.results(
                _DOING,
                f"FROM ChangeTrackingEvent, Deployment SELECT * WHERE entity.name IN ({names})"
                f" SINCE {millis(since)} UNTIL {end} LIMIT {_PAGE}",
            )
            fresh = [each for each in page if _id(each) not in seen]
            yield from fresh
            if len(page) < _PAGE or not fresh:
                return
            seen |= {_id(each) for each in fresh}
            end = min(int(each.get("timestamp") or 0) for each in page) + 1

    def _change(self, event: Event, services: Mapping[str, str]) -> Change | None:
        service = services.get(str(event.get("entity.name")))
        stamp = event.get("timestamp")
        if service is None or not isinstance(stamp, int | float):
            return None
        words = words_of(event)
        text = (event.get("shortDescription"), event.get("description"), event.get("changelog"))
        said = next((line for each in text if (line := one_line(each)) and not link(each)), "")
        flag = one_line(event.get("featureFlagId"))
        return Change(
            id=f"newrelic:{_id(event)}",
            source=VENDOR,
            service=service,
            environment=self._environment(words.environment),
            at=datetime.fromtimestamp(stamp / 1000, UTC),
            before=words.before,
            after=words.after or flag,
            author=words.author,
            message=said,
            address=link(event.get("deepLink")),
            diff=link(event.get("changelog")),
            refs=words.refs,
            kind=_kind(event, said),
            status=words.status,
        )

    def _environment(self, said: str) -> str:
        production = self._catalog.production
        if production is not None and (not said or said.lower().startswith("prod")):
            return production.name
        return said.lower()


def _id(event: Event) -> str:
    """One event may be marked for several applications."""
    number = event.get("changeTrackingId") or event.get("deploymentId") or event.get("timestamp")
    return f"{number}/{event.get('entity.name')}"


def _kind(event: Event, said: str) -> ChangeKind:
    """By New Relic's category; an old deployment marker has none."""
    match str(event.get("category") or "").lower():
        case "" | "deployment":
            return ChangeKind.DEPLOY
        case "feature flag":
            return ChangeKind.FLAG
    found = kind_of(str(event.get("type") or ""), said)
    return ChangeKind.CONFIG if found is ChangeKind.DEPLOY else found
