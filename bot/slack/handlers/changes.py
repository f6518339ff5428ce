"""What changed before it began: asked anew, of the incident's own service or of another."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.errors import Refused
from bot.flow import changes
from bot.slack.actions import Act
from bot.slack.blocks import View, section
from bot.slack.cards.changed import shown
from bot.slack.handling import Ask, Reply, command, opens
from bot.tools import Tools

_WINDOW = re.compile(r"(\d{1,4})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_OUTSIDE = "production"
"""Where it is looked outside of any incident."""


@command(
    "changes",
    usage="changes [service] [6h]",
    explains="shows what changed before it began, the likeliest first",
)
def what_changed(tools: Tools, ask: Ask) -> Reply:
    service, back = _asked(tools, ask.text)
    if not ask.incident and service:
        looked = changes.look_at(tools, service, _OUTSIDE, back=back)
    else:
        looked = changes.look(tools, ask.here(), service=service, back=back)
    return Reply(
        text=f"What changed around {looked.service}", blocks=shown(looked, incident=ask.incident)
    )


@opens(Act.CHANGES)
def open_what_changed(tools: Tools, ask: Ask) -> View:
    """Opens at once; the sources are asked behind it, and nothing is recorded."""
    incident = ask.here()

    def fill() -> View:
        looked = changes.look(tools, incident, keep=False)
        return _view(shown(looked, incident=incident))

    made = _view((section("Asking what changed…"),))
    return View(**{**vars(made), "fill": fill})


def _view(blocks: tuple[dict[str, object], ...]) -> View:
    return View(name=Act.CHANGES, title="What changed", blocks=blocks)


def _asked(tools: Tools, text: str) -> tuple[str, timedelta | None]:
    """`[service] [window]`, in either order."""
    service, back = "", None
    for word in text.split():
        if window := _WINDOW.fullmatch(word.lower()):
            back = timedelta(**{_UNITS[window[2]]: int(window[1])})
        elif not service:
            known = tools.catalog.service(word)
            service = known.name if known else word
        else:
            raise Refused(f"“{text}” is not understood. Say `changes [service] [6h]`.")
    if back is not None and not back:
        raise Refused("How far back? Say it like 90m, 6h or 2d.")
    return service, back
