"""The timeline for one reader: the last lines in the words that the postmortem will use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain.facts import Entry
from bot.domain.incident import Incident
from bot.flow.telling import tell
from bot.slack.blocks import Blocks, clip, context, escape, section

_LAST = 20
_LINE = 280
_CHUNK = 10


def timeline(incident: Incident, entries: Sequence[Entry]) -> Blocks:
    """The last twenty lines, oldest first; how many came before."""
    lines = list(_lines(incident, entries))
    if not lines:
        return (section("Nothing is on the timeline yet."),)
    shown = lines[-_LAST:]
    blocks = []
    if len(lines) > _LAST:
        blocks.append(context(f"…and {len(lines) - _LAST} more before these"))
    for start in range(0, len(shown), _CHUNK):
        blocks.append(section("\n".join(shown[start : start + _CHUNK])))
    return tuple(blocks)


def _lines(incident: Incident, entries: Sequence[Entry]) -> Iterable[str]:
    """In the order of the world; the day is said where it changes."""
    told = [(entry.when, said) for entry in entries if (said := tell(entry, incident))]
    day = None
    for at, said in sorted(told, key=lambda pair: pair[0]):
        stamp = f"{at:%H:%M}" if at.date() == day else f"{at:%Y-%m-%d %H:%M}"
        day = at.date()
        link = f" <{said.link}|evidence>" if said.link else ""
        yield f"`{stamp}` {escape(clip(said.text, _LINE))}{link}"
