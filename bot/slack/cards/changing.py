"""The forms about a change to production: what to go back to, saying no, and going alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.domain.incident import Incident, MitigationState
from bot.domain.mitigation import Offer
from bot.domain.people import Person
from bot.flow.shown import lasting
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
from bot.slack.cards.remedies import token

_OFFERED = 10


def loading(incident: Incident, service: str) -> View:
    return View(
        name=Act.ROLLBACK_FORM,
        title="Roll back",
        carries=carried(incident.id, service),
        blocks=(section(f"Reading the revisions of *{escape(service or 'it')}* from Argo CD…"),),
    )


def rollback(
    incident: Incident,
    service: str,
    offers: Sequence[Offer],
    *,
    others: Sequence[str] = (),
    now: datetime,
) -> View:
    """The suggestion is first and chosen; what is known to be bad says so."""
    blocks = [
        *_other_services(incident, service, others),
        *_choice(incident, service, offers, now),
    ]
    return View(
        name=Act.ROLLBACK_FORM,
        title="Roll back",
        submit="Propose the rollback",
        carries=carried(incident.id, service),
        blocks=tuple(blocks),
    )


def _choice(
    incident: Incident, service: str, offers: Sequence[Offer], now: datetime
) -> Iterable[Block]:
    if not offers:
        yield section(
            f"No earlier, different revision of *{escape(service)}* is left in Argo CD's"
            " history: revert it in git, or roll forward."
        )
        return
    shown = list(offers)[:_OFFERED]
    first = next((o for o in shown if o.suggested), shown[0])
    yield answer(
        f"Roll {service} in {incident.environment} back to",
        radio("target", [_option(o, now) for o in shown], value=token(first)),
        hint="Nothing happens yet: the exact plan with its risk is put up for approval.",
    )
    for offer in shown:
        if offer.warning:
            yield context(f"⚠️ *{escape(offer.label)}*: {escape(clip(offer.warning, 200))}")
    if len(offers) > _OFFERED:
        yield context(f"and {len(offers) - _OFFERED} older ones: name one by command")


def _option(offer: Offer, now: datetime) -> Block:
    age = _ago(now - offer.deployed_at) if offer.deployed_at else "age not known"
    marks = [word for word, on in (("suggested", offer.suggested), ("⚠️", offer.warning)) if on]
    label = " · ".join([offer.label, age, offer.author or "author not known", *marks])
    image = offer.image.rsplit("/", 1)[-1]
    chart = f"chart {offer.chart}" if offer.chart else ""
    about = " · ".join(part for part in (offer.message, image, chart) if part)
    return option(label, token(offer), clip(about, 75))


def _ago(span: timedelta) -> str:
    return f"{span.days} days ago" if span >= timedelta(days=2) else f"{lasting(span)} ago"


def _other_services(incident: Incident, service: str, others: Sequence[str]) -> Iterable[Block]:
    """The suspects that it stands on may be what has to go back."""
    buttons = [
        press(
            f"Roll back {name} instead…",
            f"{Act.ROLLBACK_FORM}:{name}",
            carried(incident.id, name),
        )
        for name in others
        if name != service
    ]
    if buttons:
        yield actions(*buttons[:3])


def decline(incident: Incident, held: MitigationState) -> View:
    return View(
        name=Act.DECLINE_FORM,
        title="Decline the change",
        submit="Decline the change",
        carries=carried(incident.id, held.id),
        blocks=(
            section(
                f"*{escape(held.plan.title)}* stays undone; {escape(held.plan.live_label)} runs on."
            ),
            answer("Why?", write("why", lines=True, limit=500), optional=True),
        ),
    )


def asking_who(incident: Incident, held: MitigationState) -> View:
    return View(
        name=Act.BREAK_GLASS_FORM,
        title="Nobody answers",
        carries=carried(incident.id, held.id),
        blocks=(section("Looking up who else could approve this…"),),
    )


def break_glass(
    incident: Incident, held: MitigationState, could: Sequence[Person], *, now: datetime
) -> View:
    """First the way that needs no glass; then what going alone means."""
    blocks: list[Block] = [section(f"*{escape(held.plan.title)}* waits for another person.")]
    asked = [p for p in could if not any(p.same(a) for a in held.asked)]
    if asked:
        blocks.append(
            actions(
                *(
                    press(
                        f"Page {p.name}",
                        f"{Act.PAGE_SECOND}:{p.user_id}",
                        carried(incident.id, f"{held.id} {p.user_id}"),
                    )
                    for p in asked[:3]
                )
            )
        )
    else:
        said = ", ".join(p.mention for p in held.asked) or "nobody here could"
        blocks.append(section(f"Asked already: {said}."))
    blocks += _alone(held, now)
    return View(
        name=Act.BREAK_GLASS_FORM,
        title="Nobody answers",
        submit="Go alone",
        carries=carried(incident.id, f"{held.id} {held.plan.service}"),
        blocks=tuple(blocks),
    )


def _alone(held: MitigationState, now: datetime) -> Iterable[Block]:
    wait = held.quorum.break_glass_after
    if wait is None:
        yield section("Policy lets nobody do this alone: page a second person.")
        return
    opens = held.proposed_at + wait
    if now < opens:
        yield context(f"Others have until {opens:%H:%M} UTC to answer; then you may go alone.")
    yield section(
        "*Going alone (break-glass)* is announced in the channel and where everybody looks, and"
        " is reviewed afterwards."
    )
    yield answer(
        f"Type the name of the service: {held.plan.service}",
        write("typed", placeholder=held.plan.service, limit=100),
    )
    yield answer("Why can it not wait?", write("reason", lines=True, limit=500))
