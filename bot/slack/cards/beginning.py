"""What is told and asked while an incident begins: the duties of a role, and which service it is."""

from __future__ import annotations

from bot.domain import events as e
from bot.domain.incident import Incident
from bot.slack.actions import Act, carried
from bot.slack.blocks import Message, actions, context, press, section
from bot.slack.cards.notices import grade

ROLE_DUTIES = {
    e.Role.COMMANDER: (
        "You decide and delegate; you do not fix.",
        "Say out loud what happens next and who does it.",
        "Ask “any strong objections?” and go on.",
        "Name the time of the next checkpoint.",
        "Hand over rather than start debugging.",
    ),
    e.Role.COMMS: (
        "You tell everybody else, inside and out.",
        "Impact first, then what is being done; no guesses at a cause.",
        "Every update says when the next one comes.",
        "The status page: More… → Post to the status page.",
    ),
    e.Role.SCRIBE: (
        "You keep the record; most of it writes itself.",
        "📌 puts a message on the timeline.",
        "Write down decisions and why: `/incident decide …`.",
    ),
    e.Role.DEPUTY: (
        "You watch the clock and the severity for the commander.",
        "Be ready to take over at any moment.",
    ),
    e.Role.EXPERT: (
        "Report condition, actions, needs.",
        "Change something only when it was agreed; say a time.",
        "“I don't know” is a good answer.",
    ),
}


def role_duties(role: e.Role, incident: Incident) -> Message:
    """At most six lines, to the person alone."""
    lines = [f"You are {role.label.lower()} of <#{incident.channel}>.", *ROLE_DUTIES[role]]
    return Message(
        text=f"{grade(incident)}: you are {role.label.lower()}",
        blocks=(section("\n".join(lines[:6])),),
    )


def which_service(incident: Incident) -> Message:
    """The three nearest as buttons; every other one is one tap further."""
    buttons = [
        press(
            f"It is {name}",
            f"{Act.NAME_SERVICE}:{name}",
            carried(incident.id, f"{name} {incident.environment}"),
        )
        for name in incident.nearest[:3]
    ]
    text = "*Which service is it?* No mapping rule knows this page; these are the nearest."
    other = context(
        "Another one: choose it on the pinned card. A rule in catalog/paging.yaml saves this step."
    )
    return Message(
        text=f"{grade(incident)}: which service is it?",
        blocks=(section(text), actions(*buttons), other) if buttons else (section(text),),
    )
