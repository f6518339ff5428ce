"""Proposing a rollback: from the form that reads the revisions, or by naming one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.errors import Refused
from bot.domain.incident import Incident
from bot.domain.mitigation import Offer
from bot.flow import mitigate
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import changing, menu
from bot.slack.cards.remedies import token
from bot.slack.handling import Ask, Reply, command, form, opens
from bot.tools import Tools


@command(
    "rollback", usage="rollback [service] [revision]", explains="proposes to go back to a revision"
)
def rollback(tools: Tools, ask: Ask) -> Reply | None:
    incident = ask.here()
    if not ask.text:
        text = "Roll back to which revision?"
        blocks = menu.offer(text, "Choose the revision…", Act.ROLLBACK_FORM, incident)
        return Reply(text=text, blocks=blocks)
    service, wanted = _named(tools, ask.text)
    target = wanted
    if wanted and not mitigate.one_place(tools, incident, wanted, service=service):
        target = _target(mitigate.offers(tools, incident, service=service), wanted)
    mitigate.propose(tools, incident, target, by=ask.person, service=service)
    return None


@opens(Act.ROLLBACK_FORM, "rollback", act="rollback")
def rollback_form(tools: Tools, ask: Ask) -> View:
    """Opens at once; Argo CD is read behind it."""
    incident = tools.timeline.read(ask.here())
    service = ask.value or incident.service
    if not service:
        raise Refused("No service is named yet: More… → Name the service.")
    loading = changing.loading(incident, service)

    def fill() -> View:
        found = mitigate.offers(tools, incident.id, service=service)
        others = _suspects(tools, incident)
        now = tools.clock.now()
        return changing.rollback(incident, service, found, others=others, now=now)

    return View(**{**vars(loading), "fill": fill})


@form(Act.ROLLBACK_FORM, act="rollback")
def proposed(tools: Tools, ask: Ask) -> None:
    incident, target = ask.here(), ask.one("target")
    if target.startswith("#"):
        target = _target(mitigate.offers(tools, incident, service=ask.value), target)
    mitigate.propose(tools, incident, target, by=ask.person, service=ask.value)


def _named(tools: Tools, text: str) -> tuple[str, str]:
    """The service where the first word is one, and the revision."""
    first, _, rest = text.partition(" ")
    known = tools.catalog.service(first)
    return (known.name, rest.strip()) if known else ("", text.strip())


def _target(offers: Sequence[Offer], wanted: str) -> str:
    for offer in offers:
        if wanted in {offer.label, offer.target, token(offer)}:
            return offer.target
    names = ", ".join(offer.label for offer in offers[:8]) or "none"
    raise Refused(f"There is no revision “{wanted}” to go back to. There are: {names}.")


def _suspects(tools: Tools, incident: Incident) -> tuple[str, ...]:
    """The service itself, and what it stands on that changed before the trouble began."""
    services = [incident.service, *(s.change.service for s in incident.suspects)]
    deployed = (s for s in services if tools.catalog.deployment(s, incident.environment))
    return tuple(dict.fromkeys(deployed))
