"""The table of objectives as a phone shows it: one line each, the worst first where asked for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.domain.slo import Health, ObjectiveStatus, Remaining, Threshold
from bot.domain.slo.budget import BAD_BURN
from bot.domain.slo.sides import Side
from bot.flow import figures
from bot.flow.shown import lasting, sparkline
from bot.slack.blocks import Block, Blocks, clip, context, escape, header, section

MARKS = {
    Health.HEALTHY: "🟢",
    Health.WARNING: "🟡",
    Health.EXHAUSTED: "🔴",
    Health.NO_DATA: "⚪",
}
_GRAVE = (Health.EXHAUSTED, Health.WARNING, Health.NO_DATA, Health.HEALTHY)
_LISTED, _EACH, _HOME = 25, 10, 10


def table(statuses: Sequence[ObjectiveStatus], *, title: str) -> Blocks:
    """Both windows are named; what is not known says why."""
    if not statuses:
        return (section("No objective is written down for it: see `catalog/slos`."),)
    lines = [_line(each) for each in statuses[:_LISTED]]
    parts = ["\n".join(lines[at : at + _EACH]) for at in range(0, len(lines), _EACH)]
    more = len(statuses) - _LISTED
    small = "now = the last 24 h; left = of the error budget of the rolling 30 days"
    small += _age(statuses)
    return (
        header(title),
        *(section(part) for part in parts),
        context(f"{small}{f'; and {more} more' if more > 0 else ''}"),
    )


def objectives(statuses: Sequence[ObjectiveStatus]) -> Blocks:
    """At the end of the App Home: the table, the worst first, and how many are well."""
    if not statuses:
        return ()
    found = worst_first(statuses)
    lines = [_line(each) for each in found[:_HOME]]
    ill = sum(each.health is not Health.HEALTHY for each in found[_HOME:])
    well = sum(each.health is Health.HEALTHY for each in found)
    small = f"{well} of {len(statuses)} objectives are healthy"
    if more := len(found) - len(lines):
        small += f"; {more} more are not shown"
        small += f", {ill} of them not well" if ill else ", all of them healthy"
    return (header("Objectives"), section("\n".join(lines)), context(small))


def one(
    status: ObjectiveStatus, line: Sequence[Remaining], sides: Sequence[Side] = ()
) -> Iterator[Block]:
    """With its burn, the sides that it is counted from, and the way its budget went."""
    yield section(_line(status))
    if status.objective.target is None:
        return
    rates = zip(status.burns, ("5 min", "1 h", "6 h"), strict=True)
    burns = ", ".join(f"{rate:.1f}x over {span}" for rate, span in rates if rate is not None)
    lasts = status.exhausted_in
    gone = f"; gone in {lasting(lasts)} at this rate" if lasts and (status.left or 0) > 0 else ""
    told = f"Burning {burns}{gone}" if burns else "No traffic to tell a burn from"
    yield context(f"{told}{_age([status])}")
    if sides:
        yield context("\n".join(_side(each, sides, status.objective.target) for each in sides))
    known = [max(0.0, each.left) for each in line if each.left is not None]
    if known:
        picture = sparkline(known, least=1.0)
        yield section(f"`{picture}` budget left, day 1 to {len(line)} of the window")


def _side(side: Side, sides: Sequence[Side], promised: float) -> str:
    hour, hours = (figures.of_side(each, promised) for each in side.counts)
    share = figures.part_of(side.counts[1], sum(each.events for each in sides))
    name = escape(clip(side.name, 40))
    return f"*{name}* {hours} over 6 h, {hour} over 1 h; {share} of the events"


def _age(statuses: Sequence[ObjectiveStatus]) -> str:
    """The oldest figure of those that are not called blind, and who counted."""
    known = [each for each in statuses if each.until is not None and not each.blind]
    if not known:
        return ""
    oldest = min(each.until for each in known if each.until)
    names = " and ".join(sorted({each.source for each in known}))
    return f"; as of {oldest:%H:%M} UTC, {names}"


def worst_first(statuses: Iterable[ObjectiveStatus]) -> list[ObjectiveStatus]:
    return sorted(statuses, key=lambda each: _GRAVE.index(each.health))


def _line(status: ObjectiveStatus) -> str:
    name = f"{MARKS[status.health]} *{escape(clip(status.objective.label, 60))}*"
    health = "" if status.health is Health.HEALTHY else f", {status.health}"
    age = f" _({escape(clip(status.blind, 100))})_" if status.blind else ""
    indicator = status.objective.indicator
    if isinstance(indicator, Threshold):
        return f"{name} {figures.current(status)} (target under {indicator.below:g} {indicator.unit}){health}{age}"
    target = figures.target(status.objective)
    if status.left is None:
        return f"{name} {figures.NO_DATA} (target {target}){age}"
    fast = min(each or 0.0 for each in status.burns[:2])
    burning = f", burning {fast:.0f}x" if fast >= BAD_BURN and not status.blind else ""
    left = f"{figures.left(status)} left{burning}{health}"
    return f"{name} {figures.current(status)} now (target {target}), {left}{age}"
