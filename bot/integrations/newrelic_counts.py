"""New Relic as a meter: the counts of objectives, several NRQL questions in one request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.errors import VendorDown, VendorError, VendorRejected
from bot.domain.slo import NewRelicQuery, Query
from bot.integrations.newrelic_nerdgraph import NerdGraph, Rows, millis
from bot.meters import Ask, Point, Series, Unread
from bot.tools import Clock

BUCKETS = 366
"""NRQL's limit of a TIMESERIES."""
BESIDE = 10
"""Questions in one request: New Relic runs few of an account at the same time."""
_DOING = "read the counts of the objectives"
_STEPS = {timedelta(minutes=1): "1 minute", timedelta(hours=1): "1 hour"}
_TIMES = ("beginTimeSeconds", "endTimeSeconds")
Answer = Rows | VendorDown | VendorRejected


@dataclass(frozen=True)
class _Question:
    """A part of an ask that fits into one answer."""

    ask: int
    nrql: str


class NewRelicMeter:
    """Reads only. EU or US is a matter of the address that `graph` was given."""

    lag = timedelta(minutes=2)

    def __init__(self, graph: NerdGraph, *, clock: Clock) -> None:
        self._graph, self._clock = graph, clock

    def series(self, asks: Sequence[Ask]) -> list[Series | Unread]:
        questions = [
            _Question(place, nrql)
            for place, ask in enumerate(asks)
            for nrql in _windows(ask, until=self._clock.now() - self.lag)
        ]
        found: list[list[Point]] = [[] for _ in asks]
        unread: dict[int, Unread] = {}
        for question, answer in self._answered(questions):
            if isinstance(answer, VendorError):
                unread.setdefault(question.ask, Unread(answer.why))
                continue
            found[question.ask] += _points(answer)
        return [unread.get(place) or tuple(points) for place, points in enumerate(found)]

    def value(self, query: Query, *, since: datetime, until: datetime) -> float | None:
        window = f"SINCE {millis(since)} UNTIL {millis(until)}"
        rows = self._graph.results(_DOING, f"{_nrql(query)} {window}")
        return _number(rows[0]) if rows else None

    def _answered(self, questions: Sequence[_Question]) -> Iterator[tuple[_Question, Answer]]:
        """Two requests in a row that nobody answered, or one that came too soon, end it."""
        lost, down = 0, None
        for start in range(0, len(questions), BESIDE):
            batch = questions[start : start + BESIDE]
            if down is None or (lost < 2 and down.retry_after is None):
                answers, down = self._asked(batch)
                lost = lost + 1 if down else 0
            else:
                answers = [down for _ in batch]
            yield from zip(batch, answers, strict=True)

    def _asked(self, batch: Sequence[_Question]) -> tuple[Sequence[Answer], VendorDown | None]:
        try:
            return self._graph.answers(_DOING, [each.nrql for each in batch]), None
        except VendorDown as error:
            return [error for _ in batch], error
        except VendorRejected as error:
            return [error for _ in batch], None


def _windows(ask: Ask, *, until: datetime) -> Iterator[str]:
    """The ask in pieces of at most so many buckets, without the steps that are not over."""
    since, query, step = ask.since, _nrql(ask.query), _STEPS[ask.step]
    whole = ask.since + (min(ask.until, until) - ask.since) // ask.step * ask.step
    while since < whole:
        end = min(since + BUCKETS * ask.step, whole)
        yield f"{query} SINCE {millis(since)} UNTIL {millis(end)} TIMESERIES {step}"
        since = end


def _nrql(query: Query) -> str:
    if not isinstance(query, NewRelicQuery):
        raise TypeError(f"New Relic was asked for {query}")
    return query.nrql


def _points(rows: Rows) -> Iterator[Point]:
    """New Relic writes 0 where nothing came: it cannot be told from silence, and is left out."""
    for row in rows:
        number = _number(row)
        if number:
            yield Point(datetime.fromtimestamp(int(row["beginTimeSeconds"]), UTC), number)


def _number(row: Mapping[str, Any]) -> float | None:
    """The one that is not a time; a percentile is nested, {"percentile.x": {"99": 0.342}}."""
    for name, found in row.items():
        if name in _TIMES:
            continue
        value = next(iter(found.values()), None) if isinstance(found, Mapping) else found
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return None
