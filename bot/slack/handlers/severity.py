"""How bad it is: raised with one tap, lowered with a reason."""

from __future__ import annotations

from bot.domain.errors import Refused
from bot.domain.severity import Severity
from bot.flow import staff
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import menu, staffing
from bot.slack.handling import Ask, Reply, button, command, form, opens
from bot.tools import Tools


@command(
    "severity", usage="severity <1-4> [why]", explains="sets it; lowering it needs the reason"
)
@command("sev", usage="", explains="", act="severity")
def set_severity(tools: Tools, ask: Ask) -> Reply | None:
    if not ask.text:
        text = "Which severity, 1 to 4?"
        blocks = menu.offer(text, "Change the severity…", Act.SEVERITY_FORM, ask.here())
        return Reply(text=text, blocks=blocks)
    first, _, reason = ask.text.partition(" ")
    staff.set_severity(tools, ask.here(), _parsed(first), by=ask.person, reason=reason)
    return None


@opens(Act.SEVERITY, act="severity")
def lowered(tools: Tools, ask: Ask) -> View | None:
    """Raising needs no form: it is answered like any press. Bare, it is the command's form."""
    incident = tools.timeline.read(ask.here())
    if not ask.value:
        return staffing.severity(incident)
    wanted = _parsed(ask.value)
    if incident.severity is None or wanted.rank <= incident.severity.rank:
        return None
    return staffing.severity(incident, wanted=wanted)


@button(Act.SEVERITY, act="severity")
def raised(tools: Tools, ask: Ask) -> None:
    staff.set_severity(tools, ask.here(), _parsed(ask.value), by=ask.person)


@opens(Act.SEVERITY_FORM, "sev", act="severity")
def severity_form(tools: Tools, ask: Ask) -> View:
    return staffing.severity(tools.timeline.read(ask.here()))


@form(Act.SEVERITY_FORM, act="severity")
def chosen(tools: Tools, ask: Ask) -> None:
    wanted = _parsed(ask.one("severity"))
    staff.set_severity(tools, ask.here(), wanted, by=ask.person, reason=ask.one("reason"))


def _parsed(text: str) -> Severity:
    found = Severity.parse(text)
    if found is None:
        raise Refused("A severity is 1, 2, 3 or 4, where 1 is the worst.")
    return found
