"""The forms for any change to production: what could be done where, then to what exactly."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from bot.domain.incident import Incident
from bot.domain.mitigation import Offer
from bot.flow.remedies import Remedy
from bot.slack.actions import Act, carried
from bot.slack.blocks import (
    Block,
    View,
    actions,
    answer,
    clip,
    context,
    escape,
    option,
    press,
    section,
    write,
)
from bot.slack.cards.inputs import radio

_PLACES = 12
_OFFERED = 10
_VALUE = 150


def token(offer: Offer) -> str:
    """What a form brings back for an offer: its target, or a digest where that is too long."""
    if len(offer.target) <= _VALUE:
        return offer.target
    return f"#{hashlib.sha256(offer.target.encode()).hexdigest()[:40]}"


def remedies(incident: Incident, found: Sequence[Remedy]) -> View:
    """Grouped by where; nothing happens by pressing, each leads to its own plan."""
    places = dict.fromkeys(remedy.deployment.service for remedy in found)
    blocks: list[Block] = []
    for place in list(places)[:_PLACES]:
        here = [r for r in found if r.deployment.service == place]
        blocks.append(section(f"*{escape(place)}*"))
        blocks.append(actions(*(_button(incident, remedy) for remedy in here)))
    if len(places) > _PLACES:
        blocks.append(context(f"and {len(places) - _PLACES} more places: name one by command"))
    if not found:
        blocks.append(
            section(
                "The catalog knows nothing here that could be changed. Do it by hand, then record"
                " it under *Record a fix made by hand…* and its effect is watched."
            )
        )
    return View(
        name=Act.REMEDIES,
        title="What would help?",
        carries=carried(incident.id),
        blocks=tuple(blocks),
    )


def _button(incident: Incident, remedy: Remedy) -> Block:
    about = f"{remedy.mitigation} {remedy.deployment.service}"
    return press(
        f"{remedy.label} {remedy.deployment.service}…",
        f"{Act.CHANGE_FORM}:{about.replace(' ', '-')}",
        carried(incident.id, about),
    )


def loading(incident: Incident, remedy: Remedy) -> View:
    about = f"*{escape(remedy.label)} {escape(remedy.deployment.service)}*"
    return View(
        name=Act.CHANGE_FORM,
        title=_title(remedy),
        carries=_carried(incident, remedy),
        blocks=(section(f"{about}: looking at how it stands…"),),
    )


def choice(incident: Incident, remedy: Remedy, offers: Sequence[Offer]) -> View:
    """The suggestion is first and chosen; what speaks against one says so."""
    return View(
        name=Act.CHANGE_FORM,
        title=_title(remedy),
        submit="Propose it",
        carries=_carried(incident, remedy),
        blocks=tuple(_choice(incident, remedy, offers)),
    )


def _carried(incident: Incident, remedy: Remedy) -> str:
    return carried(incident.id, f"{remedy.mitigation} {remedy.deployment.service}")


def _choice(incident: Incident, remedy: Remedy, offers: Sequence[Offer]) -> Iterable[Block]:
    where = f"{remedy.deployment.service} in {incident.environment}"
    shown = list(offers)[:_OFFERED]
    if shown:
        yield answer(
            f"{remedy.label} {where}",
            radio("target", [_option(o) for o in shown], value=_chosen(shown)),
            optional=bool(remedy.free),
            hint="Nothing happens yet: the exact plan with its risk is put up for approval.",
        )
    for offer in shown:
        if offer.warning:
            yield context(f"⚠️ *{escape(offer.label)}*: {escape(clip(offer.warning, 200))}")
    if remedy.free:
        label = f"Or: {remedy.free}" if shown else f"{remedy.label} {where}: {remedy.free}"
        yield answer(label, write("typed", lines=True, limit=1000), optional=bool(shown))
    if not shown and not remedy.free:
        yield section(f"Nothing is left to choose for {escape(where)}.")


def _title(remedy: Remedy) -> str:
    """It ends before the place, which stands below."""
    return clip(remedy.label.removesuffix(" of").removesuffix(" for"), 24)


def _chosen(shown: Sequence[Offer]) -> str:
    """The suggestion, or the only one there is: of others nobody is put forward by chance."""
    meant = [each for each in shown if each.suggested] or shown
    return token(meant[0]) if len(meant) == 1 or meant[0].suggested else ""


def _option(offer: Offer) -> Block:
    marks = [word for word, on in (("suggested", offer.suggested), ("⚠️", offer.warning)) if on]
    return option(" · ".join([offer.label, *marks]), token(offer), clip(offer.message, 75))
