"""Proposing any change to production: from the list of what would help, or by naming it."""

from __future__ import annotations

from bot.domain.errors import Refused
from bot.domain.incident import Incident
from bot.flow import mitigate
from bot.flow.remedies import Remedy, remedies
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import menu
from bot.slack.cards import remedies as cards
from bot.slack.handling import Ask, Reply, command, form, opens
from bot.tools import Tools


@command(
    "remedy",
    usage="remedy [what] [service] [to what]",
    explains="proposes a change: restart, scale, shift traffic and more",
    act="rollback",
)
def remedy(tools: Tools, ask: Ask) -> Reply | None:
    incident = tools.timeline.read(ask.here())
    if not ask.text:
        text = "What would help?"
        return Reply(text=text, blocks=menu.offer(text, "Choose…", Act.REMEDIES, incident.id))
    meant, target = _meant(tools, incident, ask.text)
    _propose(tools, ask, meant, target)
    return None


@opens(Act.REMEDIES, "remedy", act="rollback")
def remedies_form(tools: Tools, ask: Ask) -> View | None:
    """From the catalog alone: nobody is asked before something is chosen."""
    if ask.text:
        return None
    incident = tools.timeline.read(ask.here())
    return cards.remedies(incident, remedies(tools, incident))


@opens(Act.CHANGE_FORM, act="rollback")
def change_form(tools: Tools, ask: Ask) -> View:
    """Opens at once; the world is looked at behind it."""
    incident = tools.timeline.read(ask.here())
    remedy = _carried(tools, incident, ask.value)

    def fill() -> View:
        found = mitigate.offers(
            tools,
            incident.id,
            service=remedy.deployment.service,
            mitigation=remedy.mitigation,
        )
        return cards.choice(incident, remedy, found)

    return View(**{**vars(cards.loading(incident, remedy)), "fill": fill})


@form(Act.CHANGE_FORM, act="rollback")
def proposed(tools: Tools, ask: Ask) -> None:
    incident = tools.timeline.read(ask.here())
    remedy = _carried(tools, incident, ask.value)
    target = ask.one("typed").strip() or ask.one("target")
    _propose(tools, ask, remedy, target)


def _propose(tools: Tools, ask: Ask, remedy: Remedy, target: str) -> None:
    service = remedy.deployment.service
    if target.startswith("#"):
        target = _unfolded(tools, ask, remedy, target)
    mitigate.propose(
        tools,
        ask.here(),
        target,
        by=ask.person,
        service=service,
        mitigation=remedy.mitigation,
    )


def _unfolded(tools: Tools, ask: Ask, remedy: Remedy, token: str) -> str:
    """The offer behind a digest, looked up again: a form's answers are short."""
    found = mitigate.offers(
        tools, ask.here(), service=remedy.deployment.service, mitigation=remedy.mitigation
    )
    offer = next((each for each in found if cards.token(each) == token), None)
    if offer is None:
        raise Refused("That choice is not there any more: open the form again.")
    return offer.target


def _carried(tools: Tools, incident: Incident, value: str) -> Remedy:
    mitigation, _, service = value.partition(" ")
    for remedy in remedies(tools, incident):
        if (remedy.mitigation, remedy.deployment.service) == (mitigation, service):
            return remedy
    raise Refused(f"“{mitigation}” is not possible for {service or 'it'} any more.")


def _meant(tools: Tools, incident: Incident, text: str) -> tuple[Remedy, str]:
    """`restart lms`, `scale lms-worker 12`, `shift-traffic discovery 90/10`."""
    what, _, rest = text.partition(" ")
    name = what.lower().replace("-", "_")
    here = [r for r in remedies(tools, incident) if r.mitigation == name]
    if not here:
        known = sorted({r.mitigation.replace("_", "-") for r in remedies(tools, incident)})
        raise Refused(f"“{what}” is not possible here. There is: {', '.join(known) or 'nothing'}.")
    first, _, target = rest.partition(" ")
    known_as = tools.catalog.service(first)
    named = known_as.name if known_as else first
    for remedy in here:
        if remedy.deployment.service == named:
            return remedy, target.strip()
    if first and len(here) > 1 and tools.catalog.resource(first):
        raise Refused(f"{here[0].label} is not possible for {first}.")
    return here[0], rest.strip()
