"""What measuring the objectives asks of each source in a month, and what that costs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from bot.checking.row import Row, State
from bot.config import Config
from bot.domain.slo import POLLED, CloudWatchQuery, Objective, Query, Through, through

_MONTH = timedelta(days=30)
_DOLLARS = 0.01 / 1000
"""Of a metric asked by GetMetricData (Amazon CloudWatch pricing, us-east-1)."""
_A_CALL = 500
"""Metrics that one GetMetricData takes."""


def rows(config: Config) -> list[Row]:
    objectives, folder = config.catalog.objectives, f"{config.catalog_dir}/slos"
    if not objectives:
        return [
            Row(
                area="objectives",
                where=folder,
                state=State.OFF,
                what="No objective is written down.",
                fix="Without one no card shows an error budget (docs/objectives.md).",
            )
        ]
    asked: Counter[tuple[str, Through]] = Counter()
    homeless = []
    for each in objectives:
        way = _way(config, each)
        if way is None:
            homeless.append(each)
        else:
            asked[each.environment, way[0]] += way[1]
    return [*_asked(asked, folder), *_homeless(homeless, folder)]


def _asked(asked: Counter[tuple[str, Through]], folder: str) -> Iterable[Row]:
    polls = _MONTH / POLLED
    for (environment, source), metrics in sorted(asked.items()):
        said = f"{environment}: {metrics} series every {round(POLLED / timedelta(minutes=1))} min"
        if source is Through.CLOUDWATCH:
            calls, dollars = math.ceil(metrics / _A_CALL) * polls, metrics * polls * _DOLLARS
            said += f", {calls:,.0f} GetMetricData calls and ${dollars:,.2f} a month"
        else:
            said += f", {metrics * polls:,.0f} NRQL queries a month (no charge of their own)"
        what = f"{source}, {said}; once a minute where an incident is open"
        yield Row(area="objectives", where=folder, state=State.OK, what=what)


def _homeless(objectives: list[Objective], folder: str) -> Iterable[Row]:
    if objectives:
        names = ", ".join(each.name for each in objectives[:5])
        more = f" and {len(objectives) - 5} more" if len(objectives) > 5 else ""
        yield Row(
            area="objectives",
            where=folder,
            state=State.OFF,
            what=f"Nobody is configured who counts for {names}{more}.",
            fix="They show no data until their source is configured.",
        )


def _way(config: Config, objective: Objective) -> tuple[Through, int] | None:
    """Who is asked for it, and how many series that takes."""
    for way in objective.ways:
        asked = through(way)
        aws = asked is Through.CLOUDWATCH and config.aws_in(objective.environment) is not None
        if aws or (asked is Through.NEW_RELIC and config.newrelic is not None):
            return asked, sum(_metrics(each) for each in way.queries)
    return None


def _metrics(query: Query) -> int:
    return 2 if isinstance(query, CloudWatchQuery) and query.percent_of else 1
