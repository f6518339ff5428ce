"""The end, with its proof or the reason for going without; and taking it up again."""

from __future__ import annotations

from bot.flow import resolve as flow
from bot.slack.actions import Act
from bot.slack.blocks import View
from bot.slack.cards import ending, menu, writing
from bot.slack.handling import Ask, Reply, button, command, form, opens
from bot.tools import Tools


@command(
    "resolve",
    usage="resolve [how it ended] [because why]",
    explains="ends it; without proof say because and the reason",
)
def resolve(tools: Tools, ask: Ask) -> Reply | None:
    incident = ask.here()
    if not ask.text:
        text = "How did it end?"
        blocks = menu.offer(text, "Resolve the incident…", Act.RESOLVE_FORM, incident)
        return Reply(text=text, blocks=blocks)
    how, _, because = ask.text.partition("because ")
    flow.resolve(
        tools,
        incident,
        by=ask.person,
        how=how.strip(" ,"),
        unverified_because=because,
    )
    return None


@opens(Act.RESOLVE_FORM, "resolve", act="resolve")
def resolve_form(tools: Tools, ask: Ask) -> View:
    return ending.resolve(tools.timeline.read(ask.here()))


@form(Act.RESOLVE_FORM, act="resolve")
def resolved(tools: Tools, ask: Ask) -> None:
    flow.resolve(
        tools,
        ask.here(),
        by=ask.person,
        how=ask.one("how"),
        unverified_because=ask.one("because"),
    )


@button(Act.KEEP_OPEN, act="resolve")
def keep_open(tools: Tools, ask: Ask) -> None:
    """An answer to the question in the channel: on the record, so that nobody asks again."""
    flow.keep_open(tools, ask.here(), ask.value, by=ask.person)


@command("reopen", usage="reopen <what came back>", explains="takes it up again")
def reopen(tools: Tools, ask: Ask) -> Reply | None:
    if not ask.text:
        text = "What came back?"
        blocks = menu.offer(text, "Reopen the incident…", Act.REOPEN_FORM, ask.here())
        return Reply(text=text, blocks=blocks)
    flow.reopen(tools, ask.here(), ask.text, by=ask.person)
    return None


@opens(Act.REOPEN_FORM, "reopen", act="reopen")
def reopen_form(tools: Tools, ask: Ask) -> View:
    return writing.line(Act.REOPEN_FORM, tools.timeline.read(ask.here()))


@form(Act.REOPEN_FORM, act="reopen")
def reopened(tools: Tools, ask: Ask) -> None:
    flow.reopen(tools, ask.here(), ask.one("text"), by=ask.person)
