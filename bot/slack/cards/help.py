"""What can be said to the bot, made from what the handlers answer to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.slack.blocks import Blocks, context, escape, section

GROUPS = {
    "Begin": (
        "declare",
        "list",
        "status",
        "catchup",
        "ack",
        "severity",
        "service",
        "since",
        "role",
    ),
    "Write down": ("note", "did", "decide", "timeline"),
    "Make it well": (
        "changes",
        "slo",
        "runbook",
        "rollback",
        "remedy",
        "leftovers",
        "freeze-mitigations",
        "unfreeze-mitigations",
    ),
    "Tell others": ("update", "statuspage"),
    "End and learn": (
        "mitigated",
        "suspects",
        "factor",
        "resolve",
        "reopen",
        "postmortem",
        "follow-up",
        "help",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Usage:
    """One subcommand as help shows it."""

    name: str
    usage: str
    explains: str


def help_text(usages: Sequence[Usage], *, command: str, bare: str) -> Blocks:
    """By what one wants; what no group names comes last. `bare` explains the command alone."""
    known = {each.name: each for each in usages}
    blocks = [section(f"`{command} <what is wrong>` declares an incident. `{command}` {bare}.")]
    rest = [n for n in known if not any(n in names for names in GROUPS.values())]
    for title, names in [*GROUPS.items(), ("Besides", tuple(rest))]:
        lines = list(_lines([known[n] for n in names if n in known], command))
        if lines:
            blocks.append(section("\n".join([f"*{title}*", *lines])))
    blocks.append(
        context(
            "In a thread, mention me with the same words. 📌 or ⭐ on a message puts it on the"
            " timeline; taking the reaction away takes it off."
        )
    )
    return tuple(blocks)


def _lines(usages: Sequence[Usage], command: str) -> Iterable[str]:
    for each in usages:
        yield f"• `{command} {escape(each.usage)}` {escape(each.explains)}"


def suggestion(typed: str, meant: str, *, command: str) -> str:
    """For a word that is no command: the nearest one, and how to declare with it anyway."""
    said = escape(typed)
    nearest = f" Did you mean `{command} {meant}`?" if meant else ""
    return (
        f"“{said}” is no command.{nearest} To declare an incident with these words say"
        f" `{command} declare {said}`; `{command} help` lists everything."
    )
