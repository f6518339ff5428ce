"""What changed: the suspects with their reasons and their way back, and what else there was."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.change import Change, Suspect
from bot.flow.changes import Looked
from bot.slack.blocks import Block, Blocks, actions, clip, context, escape, section
from bot.slack.cards.ways_back import way_back

_OTHERS = 8
_BUTTONS = 3


def shown(looked: Looked, *, incident: str = "") -> Blocks:
    """The way back is one tap away inside an incident; it opens a plan, and changes nothing."""
    span = f"{looked.since:%H:%M}–{looked.until:%H:%M} UTC"
    if looked.since.date() != looked.until.date():
        span = f"{looked.since:%Y-%m-%d %H:%M}–{looked.until:%Y-%m-%d %H:%M} UTC"
    where = f"*{escape(looked.service)} in {escape(looked.environment)}*, {span}"
    blocks: list[Block] = [section("\n".join([where, *_lines(looked)]))]
    buttons = list(_ways_back(looked, incident)) if incident else []
    if buttons:
        blocks.append(actions(*buttons[:_BUTTONS]))
    asked = f"Asked: {', '.join(looked.asked)}" if looked.asked else "Nobody could be asked"
    missing = [f"Not checked: {escape(clip(str(each), 200))}" for each in looked.unasked]
    return (*blocks, context(asked, *missing, *(escape(each) for each in looked.late)))


def _lines(looked: Looked) -> Iterator[str]:
    if not looked.suspects and not looked.others:
        yield "No change of it or of what it stands on was found."
    for suspect in looked.suspects:
        yield f"• *Suspect* {_suspect(suspect)}"
    for change in looked.others[:_OTHERS]:
        yield f"• {_what(change)}"
    if len(looked.others) > _OTHERS:
        yield f"and {len(looked.others) - _OTHERS} more"


def _suspect(suspect: Suspect) -> str:
    return f"{_what(suspect.change)}\n    {escape(clip('; '.join(suspect.reasons), 300))}"


def _what(change: Change) -> str:
    who = change.author or change.actor
    parts = [f"{change.at:%H:%M} UTC"]
    parts += [f"by {escape(clip(who, 60))}"] if who else []
    parts += [escape(change.team)] if change.team else []
    links = [(change.diff, "difference"), (change.address, "evidence")]
    parts += [f"<{address}|{name}>" for address, name in links if address]
    return f"{escape(clip(change.title, 150))} ({', '.join(parts)})"


def _ways_back(looked: Looked, incident: str) -> Iterator[Block]:
    """One for each place and way back of the suspects, the likeliest first."""
    told = set()
    for each in looked.suspects:
        way = (each.change.reversible_by, each.change.service)
        found = way_back(each.change, incident)
        if found is not None and way not in told:
            told.add(way)
            yield found
