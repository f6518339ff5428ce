"""CloudWatch as a meter: the counts of objectives, as many as fit in one request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.errors import VendorDown, VendorRejected
from bot.domain.slo import CloudWatchQuery, Query
from bot.integrations.aws.account import EDGE, Account
from bot.integrations.aws.words import VENDOR
from bot.meters import Ask, Point, Series, Unread

QUERIES = 500
"""In one GetMetricData."""
_POINTS = 100_800
"""In one answer of it; more come in pages."""
_DOING = "read the counts of the objectives"
_LAGS = {"AWS/CloudFront": timedelta(minutes=3)}
_LAG = timedelta(minutes=2)
_KEPT = ((timedelta(hours=1), timedelta(days=455)), (timedelta(minutes=1), timedelta(days=15)))
"""How long CloudWatch keeps points of a step."""
Values = Mapping[datetime, float]
Span = tuple[str, datetime, datetime, timedelta]
"""Region, since, until, step: what one request has in common."""


@dataclass(frozen=True)
class _Wanted:
    """One metric of a request: of the ask at this place, its `part`."""

    ask: int
    part: int
    query: CloudWatchQuery = field(compare=False)


class CloudWatchMeter:
    """One account. Reads only."""

    lag = max(_LAG, *_LAGS.values())

    def __init__(self, account: Account) -> None:
        self._account = account

    def series(self, asks: Sequence[Ask]) -> list[Series | Unread]:
        by_span: dict[Span, list[_Wanted]] = defaultdict(list)
        for place, ask in enumerate(asks):
            query = _ours(ask.query)
            span = self._span(ask, query)
            if span[1] < span[2]:
                by_span[span] += _wanted(place, query)
        found: dict[_Wanted, Values] = {}
        unread: dict[int, Unread] = {}
        for wanted, answer in self._answered(by_span):
            if isinstance(answer, Unread):
                unread.setdefault(wanted.ask, answer)
            else:
                found[wanted] = answer
        return [
            unread.get(place) or _series(place, _ours(ask.query), found)
            for place, ask in enumerate(asks)
        ]

    def value(self, query: Query, *, since: datetime, until: datetime) -> float | None:
        """Its window is the period: of two parts, for AWS cuts where it likes, the worse."""
        asked = _ours(query)
        step = timedelta(minutes=max(1, -(-(until - since) // timedelta(minutes=1))))
        span = (_region(asked), since, until, step)
        wanted = _wanted(0, asked)
        answers = self._read(span, wanted)
        lost = next((each for each in answers if isinstance(each, Unread)), None)
        if lost:
            raise VendorDown(VENDOR, _DOING, lost.why)
        numbers = [_whole(each.query, found) for each, found in zip(wanted, answers, strict=True)]
        if any(each is None for each in numbers):
            return None
        value, *of = [each for each in numbers if each is not None]
        return value / 100 * of[0] if of else value

    def _span(self, ask: Ask, query: CloudWatchQuery) -> Span:
        """Without what is not over yet, and what CloudWatch keeps no more."""
        now = self._account.clock.now()
        over = now - _LAGS.get(query.namespace, _LAG)
        whole = ask.since + (min(ask.until, over) - ask.since) // ask.step * ask.step
        kept = next(keeps for step, keeps in _KEPT if ask.step >= step)
        gone = max(0, -((ask.since - (now - kept + ask.step)) // ask.step))
        return _region(query), ask.since + gone * ask.step, whole, ask.step

    def _answered(
        self, by_span: Mapping[Span, Sequence[_Wanted]]
    ) -> Iterator[tuple[_Wanted, Values | Unread]]:
        """Two requests in a row that nobody answered, or one that came too soon, end it."""
        lost, down = 0, None
        for span, batch in _batches(by_span):
            if down is None or (lost < 2 and down.retry_after is None):
                answers, down = self._asked(span, batch)
                lost = lost + 1 if down else 0
            else:
                answers = [Unread(down.why) for _ in batch]
            yield from zip(batch, answers, strict=True)

    def _asked(
        self, span: Span, batch: Sequence[_Wanted]
    ) -> tuple[Sequence[Values | Unread], VendorDown | None]:
        try:
            return self._read(span, batch), None
        except VendorDown as error:
            return [Unread(error.why) for _ in batch], error
        except VendorRejected as error:
            return [Unread(error.why) for _ in batch], None

    def _read(self, span: Span, wanted: Sequence[_Wanted]) -> list[Values | Unread]:
        region, since, until, step = span
        pages = self._account.pages(
            "cloudwatch",
            "get_metric_data",
            doing=_DOING,
            key="MetricDataResults",
            region=region,
            MetricDataQueries=[
                _question(number, each.query, step) for number, each in enumerate(wanted)
            ],
            StartTime=since,
            EndTime=until,
            ScanBy="TimestampAscending",
        )
        by_id: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for each in pages:
            by_id[each["Id"]].append(each)
        return [_values(by_id[f"m{number}"]) for number in range(len(wanted))]


def _batches(
    by_span: Mapping[Span, Sequence[_Wanted]],
) -> Iterator[tuple[Span, Sequence[_Wanted]]]:
    """As many metrics as one answer has points for: then it needs no second page."""
    for span, wanted in by_span.items():
        _, since, until, step = span
        size = max(1, min(QUERIES, _POINTS // ((until - since) // step)))
        for start in range(0, len(wanted), size):
            yield span, wanted[start : start + size]


def _ours(query: Query) -> CloudWatchQuery:
    if not isinstance(query, CloudWatchQuery):
        raise TypeError(f"CloudWatch was asked for {query}")
    return query


def _region(query: CloudWatchQuery) -> str:
    return query.region or (EDGE if query.namespace == "AWS/CloudFront" else "")


def _wanted(place: int, query: CloudWatchQuery) -> list[_Wanted]:
    parts = [query, query.percent_of] if query.percent_of else [query]
    return [_Wanted(place, part, each) for part, each in enumerate(parts)]


def _question(number: int, query: CloudWatchQuery, step: timedelta) -> dict[str, Any]:
    metric = {
        "Namespace": query.namespace,
        "MetricName": query.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in query.of.items()],
    }
    stat = {"Metric": metric, "Period": int(step.total_seconds()), "Stat": query.stat}
    return {"Id": f"m{number}", "MetricStat": stat, "ReturnData": True}


def _values(pages: Sequence[Mapping[str, Any]]) -> Values | Unread:
    """A page that is not the last one of its metric says PartialData; the last may not."""
    said = pages[-1]["StatusCode"] if pages else "nothing"
    if said != "Complete":
        return Unread(f"CloudWatch answered {said}")
    found: dict[datetime, float] = {}
    for page in pages:
        for at, value in zip(page["Timestamps"], page["Values"], strict=True):
            found[at.astimezone(UTC)] = float(value)
    return found


def _series(place: int, query: CloudWatchQuery, found: Mapping[_Wanted, Values]) -> Series:
    """A percentage without the count that it is of says nothing."""
    values = found.get(_Wanted(place, 0, query), {})
    if query.percent_of is not None:
        of = found.get(_Wanted(place, 1, query.percent_of), {})
        values = {at: share / 100 * of[at] for at, share in values.items() if at in of}
    return tuple(Point(at, values[at]) for at in sorted(values))


def _whole(query: CloudWatchQuery, found: Values | Unread) -> float | None:
    if isinstance(found, Unread) or not found:
        return None
    return sum(found.values()) if query.stat == "Sum" else max(found.values())
