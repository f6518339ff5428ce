"""Which change is suspected first: time, nearness, kind, how it stands and how big it is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.catalog import Catalog, Resource
from bot.domain.change import Change, ChangeKind, ChangeStatus, Nearness, Suspect

SHOWN = 5
_HALF_LIFE = timedelta(minutes=30)
_AFTER_HALF_LIFE = timedelta(minutes=10)
_AFTER = timedelta(minutes=15)
_AFTER_WEIGHT = 0.25
_WORTH_SAYING = 0.01

_NEAR = {0: 1.0, 1: 0.6, 2: 0.35}
_FAR, _SHARED, _SHARED_BY_FAILING, _UNRELATED = 0.2, 0.1, 0.6, 0.03
_SHARED_KINDS = frozenset(
    ("waf", "route53", "cloudfront", "nodegroup", "eks-cluster", "load-balancer", "vpc")
)

_PRIOR = {
    ChangeKind.DEPLOY: 1.0,
    ChangeKind.AMI: 1.0,
    ChangeKind.CONFIG: 0.9,
    ChangeKind.FLAG: 0.9,
    ChangeKind.WEIGHT: 0.9,
    ChangeKind.MIGRATION: 0.9,
    ChangeKind.INFRA: 0.8,
    ChangeKind.WAF: 0.7,
    ChangeKind.FAILOVER: 0.6,
    ChangeKind.SCALE: 0.4,
    ChangeKind.RESTART: 0.4,
    ChangeKind.PURGE: 0.4,
}
_DONE = {
    ChangeKind.DEPLOY: "deployed",
    ChangeKind.AMI: "machine image replaced",
    ChangeKind.CONFIG: "configuration changed",
    ChangeKind.FLAG: "flag changed",
    ChangeKind.WEIGHT: "traffic shifted",
    ChangeKind.MIGRATION: "migration run",
    ChangeKind.INFRA: "infrastructure changed",
    ChangeKind.WAF: "firewall changed",
    ChangeKind.FAILOVER: "failed over",
    ChangeKind.SCALE: "scaled",
    ChangeKind.RESTART: "restarted",
    ChangeKind.PURGE: "cache purged",
}
_DEGRADED, _FAILED, _NAMED = 1.2, 1.15, 1.2
_BIGGER, _BIG = 0.15, 1000
_WORTH_A_WORD = 50


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What the changes are held against. `start` is the first bad minute, not the page."""

    environment: str
    start: datetime
    title: str = ""
    several: bool = False
    """Whether more than one service fails: then what they share is likelier."""


def placed(change: Change, catalog: Catalog, service: str) -> Change:
    """With its distance from the failing service, and with its owner."""
    known = catalog.service(change.service) or catalog.resource(change.service)
    team = change.team or (known.owner if known else "")
    name = known.name if known else change.service
    where = replace(change, service=name, team=team)
    resource = catalog.resource(name)
    if name == service:
        return replace(where, distance=0, nearness=Nearness.PATH)
    if stands_under_all(resource):
        return replace(where, distance=0, nearness=Nearness.SHARED)
    steps = {reach.name: reach.distance for reach in catalog.dependencies(service)}
    # What ships with the failing service changes together with it.
    steps |= {each.name: 1 for each in catalog.components(service) if each.name not in steps}
    if name in steps:
        return replace(where, distance=steps[name], nearness=Nearness.PATH)
    return replace(where, distance=0, nearness=Nearness.UNRELATED)


def stands_under_all(resource: Resource | None) -> bool:
    """Whether everybody stands on it: the firewall, DNS, a node group."""
    return resource is not None and resource.kind in _SHARED_KINDS


def rank(
    changes: Iterable[Change], trouble: Trouble, *, limit: int = SHOWN
) -> tuple[Suspect, ...]:
    """Best first; another environment's changes and what is long ago are no suspects."""
    here = (each for each in changes if each.environment == trouble.environment)
    found = [suspect for each in here if (suspect := _weighed(each, trouble)) is not None]
    worth = [each for each in found if each.score > _WORTH_SAYING]
    worth.sort(key=lambda s: (-s.score, -s.change.at.timestamp(), s.change.id))
    return tuple(_flags_first(worth, trouble.start)[:limit])


