"""Flags that Jobs list, as a source of changes: what differs from one listing to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.catalog import Catalog, Deployment
from bot.domain.change import Change, ChangeKind, ChangeStatus, Partly, Unasked
from bot.domain.flag_board import FlagBoard, Move
from bot.domain.places import DeclaredFlag
from bot.domain.waffle import KIND, WaffleFlag, as_it_is, source_of
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.flag_jobs import FlagJobs

_READINGS = 24


class ListedFlags:
    """One per environment. All flags of it: which service reads which one is seldom written down."""

    name = "waffle"

    def __init__(self, api: Api, environment: str, catalog: Catalog) -> None:
        self._jobs, self._environment, self._catalog = FlagJobs(api), environment, catalog

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change] | Partly:
        found: list[Change] = []
        missing: list[Unasked] = []
        for place in stores(self._catalog, self._environment):
            doing = f"read how the flags of {place.service} changed"
            board = self._jobs.flags(source_of(place), readings=_READINGS, doing=doing)
            declared = {each.name: each for each in self._catalog.flags_in(place.service)}
            found += [
                _told(place, move, declared.get(move.after.name))
                for move in board.moves
                if since <= move.until and move.since <= until
            ]
            if why := _unseen(board, since):
                missing.append(Unasked(source=f"{self.name}: {place.service}", why=why))
        return Partly(changes=tuple(found), missing=tuple(missing)) if missing else found


def stores(catalog: Catalog, environment: str) -> list[Deployment]:
    """Every set of flags that is listed there."""
    named = [each.name for each in catalog.resources if each.kind == KIND]
    found = (catalog.deployment(name, environment) for name in named)
    return [each for each in found if each is not None and each.identifier]


def _told(place: Deployment, move: Move, declared: DeclaredFlag | None) -> Change:
    before, after = move.before, move.after
    since, until = (each.astimezone(UTC) for each in (move.since, move.until))
    between = f"between {since:%H:%M} and {until:%H:%M} UTC; the listing does not say by whom"
    return Change(
        id=f"waffle:{place.identifier}:{after.name}:{until.isoformat()}",
        source=ListedFlags.name,
        service=place.service,
        environment=place.environment,
        at=since,
        ended=until,
        before=f"{before.name} {before.words}",
        after=f"{after.name} {after.words}",
        message=move.attempt or between,
        kind=ChangeKind.FLAG,
        status=ChangeStatus.DONE,
        refs=(after.name,),
        size=1,
        reversible_by="set_flag" if declared else "",
        target=_back(before, declared) if declared else "",
    )


def _back(before: WaffleFlag, declared: DeclaredFlag) -> str:
    """As anybody may choose it; else as the way back, which is open to whatever was there."""
    known = as_it_is(before)
    chosen = replace(known, back=False)
    decided = known.everyone is not None or known.percent is not None
    free = not declared.values or known.value in declared.values
    return chosen.text if decided and free else known.text


def _unseen(board: FlagBoard, since: datetime) -> str:
    """What of that time could not be compared; empty where all could."""
    if board.unread or not board.listings:
        return board.unread
    first = board.listings[-1].at.astimezone(UTC)
    return f"no listing is kept from before {first:%H:%M} UTC" if first > since else ""
