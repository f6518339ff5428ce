"""Change events that others sent to PagerDuty, as suspects, by the services that the catalog maps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.catalog import Catalog, Deployment
from bot.domain.change import Change
from bot.domain.change_words import Words, kind_of, link, one_line, words_of
from bot.integrations.pagerduty_calls import NOT_FOUND, VENDOR, Calls, Rejected
from bot.integrations.pagerduty_webhooks import moment

_WIDE = timedelta(days=1)
"""Beyond this one asks service by service: the account's own list may be thousands long."""
_DOING = "read the change events"
Place = tuple[str, str]


class ChangeEvents:
    """What was sent for these places, and for PagerDuty services that the catalog does not map."""

    name = VENDOR

    def __init__(self, calls: Calls, catalog: Catalog) -> None:
        self._calls, self._catalog = calls, catalog

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        """As PagerDuty orders them. An event for several services is a change of each."""
        wanted = {(each.service, each.environment) for each in places}
        environments = {each.environment for each in places}
        events = {
            str(each.get("id")): each
            for path in self._paths(wanted, span=until - since)
            for each in self._events(path, since=since, until=until)
        }
        found = (change for each in events.values() for change in self._changes(each))
        return [
            each
            for each in found
            if since <= each.at <= until
            and each.environment in environments
            and ((each.service, each.environment) in wanted or not self._known(each.service))
        ]

    def _paths(self, wanted: set[Place], *, span: timedelta) -> list[str]:
        if span <= _WIDE:
            return ["/change_events"]
        return [f"/services/{each}/change_events" for each in sorted(self._services(wanted))]

    def _services(self, wanted: set[Place]) -> set[str]:
        """The ids of PagerDuty's services that speak for these places."""
        found = {
            rule.pagerduty_service
            for rule in self._catalog.paging
            if (rule.service, rule.environment) in wanted
        }
        for name, environment in wanted:
            known = self._catalog.service(name)
            found.add(dict(known.pagerduty).get(environment, "") if known else "")
        return found - {""}

    def _events(self, path: str, *, since: datetime, until: datetime) -> list[Mapping[str, Any]]:
        span = {"since": _utc(since), "until": _utc(until + timedelta(seconds=1))}
        try:
            return self._calls.listed(path, doing=_DOING, params=span)
        except Rejected as refused:
            # One service that the catalog has and PagerDuty has not hides nothing of the others.
            if refused.code == NOT_FOUND:
                return []
            raise

    def _changes(self, event: Mapping[str, Any]) -> Iterator[Change]:
        at = moment(event.get("timestamp"))
        if at is None:
            return
        details = event.get("custom_details")
        words = words_of(details if isinstance(details, dict) else {})
        summary = one_line(event.get("summary"))
        for service, environment in dict.fromkeys(self._places(event, summary, words)):
            yield _change(event, words, service, environment, at=at)

    def _places(self, event: Mapping[str, Any], summary: str, words: Words) -> Iterator[Place]:
        """By the rules for pages; where none holds, the event itself has to say the environment."""
        said = {"title": summary, "environment": words.environment}
        for each in event.get("services") or ():
            match = self._catalog.match_page(str(each.get("id", "")), said)
            if match is not None:
                yield match.service, match.environment
            elif words.environment:
                yield one_line(each.get("summary")) or str(each.get("id", "")), words.environment

    def _known(self, service: str) -> bool:
        return bool(self._catalog.service(service) or self._catalog.resource(service))


def _change(
    event: Mapping[str, Any], words: Words, service: str, environment: str, *, at: datetime
) -> Change:
    address, diff = _links(event.get("links") or ())
    summary = one_line(event.get("summary"))
    return Change(
        id=f"pagerduty:{event.get('id')}/{environment}/{service}",
        source=VENDOR,
        service=service,
        environment=environment,
        at=at,
        before=words.before,
        after=words.after,
        author=words.author,
        message=summary,
        address=address,
        diff=diff,
        refs=words.refs,
        kind=kind_of(summary),
        status=words.status,
    )


def _links(links: Iterable[Mapping[str, Any]]) -> tuple[str, str]:
    """Where to look, and where the difference can be read."""
    good = [found for each in links if (found := link(each.get("href")))]
    diffs = [each for each in good if "/compare/" in each or "/commit/" in each]
    return next((each for each in good if each not in diffs), ""), next(iter(diffs), "")


def _utc(at: datetime) -> str:
    """PagerDuty refuses any other offset here, even +00:00."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