def _flags_first(ranked: list[Suspect], start: datetime) -> list[Suspect]:
    """A flag that was changed after a deploy, and before it went bad, is taken back before it: the
    deploy alone was well, and the flag is the smaller step."""
    found = list(ranked)
    for flag in (each for each in ranked if each.change.kind is ChangeKind.FLAG):
        older = [each for each in found if _before(each.change, flag.change, start)]
        place = min((found.index(each) for each in older), default=len(found))
        if place < found.index(flag):
            found.remove(flag)
            told = (*flag.reasons, "changed after the deploy: the smaller step back")
            found.insert(place, replace(flag, reasons=told))
    return found


def _before(deploy: Change, flag: Change, start: datetime) -> bool:
    """Whether the deploy was there first, in the same place or farther away."""
    if deploy.kind is not ChangeKind.DEPLOY or flag.nearness is not Nearness.PATH:
        return False
    nearer = deploy.nearness is Nearness.PATH and flag.distance <= deploy.distance
    return nearer and deploy.at < flag.at <= start and flag.reversible_by != ""


def _weighed(change: Change, trouble: Trouble) -> Suspect | None:
    timed = _time(change, trouble.start)
    if timed is None:
        return None
    parts = (timed, _where(change, trouble), _kind(change), _state(change, trouble), _bulk(change))
    score = math.prod(weight for weight, _said in parts)
    reasons = tuple(said for _weight, said in parts if said)
    return Suspect(
        change=change, score=round(min(1.0, score), 3), reasons=(*reasons, *change.notes)
    )


def _time(change: Change, start: datetime) -> tuple[float, str] | None:
    """All of it while it was in progress, half of it for each 30 minutes before the start."""
    done = _DONE[change.kind]
    if change.at > start:
        late = change.at - start
        if late > _AFTER:
            return None
        weight = _AFTER_WEIGHT * 0.5 ** (late / _AFTER_HALF_LIFE)
        return weight, f"{done} {_minutes(late)} after the first bad minute"
    going_on = change.status is ChangeStatus.RUNNING and change.ended is None
    end = change.ended or change.at
    if going_on or (change.ended is not None and change.ended >= start):
        return (
            1.0,
            f"in progress at the first bad minute (begun {_minutes(start - change.at)} before)",
        )
    return 0.5 ** (
        (start - end) / _HALF_LIFE
    ), f"{done} {_minutes(start - end)} before the first bad minute"


def _where(change: Change, trouble: Trouble) -> tuple[float, str]:
    match change.nearness:
        case Nearness.SHARED if trouble.several:
            return _SHARED_BY_FAILING, "shared by the services that fail"
        case Nearness.SHARED:
            return _SHARED, "shared by all services, and only one fails"
        case Nearness.UNRELATED:
            return _UNRELATED, "not related by the catalog"
    if change.distance == 0:
        return _NEAR[0], "the failing service itself"
    steps = "1 step" if change.distance == 1 else f"{change.distance} steps"
    return _NEAR.get(change.distance, _FAR), f"a dependency, {steps} away"


def _kind(change: Change) -> tuple[float, str]:
    seldom = change.kind in (ChangeKind.SCALE, ChangeKind.RESTART, ChangeKind.PURGE)
    return _PRIOR[change.kind], "of a kind that seldom sets off an incident" if seldom else ""


def _state(change: Change, trouble: Trouble) -> tuple[float, str]:
    """What happened to it since, or that the page itself names it: the strongest of them."""
    found = [(1.0, "")]
    if named(change, trouble.title):
        found.append((_NAMED, "named in the page"))
    match change.status:
        case ChangeStatus.DEGRADED:
            found.append((_DEGRADED, "unwell since it went out"))
        case ChangeStatus.FAILED:
            found.append((_FAILED, "it failed half-way"))
    weight = max(each for each, _said in found)
    return weight, ", ".join(said for _weight, said in found if said)


def _bulk(change: Change) -> tuple[float, str]:
    grown = min(1.0, math.log1p(max(0, change.size)) / math.log1p(_BIG))
    said = f"a large change ({change.size} lines)" if change.size >= _WORTH_A_WORD else ""
    return 1 + _BIGGER * grown, said


def named(change: Change, text: str) -> bool:
    """Whether a text names what was put in place, as a word of its own."""
    return any(mentions(text, name) for name in (change.after, *change.refs) if name)


def mentions(text: str, name: str) -> bool:
    return bool(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE))


def _minutes(gap: timedelta) -> str:
    minutes = round(gap.total_seconds() / 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h"
