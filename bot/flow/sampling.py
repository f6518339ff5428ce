"""Reads the objectives' counts: every five minutes, and where an incident is open once a minute."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.domain.errors import VendorError
from bot.domain.events import SamplingBegan
from bot.domain.facts import Entry
from bot.domain.slo import (
    CURRENT,
    POLLED,
    Bucket,
    Indicator,
    Objective,
    Ratio,
    Read,
    Threshold,
    Through,
    reckon,
    through,
)
from bot.domain.slo.counts import minute_of
from bot.domain.slo.gathering import HOUR, MINUTE, Span, Values, buckets, heard, spans
from bot.domain.slo.sides import of_side, series, told_apart
from bot.meters import Ask, Meter, Series, Unread
from bot.reactions import Lane, Later, reacts_to
from bot.tools import Failed, Tools, TooSlow

_DEADLINE = timedelta(seconds=40)
Place = tuple[str, Through]


@reacts_to(SamplingBegan, name="sample-objectives", lane=Lane.CHATTER, gives_up=False)
def sample_objectives(tools: Tools, entry: Entry) -> Later:
    """All of them, for as long as there is a bot."""
    sample(tools, tools.catalog.objectives)
    return Later(POLLED, why="sample")


def sample(tools: Tools, objectives: Sequence[Objective]) -> None:
    """Brings their counts up to now. What could not be read says so, and keeps what was known."""
    samples = tools.samples
    if samples is None:
        return
    by_meter: dict[Place, list[Sampled]] = defaultdict(list)
    for objective in objectives:
        samples.follow(objective.name, _definition(objective))
    known = samples.figures()
    for objective in objectives:
        way = _way(tools, objective)
        if way is None:
            samples.failed(objective.name, _unconfigured(objective))
            continue
        key, indicator = way
        until = known[objective.name].until
        end = minute_of(tools.clock.now() - tools.meters[key].lag)
        # Several incidents may follow one objective: nothing newer is there to be read.
        if until is None or until < end:
            by_meter[key].append(_wanted(objective, indicator, tools.meters[key], (until, end)))
    calls = {
        f"{environment} {source}": partial(_read, tools, (environment, source), wanted)
        for (environment, source), wanted in by_meter.items()
    }
    answers = tools.beside.together(calls, deadline=_DEADLINE)
    for (environment, source), wanted in by_meter.items():
        answer = answers[f"{environment} {source}"]
        if isinstance(answer, Failed | TooSlow):
            why = answer.why if isinstance(answer, Failed) else f"{source} was too slow"
            for each in wanted:
                samples.failed(each.objective.name, why)


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """What is asked for one objective: `spans` for a ratio, one number for a threshold."""

    objective: Objective
    indicator: Indicator
    source: str
    lag: timedelta
    known: datetime | None
    """Until when it was read before."""
    end: datetime
    spans: tuple[Span, ...] = ()

    def asks(self) -> list[Ask]:
        """Span by span, each with its queries in order."""
        return [
            Ask(query=query, since=span.since, until=span.until, step=span.step)
            for span in self.spans
            for query in self.indicator.queries
        ]


def _way(tools: Tools, objective: Objective) -> tuple[Place, Indicator] | None:
    """The first indicator whose source is configured."""
    places = (((objective.environment, through(way)), way) for way in objective.ways)
    return next(((place, way) for place, way in places if place in tools.meters), None)


def _unconfigured(objective: Objective) -> str:
    names = " or ".join(dict.fromkeys(through(each) for each in objective.ways))
    return f"no {names} is configured for {objective.environment or 'its environment'}"


def _wanted(
    objective: Objective,
    indicator: Indicator,
    meter: Meter,
    tail: tuple[datetime | None, datetime],
) -> Sampled:
    known, end = tail
    asked: list[Span] = []
    if not isinstance(indicator, Threshold):
        asked = spans(known, end, window=objective.window)
    return Sampled(
        objective=objective,
        indicator=indicator,
        source=through(indicator),
        lag=meter.lag,
        known=known,
        end=end,
        spans=tuple(each for each in asked if each.since < each.until),
    )


def _read(tools: Tools, key: Place, wanted: Sequence[Sampled]) -> None:
    """One meter's objectives, all their series in one go."""
    assert tools.samples is not None
    meter = tools.meters[key]
    every = [ask for each in wanted for ask in each.asks()]
    answers = iter(meter.series(every) if every else ())
    for each in wanted:
        found = [next(answers) for _ask in each.asks()]
        if isinstance(each.indicator, Threshold):
            _keep_reading(tools, each, each.indicator, meter)
            continue
        failed = next((one.why for one in found if isinstance(one, Unread)), "")
        if failed:
            tools.samples.failed(each.objective.name, failed)
        else:
            _keep_counts(tools, each, each.indicator, found)


def _keep_counts(
    tools: Tools, each: Sampled, ratio: Ratio, found: Sequence[Series | Unread]
) -> None:
    values: list[Values] = [
        {point.at: point.value for point in one} for one in found if not isinstance(one, Unread)
    ]
    made: dict[timedelta, list[Bucket]] = {HOUR: [], MINUTE: []}
    sides: dict[str, list[Bucket]] = {name: [] for name in told_apart(ratio)}
    width, cut = len(ratio.queries), len(ratio.total)
    for place, span in enumerate(each.spans):
        mine = values[place * width : (place + 1) * width]
        made[span.step] += buckets(span, ratio, mine[:cut], mine[cut:])
        if span.step == MINUTE:
            for name, known in sides.items():
                known += _of_side(span, ratio, mine, name)
    until = heard(made[MINUTE], each.end, each.known)
    read = Read(hours=made[HOUR], minutes=made[MINUTE], until=until, source=each.source)
    # The sides first: what is read again after a crash replaces what is known of the same minutes.
    for name, known in sides.items():
        _keep_side(tools, series(each.objective.name, name), replace(read, minutes=known))
    _keep(tools, each.objective, replace(read, lag=each.lag))


def _of_side(span: Span, ratio: Ratio, mine: Sequence[Values], name: str) -> list[Bucket]:
    others = mine[len(ratio.total) :]
    total = [mine[place] for place in of_side(ratio.total, name)]
    side = [others[place] for place in of_side((*ratio.bad, *ratio.good), name)]
    return buckets(span, ratio, total, side)


def _keep_side(tools: Tools, name: str, read: Read) -> None:
    """Minutes alone: of the sides the last hours are told, and the budget is of their sum.

    What is counted otherwise is read anew for a whole day: nobody has to forget these.
    """
    assert tools.samples is not None
    tools.samples.keep(name, replace(read, hours=()))


def _keep_reading(tools: Tools, each: Sampled, threshold: Threshold, meter: Meter) -> None:
    try:
        value = meter.value(threshold.query, since=each.end - CURRENT, until=each.end)
    except VendorError as error:
        if tools.samples is not None:
            tools.samples.failed(each.objective.name, str(error))
        return
    reading = None if value is None else value * threshold.scale
    read = Read(reading=reading, until=each.end, source=each.source, lag=each.lag)
    _keep(tools, each.objective, read)


def _keep(tools: Tools, objective: Objective, read: Read) -> None:
    assert tools.samples is not None
    tools.samples.keep(objective.name, read)
    known = tools.samples.newest(objective.name, objective.window)
    tools.samples.reckoned(objective.name, reckon(objective, known))


def _definition(objective: Objective) -> str:
    """Changes when what is counted changes; a new target counts the same events."""
    said = repr((objective.environment, objective.indicator, objective.instead))
    return hashlib.sha256(said.encode()).hexdigest()[:16]
