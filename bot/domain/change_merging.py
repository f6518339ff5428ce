"""One change that several sources saw is one change; what we did ourselves is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations

from bot.domain.change import Change, ChangeKind, ChangeStatus
from bot.domain.suspicion import mentions

WITHIN = timedelta(minutes=10)
_SHORTEST_SHA = 7
_SHA = re.compile(rf"[0-9a-f]{{{_SHORTEST_SHA},40}}")
_PUT_IN_PLACE = frozenset((ChangeKind.DEPLOY, ChangeKind.AMI))


@dataclass(frozen=True, kw_only=True)
class Ours:
    """What is known of our own doings: names we go by, attempts, and what we put where and when."""

    names: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    """Incident and attempt ids: session names, tags and messages carry them."""
    done: tuple[tuple[str, str, datetime], ...] = ()
    """(service, what was put in place, when it was sent)."""

    def did(self, change: Change) -> bool:
        if change.actor and change.actor.lower() in self.names:
            return True
        said = " ".join((change.actor, change.message, change.after, *change.refs))
        if any(mentions(said, mark) for mark in self.marks):
            return True
        return any(
            service == change.service
            and timedelta() <= change.at - sent <= WITHIN
            and _same_names(_names(change), {target.lower()})
            for service, target, sent in self.done
        )


def merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Oldest first. The order in which the sources answered makes no difference.

    The same service and environment, the same commit, image or version, at most ten minutes
    apart. Two changes that one source tells apart are never the same one.
    """
    groups: dict[tuple[str, str], list[tuple[Change, ...]]] = {}
    for change in sorted(_once(changes), key=_order):
        groups.setdefault((change.environment, change.service), []).append((change,))
    found = [_whole(cluster) for held in groups.values() for cluster in _joined(held)]
    return tuple(sorted(found, key=_order))


def retold(known: Sequence[Change], found: Sequence[Change]) -> list[Change]:
    """What was told before and what is found now: one that comes back whole is the newer one.

    Of one that comes back in part, because not all were asked who saw it, nothing is told twice.
    """
    fresh = {each.id for each in found}
    held = [each for each in known if not set(each.ids) <= fresh]
    seen = {name for each in held for name in each.ids}
    return [*held, *(each for each in found if each.id not in seen)]


def _once(changes: Iterable[Change]) -> Iterable[Change]:
    """An id that comes twice is one change, with all that is said for it."""
    found: dict[str, Change] = {}
    for each in sorted(changes, key=lambda c: (c.id, repr(c))):
        known = found.get(each.id, each)
        found[each.id] = replace(each, notes=tuple(dict.fromkeys((*known.notes, *each.notes))))
    return found.values()


def _order(change: Change) -> tuple[datetime, str, str]:
    return change.at, change.source, change.id


def _joined(clusters: list[tuple[Change, ...]]) -> list[tuple[Change, ...]]:
    """The nearest pair first, until no two are the same."""
    while True:
        pairs = [
            (_apart(one, other), one, other)
            for one, other in combinations(clusters, 2)
            if _same(one, other)
        ]
        if not pairs:
            return clusters
        _gap, one, other = min(pairs, key=lambda p: (p[0], _order(p[1][0]), _order(p[2][0])))
        rest = [each for each in clusters if each is not one and each is not other]
        clusters = sorted([*rest, (*one, *other)], key=lambda each: _order(each[0]))


def _apart(one: Sequence[Change], other: Sequence[Change]) -> timedelta:
    return min(abs(a.at - b.at) for a in one for b in other)


def _same(one: Sequence[Change], other: Sequence[Change]) -> bool:
    seen = {source for each in one for source in each.sources}
    if seen & {source for each in other for source in each.sources}:
        return False
    return all(
        _alike(a.kind, b.kind) and abs(a.at - b.at) <= WITHIN for a in one for b in other
    ) and any(_named_alike(a, b) for a in one for b in other)


def _alike(one: ChangeKind, other: ChangeKind) -> bool:
    return one is other or {one, other} <= _PUT_IN_PLACE


def _named_alike(one: Change, other: Change) -> bool:
    ours, theirs = _names(one), _names(other)
    if _same_names(ours, theirs):
        return True
    return any(mentions(other.message, name) for name in ours) or any(
        mentions(one.message, name) for name in theirs
    )


def _names(change: Change) -> frozenset[str]:
    """What was put in place, by all its names. One without a digit (`main`) names nothing."""
    found = {name.strip().lower() for name in (change.after, *change.refs)}
    found |= {name.rpartition("/")[2].rpartition(":")[2] for name in found if ":" in name}
    return frozenset(n for n in found if len(n) > 1 and any(c.isdigit() for c in n))


def _same_names(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    return any(_same_name(a, b) for a in ours for b in theirs)


def _same_name(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return bool(_SHA.fullmatch(short) and _SHA.fullmatch(long) and long.startswith(short))


def _whole(cluster: Sequence[Change]) -> Change:
    """The one that can be taken back speaks for all; the others fill in what it does not know."""
    first, *others = sorted(cluster, key=lambda c: (not c.reversible_by, -len(c.refs), _order(c)))
    if not others:
        return first
    said = replace(
        first,
        at=min(each.at for each in cluster),
        ended=max((each.ended for each in cluster if each.ended), default=None),
        also=_others(first.sources, (s for each in others for s in each.sources), first.also),
        known_as=_others(first.ids, (i for each in others for i in each.ids), first.known_as),
        refs=tuple(dict.fromkeys(ref for each in (first, *others) for ref in each.refs)),
        notes=tuple(dict.fromkeys(note for each in (first, *others) for note in each.notes)),
        size=max(each.size for each in cluster),
        status=_status([each.status for each in (first, *others)]),
    )
    for each in others:
        said = _filled(said, each)
    return said


def _others(held: Sequence[str], more: Iterable[str], already: Sequence[str]) -> tuple[str, ...]:
    fresh = (each for each in more if each not in held)
    return tuple(dict.fromkeys((*already, *fresh)))


def _status(said: Sequence[ChangeStatus]) -> ChangeStatus:
    """The worst that any of them saw; over, where one saw the end."""
    worst = (ChangeStatus.DEGRADED, ChangeStatus.FAILED, ChangeStatus.DONE, ChangeStatus.RUNNING)
    return next((each for each in worst if each in said), ChangeStatus.UNKNOWN)


def _filled(said: Change, other: Change) -> Change:
    empty = ("before", "after", "author", "actor", "message", "address", "diff", "team")
    known = {n: getattr(other, n) for n in empty if not getattr(said, n)}
    if not said.reversible_by:
        known |= {"reversible_by": other.reversible_by, "target": other.target}
    return replace(said, **known)
