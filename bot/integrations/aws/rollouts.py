"""Rollouts of feature flags as a source of changes: which flag was set to what, and how to set it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.domain.catalog import Catalog, Deployment
from bot.domain.change import Change, ChangeKind, ChangeStatus
from bot.domain.flags import Flag, Rollout, as_it_is, moved
from bot.integrations.aws.account import Account
from bot.integrations.aws.appconfig import AppConfig
from bot.integrations.aws.trail_telling import rollout_ref

KIND = "appconfig"
_MOST = 10
"""So many of the newest rollouts are compared with the one before."""


class FlagRollouts:
    """One per environment. All flags of it: which service reads which one is seldom written down."""

    name = "AppConfig"

    def __init__(self, account: Account, catalog: Catalog) -> None:
        self._environment, self._catalog = account.environment, catalog
        self._flags = AppConfig(account)

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        named = [each.name for each in self._catalog.resources if each.kind == KIND]
        found = (self._catalog.deployment(name, self._environment) for name in named)
        return [
            change
            for place in found
            if place is not None and place.identifier
            for change in self._of(place, since, until)
        ]

    def _of(self, place: Deployment, since: datetime, until: datetime) -> list[Change]:
        known = self._flags.rollouts(place)
        lately = [e for e in known if e.started is not None and since <= e.started <= until]
        # What was written to a rollout is not in the list of them.
        whole = [self._flags.rollout(place, str(each.number)) for each in lately[:_MOST]]
        return [self._told(place, each, known) for each in whole]

    def _told(self, place: Deployment, rollout: Rollout, known: Sequence[Rollout]) -> Change:
        """One rollout is one change, however many flags it sets."""
        before = next((e for e in known if e.number < rollout.number and e.there), None)
        pairs: tuple[tuple[Flag, Flag], ...] = ()
        if before is not None and before.version != rollout.version:
            pairs = moved(
                self._flags.flags(place, before.version), self._flags.flags(place, rollout.version)
            )
        alone = pairs[0] if len(pairs) == 1 and not _gone_back(rollout) else None
        assert rollout.started is not None
        return Change(
            id=f"appconfig:{place.identifier}:{rollout.number}",
            source=self.name,
            service=place.service,
            environment=place.environment,
            at=rollout.started.astimezone(UTC),
            ended=rollout.ended.astimezone(UTC) if rollout.ended else None,
            before=", ".join(f"{old.name} {old.words}" for old, _ in pairs),
            after=", ".join(f"{new.name} {new.words}" for _, new in pairs),
            message=rollout.marker or f"rollout {rollout.number} of version {rollout.version}",
            kind=ChangeKind.FLAG,
            status=_status(rollout),
            refs=(
                rollout_ref(place.identifier.rpartition("/")[2], rollout.version),
                *(new.name for _, new in pairs),
            ),
            size=len(pairs),
            reversible_by="set_flag" if alone else "",
            target=as_it_is(alone[0]).text if alone else "",
        )


def _status(rollout: Rollout) -> ChangeStatus:
    if rollout.running:
        return ChangeStatus.RUNNING
    return ChangeStatus.FAILED if _gone_back(rollout) else ChangeStatus.DONE


def _gone_back(rollout: Rollout) -> bool:
    """AppConfig took it back by itself, or somebody stopped it."""
    return not (rollout.running or rollout.there)
