"""The App Home: what is open now, and what of it is yours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain.incident import Incident, Stage
from bot.domain.people import Person
from bot.slack.actions import Act
from bot.slack.blocks import (
    Block,
    Blocks,
    actions,
    clip,
    context,
    escape,
    header,
    press,
    section,
)

_LISTED = 10


def home(incidents: Sequence[Incident], person: Person, *, command: str) -> Blocks:
    """`incidents` are those that the person may see, newest first, ended ones too."""
    is_open = [i for i in incidents if i.stage.open]
    blocks: list[Block] = [
        header("Incidents"),
        actions(
            press("Declare an incident…", Act.DECLARE_FORM, "house", style="primary"),
            press("What can I say?", Act.HELP, "house"),
        ),
        *_opened(is_open),
        header("Yours"),
    ]
    mine = [*_roles(is_open, person), *_follow_ups(incidents, person)]
    blocks.append(section("\n".join(mine) if mine else "Nothing waits for you."))
    blocks.append(context(f"`{command} help` lists everything; in threads, mention me."))
    return tuple(blocks)


def _opened(incidents: Sequence[Incident]) -> Iterable[Block]:
    if not incidents:
        yield section("Nothing is open. 🌿 All quiet.")
    for incident in incidents[:_LISTED]:
        grade = incident.severity.value if incident.severity else "SEV?"
        led = incident.commander.mention if incident.commander else "nobody yet"
        where = f"<#{incident.channel}>" if incident.channel else f"`{incident.id}`"
        name = clip(f"{grade} {incident.service or incident.title}", 50)
        yield section(
            f"*{grade}* {where} {escape(clip(incident.title, 150))}\n"
            f"{incident.stage.value}, commander {led}",
            accessory=press(f"Open {name}", Act.MENU, incident.id),
        )
    if len(incidents) > _LISTED:
        yield context(f"and {len(incidents) - _LISTED} more")


def _roles(incidents: Sequence[Incident], person: Person) -> Iterable[str]:
    for incident in incidents:
        for role, holder in incident.roles.items():
            if person.same(holder):
                yield f"• You are {role.label.lower()} of <#{incident.channel}>"
        for role, offered in incident.handovers.items():
            if person.same(offered):
                yield f"• You are asked to take {role.label.lower()} in <#{incident.channel}>"


def _follow_ups(incidents: Sequence[Incident], person: Person) -> Iterable[str]:
    mine = [
        (f, i)
        for i in incidents
        for f in i.follow_ups.values()
        if f.owner == person.user_id and i.stage is not Stage.MERGED
    ]
    for follow, incident in mine[:_LISTED]:
        title = escape(clip(follow.title, 120))
        shown = f"<{follow.ticket}|{title}>" if follow.ticket else title
        due = f", due {follow.due}" if follow.due else ""
        yield f"• Follow-up: {shown}{due} (from {escape(clip(incident.title, 60))})"
    if len(mine) > _LISTED:
        yield f"and {len(mine) - _LISTED} more follow-ups"
