"""The firewall at the edge: its rules and address lists, and the few ways in which one is changed."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.domain.errors import Refused

LOWEST_LIMIT, HIGHEST_LIMIT = 10, 2_000_000_000
USUAL = timedelta(hours=1)
LONGEST = timedelta(days=7)
_WIDEST = {4: 16, 6: 32}
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_ASK = re.compile(
    r"(?P<verb>block|count|limit|deny|pardon)\s+(?P<what>\S+)"
    r"(?:\s+(?:to\s+)?(?P<limit>\d+))?(?:\s+in\s+(?P<list>\S+))?"
    r"(?:\s+for\s+(?P<span>good|\d+\s*[mhd]))?"
)


class Verb(StrEnum):
    """What is done: to a rule, to its limit, or to an address in a list."""

    BLOCK = "block"
    COUNT = "count"
    LIMIT = "limit"
    DENY = "deny"
    PARDON = "pardon"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`action` is what it does with a request that it matches; a group's is what its rules say."""

    name: str
    action: str
    limit: int | None = None
    window: timedelta | None = None
    group: bool = False


@dataclass(frozen=True, kw_only=True)
class AddressList:
    name: str
    addresses: tuple[str, ...]
    lock: str


@dataclass(frozen=True, kw_only=True)
class Wall:
    """`lock` changes with every change, by whomever."""

    name: str
    lock: str
    rules: tuple[Rule, ...] = ()
    lists: tuple[AddressList, ...] = ()
    owner: str = ""
    """Who puts it back by itself: AWS Firewall Manager."""

    def rule(self, name: str) -> Rule:
        for each in self.rules:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.rules) or "none"
        raise Refused(f"{self.name} has no rule “{name}”. It has: {known}.")

    def addresses(self, name: str) -> AddressList:
        for each in self.lists:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.lists) or "none"
        raise Refused(f"There is no address list “{name}”. There is: {known}.")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change of the wall. No `span` is for good."""

    verb: Verb
    what: str
    limit: int | None = None
    list: str = ""
    span: timedelta | None = USUAL

    @property
    def text(self) -> str:
        """As it is typed, whole: what a plan is made from again."""
        words = [str(self.verb), self.what]
        words += [f"to {self.limit}"] if self.limit is not None else []
        words += [f"in {self.list}"] if self.list else []
        return " ".join([*words, f"for {lasting(self.span)}"])

    def now(self, wall: Wall) -> str:
        """How it stands before."""
        match self.verb:
            case Verb.BLOCK | Verb.COUNT:
                return wall.rule(self.what).action
            case Verb.LIMIT:
                return str(wall.rule(self.what).limit)
            case Verb.DENY | Verb.PARDON:
                there = self.what in wall.addresses(self.list).addresses
                return "listed" if there else "not listed"

    @property
    def wanted(self) -> str:
        match self.verb:
            case Verb.BLOCK | Verb.COUNT:
                return str(self.verb)
            case Verb.LIMIT:
                return str(self.limit)
            case Verb.DENY:
                return "listed"
            case Verb.PARDON:
                return "not listed"

    def back(self, before: str) -> Edit:
        """The way back to how it stood; for good, since that is no temporary state."""
        match self.verb:
            case Verb.BLOCK | Verb.COUNT:
                return Edit(verb=Verb(before), what=self.what, span=None)
            case Verb.LIMIT:
                return Edit(verb=self.verb, what=self.what, limit=int(before), span=None)
            case Verb.DENY:
                return Edit(verb=Verb.PARDON, what=self.what, list=self.list, span=None)
            case Verb.PARDON:
                return Edit(verb=Verb.DENY, what=self.what, list=self.list, span=None)


def edit(text: str) -> Edit:
    """What was typed: `count bot-control for 2h`, `deny 192.0.2.0/24 in blocked for 1d`."""
    found = _ASK.fullmatch(" ".join(text.split()))
    if found is None:
        raise Refused(
            f"“{text}” is not understood. Say `count <rule> for 2h`, `block <rule>`,"
            " `limit <rule> to 500` or `deny 192.0.2.0/24 in <list> for 1d`."
        )
    made = Edit(
        verb=Verb(found["verb"]),
        what=found["what"],
        limit=int(found["limit"]) if found["limit"] else None,
        list=found["list"] or "",
        span=_span(found["span"]),
    )
    return _checked(made)


def _span(said: str | None) -> timedelta | None:
    if said is None:
        return USUAL
    if said == "good":
        return None
    span = int(said[:-1]) * _UNITS[said[-1]]
    if not timedelta(minutes=5) <= span <= LONGEST:
        raise Refused("Say from 5 minutes to 7 days, like `for 2h`.")
    return span


def _checked(made: Edit) -> Edit:
    if made.verb is Verb.LIMIT:
        if made.limit is None or not LOWEST_LIMIT <= made.limit <= HIGHEST_LIMIT:
            raise Refused(f"A limit is a number from {LOWEST_LIMIT} on: `limit <rule> to 500`.")
        return made
    if made.limit is not None:
        raise Refused("Only `limit` takes a number.")
    if made.verb not in (Verb.DENY, Verb.PARDON):
        return made
    if not made.list:
        raise Refused(f"Say in which list: `{made.verb} {made.what} in <list>`.")
    return Edit(verb=made.verb, what=_network(made.what), list=made.list, span=made.span)


def _network(text: str) -> str:
    """As AWS writes it, and not so wide that it shuts out half the world."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise Refused(f"“{text}” is not an address or a network, like 192.0.2.0/24.") from error
    if network.prefixlen < _WIDEST[network.version]:
        raise Refused(f"{network} is too wide: at most a /{_WIDEST[network.version]} at a time.")
    return str(network)


def lasting(span: timedelta | None) -> str:
    if span is None:
        return "good"
    for unit, length in reversed(_UNITS.items()):
        if span % length == timedelta(0):
            return f"{span // length}{unit}"
    return f"{round(span / _UNITS['m'])}m"
