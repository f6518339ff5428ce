"""How everything a service stands on is doing: each resource is asked for its own numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.domain.errors import Refused, VendorDown, VendorError
from bot.domain.events import Finding, NotChecked, Question, VitalsRead
from bot.domain.facts import Fact
from bot.domain.incident import Incident
from bot.domain.places import Deployment
from bot.domain.vitals import Reading, Sorted, Unread, sort
from bot.flow import conditions
from bot.tools import Tools

_LANES = 4
"""A vendor takes a few calls at once, and others ask it at the same time."""
_TOLD = 3


def missing(incident: Incident) -> tuple[str, ...]:
    """By name: what gave no answer and may give one later."""
    unread = incident.vitals.unread if incident.vitals else ()
    return tuple(each.name for each in unread if each.passes)


class Round:
    """Asks once, and tells what was found; what did not answer by the deadline is named."""

    def __init__(self, tools: Tools, incident: Incident, *, only: frozenset[str] | None) -> None:
        """`only` these, where an earlier round asked the others."""
        self._tools, self._incident, self._again = tools, incident, only is not None
        places = _places(tools, incident)
        self._places = [each for each in places if only is None or each.service in only]
        self._said: dict[str, Reading | Unread] = {}

    def lanes(self) -> dict[str, Callable[[], None]]:
        """Each asks one resource after the other, the nearest ones first."""
        shares = [self._places[first::_LANES] for first in range(_LANES)]
        return {f"lane {number}": self._lane(each) for number, each in enumerate(shares) if each}

    def told(self, now: datetime, *, deadline: timedelta) -> tuple[list[Fact], list[str]]:
        """What is new, and the names of those that are worth asking again."""
        # A lane that is too slow goes on writing into it.
        said = dict(self._said)
        late = f"no answer within {deadline.total_seconds():.0f} s"
        found = [said.get(each.service) or self._unread(each, late) for each in self._places]
        silent = [e.label for e in found if isinstance(e, Unread) and e.passes]
        fresh = [each for each in found if isinstance(each, Reading)]
        if not found or (self._again and not fresh):
            return [], silent
        before = self._incident.vitals if self._again else None
        names = {each.service for each in self._places}
        kept = [each for each in (before.readings if before else ()) if each.name not in names]
        blind = [each for each in (before.unread if before else ()) if each.name not in names]
        read = VitalsRead(
            readings=(*kept, *fresh),
            unread=(*blind, *(each for each in found if isinstance(each, Unread))),
        )
        return [read, self._finding(read, now)], silent

    def _lane(self, places: Sequence[Deployment]) -> Callable[[], None]:
        def ask() -> None:
            for place in places:
                self._said[place.service] = self._asked(place)

        return ask

    def _asked(self, place: Deployment) -> Reading | Unread:
        try:
            condition = conditions.condition(self._tools, place)
        except VendorError as error:
            return self._unread(place, error.why, passes=isinstance(error, VendorDown))
        except Refused as error:
            return self._unread(place, str(error), passes=False)
        return Reading(
            name=place.service,
            label=conditions.label(self._tools, place),
            at=self._tools.clock.now(),
            condition=condition,
        )

    def _unread(self, place: Deployment, why: str, *, passes: bool = True) -> Unread:
        label = conditions.label(self._tools, place)
        return Unread(name=place.service, label=label, why=why, passes=passes)

    def _finding(self, read: VitalsRead, now: datetime) -> Fact:
        known = sort(read.readings, read.unread)
        source = " and ".join(_asked_at(self._tools, self._incident.environment))
        if not known.ill and not known.well:
            return NotChecked(
                question=Question.STANDING,
                source="what it stands on",
                why="; ".join(_not_checked(known)) if source else known.not_checked[0][1],
            )
        return Finding(
            question=Question.STANDING,
            text=text(known),
            source=source,
            as_of=now,
            details=(*map(str, known.ill), *_rest(known)),
        )


def text(known: Sorted) -> str:
    """For the record: every one that is ill would be too long, so the worst three."""
    asked = len(known.ill) + len(known.well)
    if not known.ill:
        return f"All is well of what it stands on ({asked} asked)"
    told = "; ".join(str(each) for each in known.ill[:_TOLD])
    more = f"; and {len(known.ill) - _TOLD} more" if len(known.ill) > _TOLD else ""
    return f"Unwell, {len(known.ill)} of {asked} it stands on: {told}{more}"


def _rest(known: Sorted) -> list[str]:
    well = ", ".join(each.label for each in known.well)
    found = [f"well: {well}"] if well else []
    return found + [f"not checked: {each}" for each in _not_checked(known)]


def _not_checked(known: Sorted) -> list[str]:
    return [f"{', '.join(names)} ({why})" for names, why in known.not_checked]


def _asked_at(tools: Tools, environment: str) -> list[str]:
    held = (("AWS", tools.clouds), ("Kubernetes", tools.clusters))
    return [name for name, known in held if environment in known]


def _places(tools: Tools, incident: Incident) -> list[Deployment]:
    """It and everything it stands on, nearest first, as far as there is something to read.

    Nothing of AWS where no account is configured anywhere: the card says that already.
    """
    catalog, where = tools.catalog, incident.environment
    names = [incident.service, *(each.name for each in catalog.dependencies(incident.service))]
    found = (catalog.deployment(name, where) for name in dict.fromkeys(names))
    return [
        each
        for each in found
        if each is not None and conditions.measured(tools, each, subject=incident.service)
    ]
