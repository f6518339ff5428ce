"""The form of an internal update: four lines and the time of the next one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.incident import Incident
from bot.flow.shown import lasting
from bot.slack.actions import Act, carried
from bot.slack.blocks import (
    Block,
    View,
    actions,
    answer,
    context,
    escape,
    option,
    press,
    section,
    write,
)
from bot.slack.cards.inputs import select

_MINUTES = (15, 30, 60, 120, 240)
_LINES = (
    ("impact", "Impact", "What do users notice now?"),
    ("changed", "Since the last update", "What changed since the last update?"),
    ("doing", "Doing now", "What is being done now, and by whom?"),
    ("risk", "Risk", "What could get worse?"),
)


def form(
    incident: Incident, *, now: datetime, every: timedelta, typed: Mapping[str, str] | None = None
) -> View:
    """`every` is the severity's clock; `typed` is what stood in the form when it was previewed."""
    last = incident.updates[-1][2] if incident.updates else None
    start = {"impact": last.impact, "doing": last.doing, "risk": last.risk} if last else {}
    filled = {**start, **(typed or {})}
    blocks: list[Block] = [
        answer(
            question,
            write(name, initial=filled.get(name, ""), lines=name != "impact", limit=1000),
            optional=name != "impact",
        )
        for name, _label, question in _LINES
    ]
    blocks.append(
        answer(
            "When do they hear from you next?",
            select("next", "Next update", _times(now, every), value=_next(filled, every)),
        )
    )
    if typed is not None:
        blocks.append(section(f"*They will read:*\n{_preview(filled, now, every)}"))
    blocks.append(actions(press("Preview the update", Act.UPDATE_PREVIEW, incident.id)))
    blocks.append(context("It is posted in this channel. The status page has its own form."))
    return View(
        name=Act.UPDATE_FORM,
        title="Post an update",
        submit="Post the update",
        carries=carried(incident.id),
        blocks=tuple(blocks),
    )


def _minutes(every: timedelta) -> int:
    return max(1, round(every.total_seconds() / 60))


def _next(filled: Mapping[str, str], every: timedelta) -> str:
    return filled.get("next") or str(_minutes(every))


def _times(now: datetime, every: timedelta) -> list[Block]:
    wanted = sorted({*_MINUTES, _minutes(every)})
    return [
        option(
            f"in {lasting(timedelta(minutes=m))} ({now + timedelta(minutes=m):%H:%M} UTC)", str(m)
        )
        for m in wanted
    ]


def _preview(filled: Mapping[str, str], now: datetime, every: timedelta) -> str:
    lines = [
        f"*{label}:* {escape(filled[name])}"
        for name, label, _question in _LINES
        if filled.get(name)
    ]
    until = now + timedelta(minutes=int(_next(filled, every)))
    return "\n".join([*lines, f"*Next update:* {until:%H:%M} UTC"])
