"""Who looks at the dashboard, and which incidents they may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from starlette.requests import HTTPConnection

from bot.domain.incident import Incident, Summary
from bot.domain.people import Person

log = structlog.get_logger()

_PUBLIC = "public"


@dataclass(frozen=True, kw_only=True)
class Eyes:
    """Public incidents are for everybody who reads, a private one for the members of its channel."""

    person: Person | None = None
    channels: Callable[[str], frozenset[str]] | None = field(
        default=None, compare=False, repr=False
    )
    """The private ones that a user is in."""

    def see(self, incident: Incident | Summary) -> bool:
        """Asked of Slack now: who left a channel is in the timeline for ever."""
        return incident.visibility == _PUBLIC or self._inside(incident)

    def read(self, incident: Incident) -> bool:
        """As `see`, for its own page: who reads a private one is written down."""
        seen = self.see(incident)
        if seen and self.person is not None and incident.visibility != _PUBLIC:
            log.info(
                "private incident read",
                incident=incident.id,
                user=self.person.user_id,
                team=self.person.team_id,
            )
        return seen

    def _inside(self, incident: Incident | Summary) -> bool:
        if self.person is None or self.channels is None or not incident.channel:
            return False
        return incident.channel in self.channels(self.person.user_id)


ANYBODY = Eyes()


def eyes_of(request: HTTPConnection) -> Eyes:
    """Those of whoever is signed in."""
    found = getattr(request.state, "eyes", ANYBODY)
    return found if isinstance(found, Eyes) else ANYBODY
