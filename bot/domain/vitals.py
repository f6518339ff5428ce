"""How what a service stands on is doing: the numbers read of it, and whether they say well or ill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MEASURED = frozenset(
    {
        "rds",
        "aurora",
        "elasticache",
        "elasticsearch",
        "opensearch",
        "s3",
        "nodegroup",
        "eks-cluster",
        "load-balancer",
        "cloudfront",
        "waf",
    }
)
"""The kinds of resources that have numbers to read."""
_PARTS = 3


class Sign(StrEnum):
    """What is looked at; stored by its name."""

    CONNECTIONS = "connections"
    CPU = "cpu"
    MEMORY = "memory"
    STORAGE = "free-storage"
    LAG = "lag"
    EVICTIONS = "evictions"
    NODES = "nodes"
    SHARDS = "unassigned-shards"
    SERVER_ERRORS = "server-errors"
    CLIENT_ERRORS = "client-errors"
    BLOCKED = "blocked"
    TARGETS = "targets"
    MACHINES = "machines"
    PENDING = "pending-pods"


@dataclass(frozen=True, kw_only=True)
class Vital:
    """One number. `of` is what it is held against, `basis` where that comes from or what it is of."""

    sign: Sign
    value: float
    of: float | None = None
    basis: str = ""

    @property
    def ill(self) -> bool:
        return RULES[self.sign].ill(self)

    def __str__(self) -> str:
        said = RULES[self.sign].words(self)
        return f"{said} ({self.basis})" if self.basis else said


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Of one resource: its numbers, what else is wrong, and what of it could not be seen."""

    vitals: tuple[Vital, ...] = ()
    troubles: tuple[str, ...] = ()
    """In words: "failed over at 14:03 UTC"."""
    unseen: tuple[str, ...] = ()
    """With the reason: "request metrics are not switched on"."""

    @property
    def ills(self) -> tuple[str, ...]:
        return (*self.troubles, *(str(each) for each in self.vitals if each.ill))

    @property
    def blind(self) -> bool:
        """Nothing was seen that says it is well."""
        return bool(self.unseen) and not self.vitals

    def __str__(self) -> str:
        """What is wrong, and beside it the numbers that are not."""
        fine = [str(each) for each in self.vitals if not each.ill]
        said = [*self.ills, *fine[: max(0, _PARTS - len(self.ills))]]
        return ", ".join(said)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One resource as it was at that time; `name` is the catalog's."""

    name: str
    label: str
    at: datetime
    condition: Condition

    @property
    def ill(self) -> bool:
        return bool(self.condition.ills)

    def __str__(self) -> str:
        return f"{self.label}: {self.condition}"


@dataclass(frozen=True, kw_only=True)
class Unread:
    """One that gave no numbers. What `passes` is worth asking again."""

    name: str
    label: str
    why: str
    passes: bool = False


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """Everything that was asked, by what it says."""

    ill: tuple[Reading, ...]
    well: tuple[Reading, ...]
    not_checked: tuple[tuple[tuple[str, ...], str], ...]
    """Labels, and the reason they share."""


