"""Several places put back one after the other: of one service in several clusters, of one image."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.catalog import Deployment, Driver, Kind
from bot.domain.errors import Refused, VendorError
from bot.domain.mitigation import Offer, Plan
from bot.mitigations.row import listed, one_after_the_other
from bot.tools import Tools

TOGETHER = "together:"
_KINDS = tuple(Kind)
_NUMBER = re.compile(r" \(revision \d+\)$")
"""What Helm and Kubernetes put behind a name that several revisions have."""

Planning = Callable[[Deployment, str], Plan]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a target means: `mark` is what stands before the revision and names the places."""

    mark: str
    revision: str
    places: tuple[Deployment, ...]


def asked(tools: Tools, deployment: Deployment, target: str) -> Asked:
    """`together:<revision>` takes what shares its image along, `eu:<revision>` is for one place.

    A revision alone is for every cluster that the service runs in.
    """
    mark, _colon, revision = target.strip().partition(":")
    if f"{mark}:" == TOGETHER:
        others = [place for each in sharing(tools, deployment) for place in each.everywhere]
        places = (*deployment.everywhere, *others)
        return Asked(mark=TOGETHER, revision=revision.strip(), places=places)
    place, revision = deployment.named(target)
    if place is not None:
        return Asked(mark=alone(place), revision=revision.strip(), places=(place,))
    return Asked(mark="", revision=revision.strip(), places=deployment.everywhere)


def alone(place: Deployment) -> str:
    """The mark that means this application or cluster and no other."""
    return f"{place.called}:" if place.more else ""


def sharing(tools: Tools, deployment: Deployment) -> list[Deployment]:
    """What else runs its image from an application of its own: services, then workers, then jobs."""
    if not deployment.image or deployment.driver is Driver.MANAGED:
        return []
    services = sorted(
        tools.catalog.services, key=lambda each: (_KINDS.index(each.kind), each.tier, each.name)
    )
    places = [tools.catalog.deployment(each.name, deployment.environment) for each in services]
    seen = {_application(place) for place in deployment.everywhere}
    found = []
    for place in places:
        if place is None or place.image != deployment.image or _application(place) in seen:
            continue
        seen.add(_application(place))
        found.append(place)
    return found


def _application(place: Deployment) -> tuple[Driver, str, str, str]:
    return place.driver, place.app_namespace, place.app, place.app or place.service


def offered(
    tools: Tools, deployment: Deployment, found: list[Offer], before: datetime | None
) -> list[Offer]:
    """With the suggested revision for all that share the image first, and for one cluster last."""
    best = next((each for each in found if each.suggested), None)
    first = _with_others(tools, deployment, found, best) if best else found
    return [*first, *_one_by_one(tools, deployment, best, before)]


def _one_by_one(
    tools: Tools, deployment: Deployment, best: Offer | None, before: datetime | None
) -> Iterator[Offer]:
    """To what is suggested for all, and to what is suggested there."""
    for place in deployment.everywhere if deployment.more else ():
        there: list[Offer | None] = [best]
        if place != deployment:
            choices = _choices(tools, place, before)
            match = _same(choices, place.driver, best.label, best.target) if best else None
            own = next((each for each in choices if each.suggested), None)
            there = [match, own if own != match else None]
        for each in filter(None, there):
            yield replace(
                each,
                target=f"{alone(place)}{each.target}",
                title=f"{each.title} in {place.called} alone",
                label=f"{place.called}:{each.label}",
                suggested=False,
            )


def _with_others(
    tools: Tools, deployment: Deployment, found: list[Offer], best: Offer
) -> list[Offer]:
    with_it = sharing(tools, deployment)
    can = [
        place
        for place in with_it
        if _same(_choices(tools, place), place.driver, best.label, best.target)
    ]
    if not can:
        return found
    names = listed([deployment.service, *(place.service for place in can)])
    together = replace(
        best,
        target=f"{TOGETHER}{best.target}",
        title=f"Roll {names} back to {best.label}, one after the other",
        label=f"{best.label}, with {listed([place.service for place in can])}",
    )
    return [together, *(replace(each, suggested=False) for each in found)]


def in_a_row(tools: Tools, head: Plan, rest: Sequence[Deployment], planning: Planning) -> Plan:
    """`head` with the others behind it, each to what is called there as it is called here."""

    def planned(place: Deployment) -> Plan:
        match = _same(_choices(tools, place), place.driver, head.target_label, head.target)
        if match is not None:
            return planning(place, match.target)
        wanted = _plain(head.target_label)
        made = planning(place, wanted)
        if _plain(made.target_label) != wanted:
            # A number means another revision in each cluster.
            raise Refused(f"it remembers no {wanted} of {place.service}")
        return made

    return one_after_the_other(
        tools, head, rest, planned, lambda names: f"roll {names} back to {head.target_label}"
    )


def _choices(tools: Tools, place: Deployment, before: datetime | None = None) -> list[Offer]:
    try:
        return tools.deployer(place).offers(place, before=before)
    except (Refused, VendorError):
        return []


def _same(choices: Sequence[Offer], driver: Driver, label: str, target: str) -> Offer | None:
    """By its name, since each place counts its own revisions; else by the commit, or the template.

    None where several have that name: then a person has to say which.
    """
    wanted = _plain(label)
    by_label = [each for each in choices if _plain(each.label) == wanted]
    by_target = [each for each in choices if each.target == target]
    match driver:
        case Driver.HELM:
            # Its target is the number of a revision, which says nothing elsewhere.
            found = by_label if len(by_label) == 1 else []
        case Driver.KUBERNETES:
            # Its target has a hash of the pod template in its name.
            found = by_target or (by_label if len(by_label) == 1 else [])
        case _:
            found = [*by_label, *by_target]
    return found[0] if found else None


def _plain(label: str) -> str:
    return _NUMBER.sub("", label)
