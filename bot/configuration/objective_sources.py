"""What an objective counts: a metricSource of OpenSLO becomes queries to CloudWatch or New Relic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.configuration.lines import Document
from bot.configuration.openslo import (
    IndicatorSpec,
    Metric,
    MetricSource,
    ObjectivePart,
    QueryPart,
    RatioMetric,
    SourceSpec,
    SourceType,
)
from bot.configuration.problem import Problem
from bot.domain.slo import CloudWatchQuery, NewRelicQuery, Query, Ratio, Threshold

_OF_CLOUDWATCH = {
    "namespace": "namespace",
    "metricName": "metric_name",
    "dimensions": "dimensions",
    "stat": "stat",
    "region": "region",
    "percentOf": "percent_of",
}
_COUNTS = ("Sum", "SampleCount")
_EDGE = {"AWS/CloudFront": "us-east-1", "AWS/Route53": "us-east-1"}
"""Global services: their metrics are in one region."""
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)", re.IGNORECASE)
_PERCENTILE_CALL = re.compile(
    r"\bpercentile\s*\(\s*[^,()]+,\s*(\d{1,2}(?:\.\d+)?)\s*\)", re.IGNORECASE
)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|`[^`]*`")
_OURS = re.compile(r"\b(SINCE|UNTIL|TIMESERIES|FACET|COMPARE\s+WITH|LIMIT)\b", re.IGNORECASE)
_SELECTED = re.compile(r"\bSELECT\b(.*?)(?:\bFROM\b|\bWHERE\b|$)", re.IGNORECASE | re.DOTALL)
_CALL = "#"
_INNERMOST = re.compile(r"\([^()]*\)")
_WHOLE = re.compile(r"(?=.*\bSELECT\b)(?=.*\bFROM\b)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Spot:
    """A place in a document, and where what is wrong with it is told."""

    document: Document
    problems: list[Problem]
    path: tuple[str | int, ...] = ()

    def into(self, *path: str | int) -> Spot:
        return Spot(self.document, self.problems, (*self.path, *path))

    def wrong(self, what: str, fix: str) -> None:
        """Once, however many objectives name the same indicator."""
        found = Problem(where=self.document.where(*self.path), what=what, fix=fix)
        if found not in self.problems:
            self.problems.append(found)


@dataclass(frozen=True)
class Measured:
    """`instead` is the way through New Relic, where the file has one."""

    indicator: Ratio | Threshold
    instead: Ratio | Threshold | None


def measured(spec: IndicatorSpec, objective: ObjectivePart, at: Spot) -> Measured | None:
    """None where it does not say what is measured; `at` is the spec of the indicator."""
    if (spec.ratio_metric is None) == (spec.threshold_metric is None):
        at.wrong(
            "An indicator is either a `ratioMetric` or a `thresholdMetric`.",
            "Write exactly one of them: events out of events, or a percentile and its limit.",
        )
        return None
    if spec.ratio_metric:
        return _ratio(spec.ratio_metric, at.into("ratioMetric"))
    assert spec.threshold_metric is not None
    source = spec.threshold_metric.metric_source
    return _threshold(source, objective, at.into("thresholdMetric", "metricSource", "spec"))


def _ratio(metric: RatioMetric, at: Spot) -> Measured | None:
    if metric.counter:
        at.into("counter").wrong(
            "A counter that only grows is not read: CloudWatch and New Relic say how many events "
            "a period had.",
            "Write `counter: false`.",
        )
    if (metric.good is None) == (metric.bad is None):
        at.wrong(
            "Beside `total` there is exactly one of `good` and `bad`.",
            "Keep the one that the source counts; the other follows from it.",
        )
        return None
    sides = {"total": metric.total, "good": metric.good, "bad": metric.bad}
    there = {name: side for name, side in sides.items() if side is not None}
    if len({side.metric_source.type for side in there.values()}) > 1:
        at.wrong(
            "The two sides are asked of different sources, which do not count alike.",
            "Ask both of one; for where AWS is not configured there is `throughNewRelic`.",
        )
    found = {name: _counted(side, at.into(name)) for name, side in there.items()}
    return Measured(Ratio(**found), _ratio_instead(there, at))


def _ratio_instead(sides: dict[str, Metric], at: Spot) -> Ratio | None:
    """Both sides have another way, or neither: a total of one source fits no count of the other."""
    ways = {name: _through(each.metric_source, at.into(name)) for name, each in sides.items()}
    found = {name: (way,) for name, way in ways.items() if way}
    if len(found) == len(ways):
        return Ratio(**found)
    for name, way in ways.items():
        if found and way is None:
            at.into(name, "metricSource", "spec").wrong(
                f"`{name}` has no `throughNewRelic`, and the other side has one.",
                "Add it here too, or remove it there.",
            )
    return None


def _counted(metric: Metric, at: Spot) -> tuple[Query, ...]:
    source, spot = metric.metric_source, at.into("metricSource", "spec")
    for name in ("scale", "unit"):
        if name in source.spec.model_fields_set:
            spot.into(name).wrong(
                f"`{name}` is for a thresholdMetric.", "Remove it: events count."
            )
    return tuple(_countable(source.type, part, where) for part, where in _parts(source, spot))


def _parts(source: MetricSource, at: Spot) -> Iterator[tuple[QueryPart, Spot]]:
    spec = source.spec
    if not spec.sum:
        yield spec, at
        return
    for alias, field in (*_OF_CLOUDWATCH.items(), ("nrql", "nrql"), ("part", "part")):
        if field in spec.model_fields_set:
            at.into(alias).wrong(
                f"`{alias}` stands beside `sum`, which says already what is counted.",
                "Move it into the items of `sum` that it is of.",
            )
    yield from ((part, at.into("sum", place)) for place, part in enumerate(spec.sum))


def _countable(type_: SourceType, part: QueryPart, at: Spot) -> Query:
    query = _query(type_, part, at)
    if isinstance(query, NewRelicQuery):
        if re.search(r"\bpercentile\s*\(", query.nrql, re.IGNORECASE):
            at.into("nrql").wrong(*_NOT_COUNTED)
        return query
    wanted = ("Average",) if query.percent_of else _COUNTS
    if _PERCENTILE.fullmatch(query.stat):
        at.into("stat").wrong(*_NOT_COUNTED)
    elif query.stat not in wanted:
        at.into("stat").wrong(
            f"`{query.stat}` of `{query.metric}` is no count of events.",
            "Write `stat: Average` beside `percentOf`."
            if query.percent_of
            else "Write `stat: Sum`; for a percentage say `percentOf` which count.",
        )
    return query


_NOT_COUNTED = (
    "A percentile is no count of events: percentiles of minutes do not add up to one of a month.",
    "Use a `thresholdMetric`, or count the requests that were fast enough.",
)


def _threshold(source: MetricSource, objective: ObjectivePart, at: Spot) -> Measured | None:
    if source.spec.sum:
        at.into("sum").wrong(
            "Percentiles of several places do not add up to one of all.",
            "Select one percentile over all of them in one query.",
        )
        return None
    query, limit = _query(source.type, source.spec, at), float(objective.value or 0)
    made = _percentile(query, source.spec, limit, at)
    way = _through(source, at, spec_is_here=True)
    instead = None if way is None else _percentile(way, source.spec, limit, at)
    return None if made is None else Measured(made, instead)


def _percentile(query: Query, spec: SourceSpec, limit: float, at: Spot) -> Threshold | None:
    if isinstance(query, NewRelicQuery):
        found, key = _PERCENTILE_CALL.search(query.nrql), "nrql"
    else:
        found, key = _PERCENTILE.fullmatch(query.stat), "stat"
    if found is None:
        at.into(key).wrong(
            "A threshold is on a percentile, and this asks for none.",
            "Write `stat: p99`, or `SELECT percentile(duration, 99) FROM …`.",
        )
        return None
    return Threshold(
        query=query,
        below=limit,
        unit=spec.unit,
        percentile=f"P{found[1]}",
        scale=float(spec.scale),
    )


def _through(source: MetricSource, at: Spot, *, spec_is_here: bool = False) -> Query | None:
    way = source.spec.through_new_relic
    if way is None:
        return None
    spot = at if spec_is_here else at.into("metricSource", "spec")
    spot = spot.into("throughNewRelic")
    if source.type is SourceType.NEW_RELIC:
        spot.wrong("It is asked of New Relic already.", "Remove `throughNewRelic`.")
        return None
    _selects_one_number(way.nrql, spot.into("nrql"))
    return NewRelicQuery(nrql=way.nrql)


def _query(type_: SourceType, part: QueryPart, at: Spot) -> Query:
    if type_ is SourceType.NEW_RELIC:
        for alias, field in _OF_CLOUDWATCH.items():
            if field in part.model_fields_set:
                at.into(alias).wrong(f"`{alias}` is for CloudWatch.", "Remove it, or the type.")
        if not part.nrql:
            at.wrong("`nrql` is missing.", "Add `nrql: SELECT … FROM … WHERE …`.")
        else:
            _selects_one_number(part.nrql, at.into("nrql"))
        return NewRelicQuery(nrql=part.nrql, part=part.part)
    if part.nrql:
        at.into("nrql").wrong("`nrql` is for New Relic.", "Write `type: NewRelic`, or remove it.")
    return _cloudwatch(part, at)


def _cloudwatch(part: QueryPart, at: Spot) -> CloudWatchQuery:
    for alias in ("namespace", "metricName"):
        if not getattr(part, _OF_CLOUDWATCH[alias]):
            at.wrong(f"`{alias}` is missing.", f"Add `{alias}: …`, as CloudWatch has it.")
    region = _EDGE.get(part.namespace, "")
    if region and part.region not in ("", region):
        at.into("region").wrong(
            f"{part.namespace} is global, and its metrics are in {region} alone.",
            f"Write `region: {region}`.",
        )
    base = CloudWatchQuery(
        namespace=part.namespace,
        metric=part.metric_name,
        of=part.dimensions,
        stat=part.stat or ("Average" if part.percent_of else "Sum"),
        region=part.region or region,
        part=part.part,
    )
    if part.percent_of is None:
        return base
    count = CloudWatchQuery(
        namespace=part.percent_of.namespace or base.namespace,
        metric=part.percent_of.metric_name,
        of=part.percent_of.dimensions or base.of,
        region=base.region,
    )
    return replace(base, percent_of=count)


def _selects_one_number(nrql: str, at: Spot) -> None:
    bare = _QUOTED.sub("''", nrql)
    if not _WHOLE.match(bare):
        at.wrong("The NRQL has no `SELECT` or no `FROM`.", "Write `SELECT … FROM … WHERE …`.")
    elif not _one_number(bare):
        at.wrong(
            "The NRQL selects several numbers, or none.",
            "Select one, like `count(…)`; what is counted apart goes into `sum`.",
        )
    for clause in {re.sub(r"\s+", " ", each.upper()) for each in _OURS.findall(bare)}:
        at.wrong(
            f"The NRQL holds `{clause}`: each question adds its own times and wants one number.",
            f"Remove `{clause}` and what belongs to it.",
        )


def _one_number(nrql: str) -> bool:
    """At least one function is called, and no comma stands outside of the calls."""
    folded = nrql
    while (shorter := _INNERMOST.sub(_CALL, folded)) != folded:
        folded = shorter
    found = _SELECTED.search(folded)
    return found is not None and _CALL in found[1] and "," not in found[1]
