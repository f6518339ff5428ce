"""One plan with a step for each place: the first, and when that is through the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, VendorError
from bot.domain.mitigation import Plan
from bot.tools import Tools


def place_in(deployment: Deployment, plan: Plan) -> Deployment:
    """Where this plan acts: held in the plan itself, whatever the catalog has come to say since."""
    return replace(deployment, site=plan.cluster) if plan.cluster else deployment


def elsewhere(deployment: Deployment) -> tuple[str, ...]:
    """What runs the same in other clusters and is not touched, as cautions."""
    here, *others = (each.called for each in deployment.everywhere)
    return tuple(f"{each} is left as it is: this acts in {here} alone" for each in others)


@dataclass(frozen=True, kw_only=True)
class _Step:
    name: str
    where: str
    plan: Plan


def one_after_the_other(
    tools: Tools,
    head: Plan,
    rest: Sequence[Deployment],
    planned: Callable[[Deployment], Plan],
    doing: Callable[[str], str],
) -> Plan:
    """`doing`: what is done, of the names of the services. A place that cannot go is left out by name.

    One that could not be looked at makes it risky: nobody knows what runs there.
    """
    if not rest:
        return head
    then, left, unseen = list[_Step](), list[str](), list[str]()
    for place in rest:
        name = _name(head, place)
        try:
            if place.site and place.where not in tools.clusters:
                unseen.append(f"{name} is left as it is: {place.where} is not configured")
                continue
            where = place.called if place.more else ""
            then.append(_Step(name=name, where=where, plan=planned(place)))
        except VendorError as failed:
            unseen.append(f"{name} was not looked at and is left as it is: {failed}")
        except Refused as refused:
            left.append(f"{name} is left as it is: {refused}")
    made = replace(
        head,
        cautions=(*head.cautions, *left),
        risk_reasons=(*head.risk_reasons, *unseen),
    )
    if not then:
        same = all(place.service == head.service for place in rest)
        return (
            replace(made, title=f"{made.title} in {_of(1, 1 + len(rest))} clusters")
            if same
            else made
        )
    return _together(made, then, 1 + len(rest), doing)


def _name(head: Plan, place: Deployment) -> str:
    if place.service == head.service:
        return place.called
    return f"{place.service} in {place.called}" if place.more else place.service


def _together(head: Plan, then: Sequence[_Step], of: int, doing: Callable[[str], str]) -> Plan:
    count = len(then) + 1
    said = [f"{each.name}: {each.plan.live_label} → {each.plan.target_label}" for each in then]
    begun = "when that is through and users are no worse, "
    names = list(dict.fromkeys((head.service, *(each.plan.service for each in then))))
    where = "" if len(names) > 1 else f" in {_of(count, of)} clusters"
    return replace(
        head,
        title=_title(head.title, f"{doing(listed(names))}{where}, one after the other"),
        steps=(*head.steps, f"{begun}{said[0]}", *(f"then {each}" for each in said[1:])),
        then=tuple(
            replace(each.plan, title=f"{_titled(each)} ({number} of {count})")
            for number, each in enumerate(then, 2)
        ),
    )


def _of(count: int, every: int) -> str:
    return str(count) if count == every else f"{count} of {every}"


def _titled(step: _Step) -> str:
    return f"{step.plan.title} in {step.where}" if step.where else step.plan.title


def _title(first: str, doing: str) -> str:
    """What has to be ended first stays before it."""
    stop, found, _ = first.partition(", then ")
    return f"{stop}, then {doing}" if found else f"{doing[0].upper()}{doing[1:]}"


def listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
