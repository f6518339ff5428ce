"""Agreeing to a change or not, undoing it, and settling one that got stuck."""

from __future__ import annotations

from collections.abc import Mapping

from bot.flow import carry_out, mitigate
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import changing
from bot.slack.handling import Ask, button, form, opens
from bot.tools import Tools


@button(Act.APPROVE)
def approve(tools: Tools, ask: Ask) -> None:
    """The button holds the beginning of the plan's digest: what was on the card is what counts."""
    incident = ask.here()
    mitigation, _, prefix = ask.value.partition(" ")
    digest = tools.timeline.read(incident).mitigation(mitigation).plan.digest
    seen = digest if prefix and digest.startswith(prefix) else prefix
    mitigate.approve(tools, incident, mitigation, by=ask.person, digest=seen)


@opens(Act.DECLINE_FORM, act="approve")
def decline_form(tools: Tools, ask: Ask) -> View:
    incident = tools.timeline.read(ask.here())
    return changing.decline(incident, incident.mitigation(ask.value))


@form(Act.DECLINE_FORM, act="approve")
def declined(tools: Tools, ask: Ask) -> None:
    mitigate.decline(tools, ask.here(), ask.value, by=ask.person, why=ask.one("why"))


@opens(Act.BREAK_GLASS_FORM, act="approve")
def break_glass_form(tools: Tools, ask: Ask) -> View:
    """Who could approve is asked where it is kept, so the form opens first."""
    incident = tools.timeline.read(ask.here())
    held = incident.mitigation(ask.value)

    def fill() -> View:
        could = mitigate.who_could_approve(tools, incident, held)
        return changing.break_glass(incident, held, could, now=tools.clock.now())

    return View(**{**vars(changing.asking_who(incident, held)), "fill": fill})


def check(carried: str, fields: Mapping[str, str | tuple[str, ...]]) -> Mapping[str, str]:
    """Said beside the field, so that the reason that was typed is not lost with the form."""
    service = carried.partition(" ")[2]
    typed = str(fields.get("typed", "")).strip().lower()
    if service and typed != service.lower():
        return {"typed": f"Type the service's name, {service}, to go alone."}
    return {}


@form(Act.BREAK_GLASS_FORM, act="approve", check=check)
def broken(tools: Tools, ask: Ask) -> None:
    mitigation, _, _service = ask.value.partition(" ")
    mitigate.break_glass(
        tools,
        ask.here(),
        mitigation,
        by=ask.person,
        typed=ask.one("typed"),
        reason=ask.one("reason"),
    )


@button(Act.PAGE_SECOND, act="approve")
def page_second(tools: Tools, ask: Ask) -> None:
    mitigation, _, user = ask.value.partition(" ")
    who = tools.directory.by_id(user) if user else None
    mitigate.page_second(tools, ask.here(), mitigation, who, by=ask.person)


@button(Act.UNDO, act="rollback")
def undo(tools: Tools, ask: Ask) -> None:
    mitigate.undo(tools, ask.here(), ask.value, by=ask.person)


@button(Act.STUCK_VERIFY, act="approve")
def it_worked(tools: Tools, ask: Ask) -> None:
    carry_out.it_worked(tools, ask.here(), ask.value, by=ask.person)


@button(Act.STUCK_LEAVE, act="approve")
def leave(tools: Tools, ask: Ask) -> None:
    carry_out.leave(tools, ask.here(), ask.value, by=ask.person)
