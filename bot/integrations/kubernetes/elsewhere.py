"""What changed in a further cluster of an environment: asked of the services that run there too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.change import Change, Partly
from bot.domain.clusters import further_of
from bot.roles import ChangeSource


class InFurther:
    """A source of one cluster, whose changes are told as that cluster's and undone there alone."""

    def __init__(self, source: ChangeSource, where: str) -> None:
        self._source, self._site = source, further_of(where)
        self.name = f"{source.name} in {self._site}"

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change] | Partly:
        here = [there for each in places for there in each.everywhere if there.site == self._site]
        if not here:
            return []
        found = self._source.changes(here, since=since, until=until)
        assert isinstance(found, list)
        return [self._told(each) for each in found]

    def _told(self, change: Change) -> Change:
        target = f"{self._site}:{change.target}" if change.target else ""
        return replace(change, source=self.name, target=target, notes=(f"in {self._site}",))