def sort(readings: Sequence[Reading], unread: Sequence[Unread]) -> Sorted:
    """The one with the most wrong first."""
    ill = sorted((r for r in readings if r.ill), key=lambda r: -len(r.condition.ills))
    reasons: dict[str, list[str]] = {}
    for one in readings:
        for why in one.condition.unseen:
            reasons.setdefault(why, []).append(one.label)
    for each in unread:
        reasons.setdefault(each.why, []).append(each.label)
    return Sorted(
        ill=tuple(ill),
        well=tuple(r for r in readings if not r.ill and not r.condition.blind),
        not_checked=tuple((tuple(names), why) for why, names in reasons.items()),
    )


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`when` and `because` are for people: from where on a number is ill, and why there."""

    words: Callable[[Vital], str]
    ill: Callable[[Vital], bool]
    when: str
    because: str


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _percent(value: float) -> str:
    return f"{value:.0f}%" if value >= 10 or value == 0 else f"{value:.1f}%"


def _of(what: str) -> Callable[[Vital], str]:
    """`4,790 of 5,000 connections`; without the second where it is not known."""

    def words(one: Vital) -> str:
        limit = f" of {_count(one.of)}" if one.of is not None else ""
        return f"{_count(one.value)}{limit} {what}"

    return words


def _share(share: float) -> Callable[[Vital], bool]:
    return lambda one: bool(one.of) and one.value >= share * (one.of or 0)


def _from(least: float) -> Callable[[Vital], bool]:
    return lambda one: one.value >= least


def _short(one: Vital) -> bool:
    return one.of is not None and one.value < one.of


def _running_out(one: Vital) -> bool:
    return one.value < min(_LEAST_FREE, 0.1 * one.of if one.of else _LEAST_FREE)


_LEAST_FREE = 20.0
"""GiB."""

RULES = {
    Sign.CONNECTIONS: Rule(
        words=_of("connections"),
        ill=_share(0.9),
        when="90% of the limit or more",
        because="pools open many at once: the last tenth is gone within seconds",
    ),
    Sign.CPU: Rule(
        words=lambda one: f"CPU {_percent(one.value)}",
        ill=_from(90),
        when="90% or more",
        because="requests queue behind each other, and there is nothing left for a peak",
    ),
    Sign.MEMORY: Rule(
        words=lambda one: f"memory {_percent(one.value)}",
        ill=_from(90),
        when="90% or more",
        because="a full cache throws out what is in use, or refuses to write",
    ),
    Sign.STORAGE: Rule(
        words=lambda one: f"{_count(one.value)} GiB free",
        ill=_running_out,
        when="less than a tenth of the disk and less than 20 GiB",
        because="RDS stops when it is full, and a search node takes no writes long before",
    ),
    Sign.LAG: Rule(
        words=lambda one: f"replica {_count(one.value)} s behind",
        ill=_from(30),
        when="30 s or more",
        because="people do not see what they just wrote, and a failover would lose it",
    ),
    Sign.EVICTIONS: Rule(
        words=lambda one: f"{_count(one.value)} evictions a minute",
        ill=_from(100),
        when="100 a minute or more",
        because="a few are how a cache ages; many mean that it holds more than it can",
    ),
    Sign.NODES: Rule(
        words=_of("nodes in service"),
        ill=_short,
        when="fewer than there should be",
        because="the others carry its load, and the next loss may be the last copy",
    ),
    Sign.SHARDS: Rule(
        words=_of("unassigned shards"),
        ill=_from(1),
        when="1 or more",
        because="what is in them has one copy less, or cannot be searched at all",
    ),
    Sign.SERVER_ERRORS: Rule(
        words=lambda one: f"5xx {_percent(one.value)}",
        ill=_from(1),
        when="1% or more",
        because="ten times what AWS's own objective of 99.9% leaves room for",
    ),
    Sign.CLIENT_ERRORS: Rule(
        words=lambda one: f"4xx {_percent(one.value)}",
        ill=_from(10),
        when="10% or more",
        because="single ones are broken links; many are rights or addresses that changed",
    ),
    Sign.BLOCKED: Rule(
        words=lambda one: f"{_percent(one.value)} of the requests blocked",
        ill=_from(10),
        when="10% or more",
        because="that is an attack, or a rule that stops users",
    ),
    Sign.TARGETS: Rule(
        words=_of("targets healthy"),
        ill=_short,
        when="fewer than there are",
        because="the others get their requests",
    ),
    Sign.MACHINES: Rule(
        words=_of("machines in service"),
        ill=_short,
        when="fewer than desired",
        because="the group is not where it wants to be: starting, replacing or failing",
    ),
    Sign.PENDING: Rule(
        words=_of("pods pending"),
        ill=_from(1),
        when="1 or more",
        because="they have no node to run on, and the scheduler says why",
    ),
}
