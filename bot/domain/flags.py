"""Feature flags as they are rolled out now: on, off, or on for some percent of people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import Refused

_ASK = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)\s+(?P<to>on|off|\d{1,3}\s*%?)")


@dataclass(frozen=True, kw_only=True)
class Flag:
    """`percent` is None for one that knows only on and off."""

    name: str
    title: str = ""
    on: bool = False
    percent: int | None = None

    @property
    def words(self) -> str:
        if not self.on:
            return "off"
        return "on" if self.percent is None else f"on for {self.percent} %"


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """One deployment of a set of flags."""

    number: int
    version: str
    state: str
    percent: float = 0.0
    marker: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    profile: str = ""
    """The name of the set of flags that was rolled out."""

    @property
    def running(self) -> bool:
        return self.state in ("DEPLOYING", "VALIDATING", "ROLLING_BACK")

    @property
    def there(self) -> bool:
        """Everybody has it; while it bakes only alarms are watched."""
        return self.state in ("COMPLETE", "BAKING")


@dataclass(frozen=True, kw_only=True)
class Board:
    """All flags of one profile, as the newest finished rollout left them."""

    version: str
    flags: tuple[Flag, ...]
    latest: Rollout
    earlier: tuple[Flag, ...] = ()
    """As the rollout before that left them; empty where there was none."""

    @property
    def changed(self) -> tuple[str, ...]:
        """The flags that the newest finished rollout set to something else."""
        return tuple(after.name for _, after in moved(self.earlier, self.flags))

    def flag(self, name: str) -> Flag:
        for each in self.flags:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.flags[:12]) or "none"
        raise Refused(f"There is no flag “{name}”. There is: {known}.")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a flag is set to."""

    name: str
    on: bool
    percent: int | None = None

    @property
    def text(self) -> str:
        """As it is typed: what a plan is made from again."""
        if not self.on:
            return f"{self.name} off"
        return f"{self.name} on" if self.percent is None else f"{self.name} {self.percent}%"

    def made(self, flag: Flag) -> Flag:
        """The flag after it. One that is switched off keeps its percentage for later."""
        if self.percent is not None and flag.percent is None:
            raise Refused(f"{flag.name} knows only on and off, no percentage.")
        percent = flag.percent if self.percent is None else self.percent
        return Flag(name=flag.name, title=flag.title, on=self.on, percent=percent)


def setting(text: str) -> Setting:
    """`new-search off`, `new-search on`, `new-search 25%`; 0 % is off."""
    found = _ASK.fullmatch(" ".join(text.split()))
    if found is None:
        raise Refused(
            f"“{text}” is not understood. Say `<flag> off`, `<flag> on` or `<flag> 25%`."
        )
    name, to = found["name"], found["to"]
    if to in ("on", "off"):
        return Setting(name=name, on=to == "on")
    percent = int(to.rstrip("% "))
    if percent > 100:
        raise Refused("A percentage is a number from 0 to 100.")
    return Setting(name=name, on=percent > 0, percent=percent if percent else None)


def moved(before: Sequence[Flag], after: Sequence[Flag]) -> tuple[tuple[Flag, Flag], ...]:
    """Each flag that was there and is something else since: as it was, and as it is."""
    was = {each.name: each for each in before}
    pairs = ((was[each.name], each) for each in after if each.name in was)
    return tuple((old, new) for old, new in pairs if old.words != new.words)


def as_it_is(flag: Flag) -> Setting:
    """The setting that brings a flag back to this."""
    return Setting(name=flag.name, on=flag.on, percent=flag.percent if flag.on else None)


def more(before: Flag, after: Flag) -> bool:
    """Whether more people get it than before."""
    return _reach(after) > _reach(before)


def _reach(flag: Flag) -> int:
    if not flag.on:
        return 0
    return 100 if flag.percent is None else flag.percent
