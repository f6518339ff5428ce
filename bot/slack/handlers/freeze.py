"""The kill switch: while it is thrown, nothing is proposed and nothing approved is started."""

from __future__ import annotations

from bot.flow import mitigate
from bot.slack.handling import Ask, Reply, command
from bot.tools import Tools


@command(
    "freeze-mitigations",
    usage="freeze-mitigations <why>",
    explains="stops every change that Tocsin would make, everywhere",
)
def freeze(tools: Tools, ask: Ask) -> Reply:
    mitigate.freeze(tools, by=ask.person, frozen=True, why=ask.text)
    return Reply(
        text="Mitigations are frozen: nothing is proposed and nothing approved is started."
        f" `{tools.command} unfreeze-mitigations` lifts it."
    )


@command(
    "unfreeze-mitigations", usage="unfreeze-mitigations", explains="lets it make changes again"
)
def unfreeze(tools: Tools, ask: Ask) -> Reply:
    mitigate.freeze(tools, by=ask.person, frozen=False, why=ask.text)
    return Reply(text="Mitigations are possible again.")
