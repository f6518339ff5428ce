"""What is known of flags that only a Job can read: its listings, and what Jobs have set since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import Refused
from bot.domain.waffle import COMMAND, WaffleFlag, laid_over, told
from bot.domain.workflow import RunState


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What one run listed. It read at some time between `at` and `ended`."""

    run: str
    at: datetime
    ended: datetime
    flags: tuple[WaffleFlag, ...]

    def flag(self, name: str) -> WaffleFlag | None:
        return next((each for each in self.flags if each.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Command:
    """A Job that sets a flag, by whomever it was made; `attempt` is ours."""

    run: str
    arguments: tuple[str, ...]
    state: RunState
    ended: datetime | None = None
    attempt: str = ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """A flag as far as it is known: read or set at `at`, by the Job `run`."""

    flag: WaffleFlag
    at: datetime
    run: str


@dataclass(frozen=True, kw_only=True)
class Move:
    """A flag is something else in one listing than in the one before."""

    before: WaffleFlag
    after: WaffleFlag
    since: datetime
    until: datetime
    attempt: str = ""
    """Of the Job of ours that did it."""


@dataclass(frozen=True, kw_only=True)
class FlagBoard:
    """Newest first, both."""

    source: str
    """In words: "cronjob lms-flags in lms"."""
    listings: tuple[Listing, ...] = ()
    commands: tuple[Command, ...] = ()
    unread: str = ""
    """Why the newest listing is not among them; empty where it is."""

    def known(self, name: str) -> Known:
        """By the newest listing and what Jobs have set since. `Refused` where neither tells."""
        newest = self.listings[0] if self.listings else None
        flag, at, run = None, None, ""
        if newest is not None:
            flag, at, run = newest.flag(name), newest.at, newest.run
        for ended, each in self._done(name):
            if newest is None or ended >= newest.at:
                flag, at, run = laid_over(flag, each.arguments), ended, each.run
        if flag is not None and at is not None:
            return Known(flag=flag, at=at, run=run)
        if newest is None:
            raise Refused(f"What {name} is set to is not known: {self.unread}.")
        raise Refused(
            f"The newest listing ({newest.run}) has no flag {name}: it was never set there."
            f" Create it by hand first, with `{COMMAND} {name} --create`."
        )

    def changing(self, name: str) -> str:
        """The Job that sets it right now; empty where none does."""
        running = (e for e in self._of(name) if e.state is RunState.RUNNING)
        return next((each.run for each in running), "")

    @property
    def moves(self) -> tuple[Move, ...]:
        """Newest first."""
        pairs = zip(self.listings, self.listings[1:], strict=False)
        return tuple(move for new, old in pairs for move in self._between(old, new))

    def _between(self, old: Listing, new: Listing) -> Iterator[Move]:
        for after in new.flags:
            before = old.flag(after.name)
            if before is None or before == after:
                continue
            doer = next(
                (
                    each
                    for ended, each in self._done(after.name)
                    if old.at <= ended <= new.ended and laid_over(before, each.arguments) == after
                ),
                None,
            )
            yield Move(
                before=before,
                after=after,
                since=old.at,
                until=new.ended,
                attempt=doer.attempt if doer else "",
            )

    def _done(self, name: str) -> list[tuple[datetime, Command]]:
        """Those that succeeded, with the time when; oldest first."""
        found = [
            (each.ended, each)
            for each in self._of(name)
            if each.state is RunState.SUCCEEDED and each.ended is not None
        ]
        return sorted(found, key=lambda pair: pair[0])

    def _of(self, name: str) -> list[Command]:
        known = ((each, told(each.arguments)) for each in self.commands)
        return [each for each, flag in known if flag is not None and flag.name == name]
