"""Several applications put back one after the other: of one service in several clusters, of one image."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.catalog import Deployment, Driver, Kind
from bot.domain.errors import Refused, VendorError
from bot.domain.mitigation import Offer, Plan
from bot.tools import Tools

TOGETHER = "together:"
_KINDS = tuple(Kind)

Planning = Callable[[Deployment, str], Plan]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a target means: `mark` is what stands before the revision and names the applications."""

    mark: str
    revision: str
    places: tuple[Deployment, ...]


def asked(tools: Tools, deployment: Deployment, target: str) -> Asked:
    """`together:<revision>` takes what shares its image along, `<app>:<revision>` one application.

    A revision alone is for every cluster that the service runs in.
    """
    mark, colon, revision = target.strip().partition(":")
    if f"{mark}:" == TOGETHER:
        others = [place for each in sharing(tools, deployment) for place in each.everywhere]
        places = (*deployment.everywhere, *others)
        return Asked(mark=TOGETHER, revision=revision.strip(), places=places)
    for place in deployment.everywhere if colon and deployment.more else ():
        if place.app == mark:
            return Asked(mark=f"{mark}:", revision=revision.strip(), places=(place,))
    return Asked(mark="", revision=target.strip(), places=deployment.everywhere)


def alone(place: Deployment) -> str:
    """The mark that means this application and no other."""
    return f"{place.app}:" if place.more else ""


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


def offered(tools: Tools, deployment: Deployment, found: list[Offer]) -> list[Offer]:
    """With the suggested revision for all that share the image first, and for one cluster last."""
    best = next((each for each in found if each.suggested), None)
    if best is None:
        return found
    return [*_with_others(tools, deployment, found, best), *_one_by_one(tools, deployment, best)]


def _one_by_one(tools: Tools, deployment: Deployment, best: Offer) -> Iterator[Offer]:
    for place in deployment.everywhere if deployment.more else ():
        match = best if place.app == deployment.app else None
        match = match or _same(_choices(tools, place), best.label, best.target)
        if match is not None:
            yield replace(
                match,
                target=f"{alone(place)}{match.target}",
                title=f"Roll {place.service} back to {match.label} in {place.app} alone",
                label=f"{place.app}:{match.label}",
                suggested=False,
            )


def _with_others(
    tools: Tools, deployment: Deployment, found: list[Offer], best: Offer
) -> list[Offer]:
    with_it = sharing(tools, deployment)
    can = [place for place in with_it if _same(_choices(tools, place), best.label, best.target)]
    if not can:
        return found
    names = _listed([deployment.service, *(place.service for place in can)])
    together = replace(
        best,
        target=f"{TOGETHER}{best.target}",
        title=f"Roll {names} back to {best.label}, one after the other",
        label=f"{best.label}, with {_listed([place.service for place in can])}",
    )
    return [together, *(replace(each, suggested=False) for each in found)]


def in_a_row(
    tools: Tools, head: Plan, label: str, rest: Sequence[Deployment], planning: Planning
) -> Plan:
    """`head` with the others behind it; one that cannot go back is left out, and that is said."""
    then: dict[str, Plan] = {}
    left = []
    for place in rest:
        name = place.app if place.service == head.service else place.service
        match = _same(_choices(tools, place), label, head.target)
        try:
            then[name] = planning(place, match.target if match else label)
        except (Refused, VendorError) as failed:
            left.append(f"{name} is left as it is: {failed}")
    made = replace(head, cautions=(*head.cautions, *left))
    return _together(made, then) if then else made


def _together(head: Plan, then: Mapping[str, Plan]) -> Plan:
    count = len(then) + 1
    said = [f"{name}: {each.live_label} → {each.target_label}" for name, each in then.items()]
    begun = "when that is through and users are no worse, "
    return replace(
        head,
        title=_title(head, then.values()),
        steps=(*head.steps, f"{begun}{said[0]}", *(f"then {each}" for each in said[1:])),
        then=tuple(
            replace(each, title=f"{_named(each, name)} ({number} of {count})")
            for number, (name, each) in enumerate(then.items(), 2)
        ),
    )


def _named(plan: Plan, name: str) -> str:
    return plan.title if name == plan.service else f"{plan.title} in {name}"


def _title(head: Plan, then: Iterable[Plan]) -> str:
    plans = [head, *then]
    names = list(dict.fromkeys(each.service for each in plans))
    where = "" if len(names) > 1 else f" in {len(plans)} clusters"
    doing = f"roll {_listed(names)} back to {head.target_label}{where}, one after the other"
    stop, found, _ = head.title.partition(", then roll ")
    return f"{stop}, then {doing}" if found else f"{doing[0].upper()}{doing[1:]}"


def _choices(tools: Tools, place: Deployment) -> list[Offer]:
    try:
        return tools.deployer(place).offers(place, before=None)
    except (Refused, VendorError):
        return []


def _same(choices: Sequence[Offer], label: str, target: str) -> Offer | None:
    """By its name, since each application counts its own revisions; else by the commit."""
    by_label = next((each for each in choices if each.label == label), None)
    return by_label or next((each for each in choices if each.target == target), None)


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
