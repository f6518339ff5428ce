"""Asks whether the images that a rollback needs still exist, before anybody approves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.domain.errors import VendorError
from bot.domain.image import Image, image
from bot.domain.mitigation import Offer, Plan
from bot.roles import Registry
from bot.tools import Failed, Tools, TooSlow

DEADLINE = timedelta(seconds=3)
_LANES = 6
"""At most so many calls at once, so that a chart of many images does not crowd a registry."""

Found = Mapping[str, bool | str]
"""By the image's full name: whether it exists, or why that could not be asked."""


def with_images(tools: Tools, plan: Plan) -> Plan:
    """A plan that says so; what could not be asked changes nothing but its text."""
    if not plan.needs:
        return plan
    found = _asked(tools, plan.needs)
    gone = _missing(found)
    worries = tuple(f"{each}: the rollback would not start" for each in gone)
    return replace(
        plan, missing=gone, images=_told(found), risk_reasons=(*worries, *plan.risk_reasons)
    )


def passing_over(tools: Tools, offers: Sequence[Offer], before: datetime | None) -> list[Offer]:
    """Warns of what cannot start, and suggests the next older one that can."""
    found = _asked(tools, [each.image for each in offers if each.image])
    marked = [_warned(each, found) for each in offers]
    chosen = next((place for place, each in enumerate(marked) if each.suggested), None)
    if chosen is None or found.get(marked[chosen].image) is not False:
        return marked
    for place in range(chosen + 1, len(marked)):
        older = marked[place]
        if not older.warning and (before is None or _deployed(older, before)):
            marked[chosen] = replace(marked[chosen], suggested=False)
            marked[place] = replace(older, suggested=True)
            break
    return marked


def _deployed(offer: Offer, before: datetime) -> bool:
    return offer.deployed_at is not None and offer.deployed_at <= before


def _warned(offer: Offer, found: Found) -> Offer:
    if found.get(offer.image) is not False:
        return offer
    gone = f"{_gone(offer.image)}: it would not start"
    return replace(offer, warning="; ".join(filter(None, (offer.warning, gone))))


def _asked(tools: Tools, images: Iterable[str]) -> Found:
    """Side by side and only for as long as somebody who waits for a card would."""
    registry, wanted = tools.registry, tuple(dict.fromkeys(images))
    if registry is None:
        return dict.fromkeys(wanted, "no registry is connected")
    lanes = {str(n): wanted[n::_LANES] for n in range(min(_LANES, len(wanted)))}
    calls: dict[str, Callable[[], Found]] = {
        name: partial(_lane, registry, lane) for name, lane in lanes.items()
    }
    found: dict[str, bool | str] = {}
    for name, answer in tools.beside.together(calls, deadline=DEADLINE).items():
        match answer:
            case TooSlow():
                seconds = round(DEADLINE.total_seconds())
                found |= dict.fromkeys(lanes[name], f"no answer within {seconds} seconds")
            case Failed(why=why):
                found |= dict.fromkeys(lanes[name], why)
            case answered:
                found |= answered
    return {each: found[each] for each in wanted}


def _lane(registry: Registry, images: Iterable[str]) -> Found:
    return {each: _one(registry, each) for each in images}


def _one(registry: Registry, name: str) -> bool | str:
    known = image(name)
    if known is None:
        return "that is not the name of an image"
    try:
        return registry.exists(known)
    except VendorError as error:
        return f"{known.host}: {error.why}"


def _missing(found: Found) -> tuple[str, ...]:
    return tuple(_gone(each) for each, answer in found.items() if answer is False)


def _gone(name: str) -> str:
    known = image(name)
    return f"{known.label} is gone from {known.host}" if known else f"{name} is gone"


def _told(found: Found) -> str:
    """The worst first: what is gone, what nobody could ask, what is there."""
    said = []
    if gone := _missing(found):
        said.append(f"{', '.join(gone)}: the rollback would not start")
    unknown: dict[str, list[str]] = {}
    for name, answer in found.items():
        if isinstance(answer, str):
            unknown.setdefault(answer, []).append(_label(name))
    for why, labels in unknown.items():
        one = "exists" if len(labels) == 1 else "exist"
        said.append(f"whether {' and '.join(labels)} still {one} could not be asked: {why}")
    there = [known for each, answer in found.items() if answer is True and (known := image(each))]
    if there:
        said.append(_there(there, all_of_them=len(there) == len(found)))
    return "; ".join(said)


def _there(images: Sequence[Image], *, all_of_them: bool) -> str:
    hosts = " and ".join(dict.fromkeys(each.host for each in images))
    if len(images) == 1 or not all_of_them:
        names = " and ".join(each.label for each in images)
        return f"{names} {'exists' if len(images) == 1 else 'exist'} in {hosts}"
    return f"all {len(images)} images exist in {hosts}"


def _label(name: str) -> str:
    known = image(name)
    return known.label if known else name
