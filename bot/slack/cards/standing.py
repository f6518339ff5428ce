"""What the card says of the things a service stands on: the unwell ones by name, the rest counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.events import NotChecked, Question
from bot.domain.incident import Incident
from bot.domain.vitals import sort
from bot.slack.blocks import clip, escape

_ILL, _NAMES = 3, 4


def standing(incident: Incident) -> Iterator[str]:
    """Short: it is read at night."""
    read = incident.vitals
    if read is None:
        return
    known = sort(read.readings, read.unread)
    if not known.ill and not known.well:
        answer = incident.findings.get(Question.STANDING)
        if isinstance(answer, NotChecked):
            yield f"*Not checked* {answer.source}: {escape(clip(answer.why, 200))}"
        return
    at = max(each.at for each in (*known.ill, *known.well))
    asked = len(known.ill) + len(known.well)
    well = _some([each.label for each in known.well])
    if not known.ill:
        yield f"*What it stands on* all {asked} are well ({at:%H:%M} UTC): {escape(well)}"
    else:
        beside = f"; well: {escape(well)}" if well else ""
        yield f"*What it stands on* {len(known.ill)} of {asked} unwell ({at:%H:%M} UTC){beside}"
    for each in known.ill[:_ILL]:
        earlier = f" ({each.at:%H:%M} UTC)" if f"{each.at:%H:%M}" != f"{at:%H:%M}" else ""
        yield f"• {escape(clip(str(each), 200))}{earlier}"
    if (more := len(known.ill) - _ILL) > 0:
        yield f"• and {more} more unwell"
    for names, why in known.not_checked[:1]:
        others = f"; and {rest} more" if (rest := len(known.not_checked) - 1) else ""
        yield f"• not checked: {escape(_some(names))} ({escape(clip(why, 120))}){others}"


def unwell(incident: Incident) -> str:
    """For who comes late, in one line; empty where all is well or nobody was asked."""
    read = incident.vitals
    ill = sort(read.readings, read.unread).ill if read else ()
    more = f"; and {len(ill) - _ILL} more" if len(ill) > _ILL else ""
    told = clip("; ".join(str(each) for each in ill[:_ILL]), 300)
    return f"{told}{more} ({max(each.at for each in ill):%H:%M} UTC)" if ill else ""


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more
