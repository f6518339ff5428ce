"""Flags of django-waffle, as Open edX keeps them: what its command lists, and the arguments that set one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.errors import Refused
from bot.domain.flags import setting
from bot.domain.places import Deployment
from bot.domain.workflow import FromCronJob

KIND = "waffle"
"""Of a resource of the catalog that is such a set of flags."""
COMMAND = "waffle_flag"
LISTING = ("--list", "-l")
_AGAIN, _UNSET = " again", "unset"
_LINE = re.compile(
    r"(NAME|EVERYONE|PERCENT|SUPERUSERS|STAFF|AUTHENTICATED|ROLLOUT|TESTING|GROUPS|USERS): ?(.*)"
)
_NEEDED = frozenset(
    ("NAME", "EVERYONE", "PERCENT", "SUPERUSERS", "STAFF", "AUTHENTICATED", "ROLLOUT", "GROUPS")
)
_KEPT = ("superusers", "staff", "authenticated", "rollout", "testing")
"""The command sets each of them to false where it is not told otherwise."""
_WITH_VALUE = ("--percent", "-p", "--group", "-g", "--user", "-u")


@dataclass(frozen=True, kw_only=True)
class WaffleFlag:
    """`everyone` decides alone where it is not None; else it is on for whoever one of the rest fits."""

    name: str
    everyone: bool | None = None
    percent: float | None = None
    superusers: bool = False
    staff: bool = False
    authenticated: bool = False
    rollout: bool = False
    testing: bool = False
    groups: bool = False
    people: bool = False
    """Whether single people have it; who they are is nobody's business here."""

    @property
    def words(self) -> str:
        match self.everyone:
            case True:
                return "on"
            case False:
                return "off"
        return f"on for {', '.join(self._some) or 'nobody'}"

    @property
    def on(self) -> bool:
        return self.everyone is not False and (self.everyone is True or bool(self._some))

    @property
    def reach(self) -> float:
        """Percent of all people, as far as that is counted."""
        if self.everyone is not None:
            return 100.0 if self.everyone else 0.0
        return self.percent or 0.0

    @property
    def arguments(self) -> tuple[str, ...]:
        """All that the command takes: what is left out it would reset. Groups and people stay."""
        everyone = {True: ("--everyone",), False: ("--deactivate",), None: ()}[self.everyone]
        percent = () if self.percent is None else ("--percent", str(int(self.percent)))
        kept = tuple(f"--{each}" for each in _KEPT if getattr(self, each))
        return (self.name, *everyone, *percent, *kept, "--append")

    @property
    def uneven(self) -> bool:
        """Its percentage is one that the command cannot be told: it takes whole numbers."""
        return self.percent is not None and self.percent != int(self.percent)

    @property
    def _some(self) -> tuple[str, ...]:
        known = {
            f"{self.percent or 0:g} %": bool(self.percent),
            "superusers": self.superusers,
            "staff": self.staff,
            "everybody signed in": self.authenticated,
            "some groups": self.groups,
            "some people": self.people,
        }
        return tuple(words for words, there in known.items() if there)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a flag is to be: on or off for everyone, or for a percentage; both None: by the rest."""

    name: str
    everyone: bool | None = None
    percent: int | None = None
    back: bool = False
    """It is the way back: to what was there, whatever may be chosen."""

    @property
    def value(self) -> str:
        if self.everyone is not None:
            return "on" if self.everyone else "off"
        return _UNSET if self.percent is None else f"{self.percent}%"

    @property
    def text(self) -> str:
        """As it is typed: what a plan is made from again."""
        return f"{self.name} {self.value}{_AGAIN if self.back else ''}"

    def made(self, flag: WaffleFlag) -> WaffleFlag:
        """One that is on or off for everyone keeps its percentage for later."""
        if self.everyone is None:
            return replace(flag, everyone=None, percent=self.percent)
        whole = None if flag.percent is None else float(int(flag.percent))
        return replace(flag, everyone=self.everyone, percent=whole)


def wanted(text: str) -> Wanted:
    """`new-search off`, `new-search 25%`; an undo also says `unset`, and ends with `again`."""
    typed = " ".join(text.split())
    back = typed.endswith(_AGAIN)
    typed = typed.removesuffix(_AGAIN)
    name, _, value = typed.rpartition(" ")
    if back and value == _UNSET:
        return Wanted(name=name, back=True)
    asked = setting(typed)
    everyone = None if asked.percent is not None else asked.on
    return Wanted(name=asked.name, everyone=everyone, percent=asked.percent, back=back)


def as_it_is(flag: WaffleFlag) -> Wanted:
    """What brings a flag back to this."""
    percent = None if flag.everyone is not None or not flag.percent else int(flag.percent)
    return Wanted(name=flag.name, everyone=flag.everyone, percent=percent, back=True)


def listed(text: str) -> tuple[WaffleFlag, ...]:
    """What `waffle_flag --list` said; one that is broken off is left out, other lines are passed over."""
    blocks: list[dict[str, str]] = []
    for line in text.splitlines():
        if (found := _LINE.fullmatch(line.strip())) is None:
            continue
        if found[1] == "NAME":
            blocks.append({})
        if blocks:
            blocks[-1][found[1]] = found[2].strip()
    return tuple(_flag(each) for each in blocks if each.keys() >= _NEEDED)


def told(arguments: Sequence[str]) -> WaffleFlag | None:
    """The flag as these arguments leave it; None where they set none. Unknown ones are passed over."""
    name, percent, several = "", None, []
    rest = [part for each in arguments for part in each.split("=", 1)]
    while rest:
        each = rest.pop(0)
        if each in _WITH_VALUE:
            value = rest.pop(0) if rest else ""
            percent = _number(value) if each in _WITH_VALUE[:2] else percent
            several += [each] if each not in _WITH_VALUE[:2] else []
        elif not each.startswith("-"):
            name = name or each
    if not name or any(each in LISTING for each in arguments):
        return None
    everyone = True if "--everyone" in arguments else None
    return WaffleFlag(
        name=name,
        everyone=False if "--deactivate" in arguments else everyone,
        percent=percent,
        groups=bool({"--group", "-g"} & set(several)),
        people=bool({"--user", "-u"} & set(several)),
        **{each: f"--{each}" in arguments for each in _KEPT},
    )


def laid_over(before: WaffleFlag | None, arguments: Sequence[str]) -> WaffleFlag | None:
    """The flag after a command that sets it: groups and people are added to where it appends."""
    after = told(arguments)
    if before is None or after is None or "--append" not in arguments:
        return after
    return replace(
        after, groups=after.groups or before.groups, people=after.people or before.people
    )


def _flag(block: Mapping[str, str]) -> WaffleFlag:
    everyone = {"True": True, "False": False}.get(block["EVERYONE"])
    return WaffleFlag(
        name=block["NAME"],
        everyone=everyone,
        percent=_number(block["PERCENT"]),
        groups=block["GROUPS"] not in ("", "[]"),
        people=block.get("USERS", "[]") not in ("", "[]"),
        **{each: block.get(each.upper()) == "True" for each in _KEPT},
    )


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,3}(\.\d+)?", text) else None


def source_of(place: Deployment) -> FromCronJob:
    """What lists them and is the template for setting them: `<namespace>/<cronjob>[/<container>]`."""
    parts = place.identifier.split("/")
    if len(parts) not in (2, 3):
        raise Refused(
            f"The catalog has to name the flags of {place.ref} as <namespace>/<cronjob>."
        )
    return FromCronJob(namespace=parts[0], cronjob=parts[1], container="".join(parts[2:]))


def refused_value(name: str, value: str, allowed: Sequence[str]) -> Refused:
    return Refused(f"The catalog lets {name} be set to {', '.join(allowed)}, not to {value}.")
