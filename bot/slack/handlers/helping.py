"""Help, made from what the handlers answer to; and what a mistyped word may have meant."""

from __future__ import annotations

import difflib

from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards.help import Usage, help_text, suggestion
from bot.slack.handling import Ask, Reply, command, opens
from bot.tools import Tools

_BARE = "alone opens the menu of this channel's incident, elsewhere the form that declares one"


@command("help", usage="help", explains="shows this")
def show_help(tools: Tools, ask: Ask) -> Reply:
    """`?word` is what reception could not make sense of."""
    usages = _usages(ask)
    if ask.text.startswith("?"):
        typed = ask.text[1:]
        first = typed.partition(" ")[0].lower()
        names = [each.name for each in usages]
        meant = next(iter(difflib.get_close_matches(first, names, n=1, cutoff=0.6)), "")
        return Reply(text=suggestion(typed, meant, command=tools.command))
    blocks = help_text(usages, command=tools.command, bare=_BARE)
    return Reply(text=f"What {tools.command} understands", blocks=blocks)


@opens(Act.HELP, act="help")
def open_help(tools: Tools, ask: Ask) -> View:
    blocks = help_text(_usages(ask), command=tools.command, bare=_BARE)
    return View(name=Act.HELP, title="What it understands", blocks=blocks)


def _usages(ask: Ask) -> list[Usage]:
    return [
        Usage(name=h.name, usage=h.usage, explains=h.explains) for h in ask.commands if h.usage
    ]
