"""Lists for whoever may see them: open incidents, what is left over, what was open before us."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.incident import Incident, Summary
from bot.slack.actions import Act, carried
from bot.slack.blocks import (
    Block,
    Blocks,
    Message,
    actions,
    choose,
    clip,
    escape,
    option,
    section,
)
from bot.slack.cards.elsewhere import line
from bot.slack.cards.lasting import keep, named, proposed, put_back

_LISTED = 10
_BUTTONS = 3
_CHOICES = 100


def listing(rows: Sequence[Summary], *, command: str) -> Blocks:
    if not rows:
        return (section(f"No incident is open. `{command} <what is wrong>` declares one."),)
    lines = [line(row) for row in rows[:_LISTED]]
    if len(rows) > _LISTED:
        lines.append(f"and {len(rows) - _LISTED} more")
    return (section("\n".join(["*Open incidents*", *lines])),)


def leftovers(incidents: Sequence[Incident]) -> Blocks:
    """What was changed for a while and still is, oldest first, the first three one tap from gone."""
    found = sorted(
        ((left, incident) for incident in incidents for left in incident.standing_leftovers),
        key=lambda pair: pair[0].since,
    )
    if not found:
        return (section("Nothing temporary is left over."),)
    lines = [
        f"• {escape(named(incident, left))}, since {left.since:%Y-%m-%d %H:%M} UTC, for"
        f" {escape(left.team or 'nobody')} (<#{incident.channel}>){proposed(incident, left)}"
        for left, incident in found[:_LISTED]
    ]
    if len(found) > _LISTED:
        lines.append(f"and {len(found) - _LISTED} more")
    buttons: list[Block] = []
    for left, incident in found[:_BUTTONS]:
        of = f"{incident.id}-{left.id}"
        buttons.append(put_back(incident, left, action=f"{Act.CLEAR_LEFTOVER}:{of}"))
        buttons += keep(incident, left, action=f"{Act.KEEP_LEFTOVER}:{of}")
    return (section("\n".join(["*Left over*", *lines])), actions(*buttons))


def baseline(house: Incident) -> Message:
    """What was open before we came; each is adopted with one tap, and says by whom."""
    pages = house.baseline or ()
    lines = [
        f"*{len(pages)} pages were open before Tocsin started.* They are left alone unless you"
        " adopt one."
    ]
    for held in pages[:_LISTED]:
        adopted = house.adopted.get(held.page.id)
        state = f"adopted by {adopted.by.mention}" if adopted else held.status.value
        title = escape(clip(held.page.title, 150))
        lines.append(f"• <{held.page.address}|{title}> ({state})")
    if len(pages) > _LISTED:
        lines.append(f"and {len(pages) - _LISTED} more in PagerDuty")
    left = [p.page for p in pages if p.page.id not in house.adopted]
    options = [option(page.title, carried(house.id, page.id)) for page in left[:_CHOICES]]
    menu = actions(choose(Act.ADOPT, "Adopt a page…", options), block=f"baseline|{len(left)}")
    return Message(
        text=f"{len(pages)} open pages were found",
        blocks=(section("\n".join(lines)), *([menu] if options else [])),
    )
