"""OpenSLO v1 as far as we read it, one class a part: https://github.com/OpenSLO/OpenSLO"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from bot.configuration.own_files import Words
from bot.configuration.validation import Open, Span, Strict

Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Number = StrictInt | StrictFloat


class Header(Open):
    """What says how the rest is read."""

    api_version: str = Field(default="", alias="apiVersion")
    kind: str = ""


class Metadata(Strict):
    name: Name
    display_name: str = Field(default="", alias="displayName")
    labels: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class SourceType(StrEnum):
    CLOUDWATCH = "CloudWatch"
    NEW_RELIC = "NewRelic"


class PercentOfPart(Strict):
    """What is left out is as in the metric whose percentage it is."""

    metric_name: Words = Field(alias="metricName")
    namespace: str = ""
    dimensions: dict[str, str] = Field(default_factory=dict)


class QueryPart(Strict):
    """Either of the two sources; which keys fit is told by the type beside it."""

    namespace: str = ""
    metric_name: str = Field(default="", alias="metricName")
    dimensions: dict[str, str] = Field(default_factory=dict)
    stat: str = ""
    region: str = ""
    percent_of: PercentOfPart | None = Field(default=None, alias="percentOf")
    nrql: str = ""
    part: str = ""


class ThroughPart(Strict):
    nrql: Words


class SourceSpec(QueryPart):
    sum: tuple[QueryPart, ...] = ()
    scale: Number = 1
    unit: str = "ms"
    through_new_relic: ThroughPart | None = Field(default=None, alias="throughNewRelic")


class MetricSource(Strict):
    type: SourceType
    spec: SourceSpec


class Metric(Strict):
    metric_source: MetricSource = Field(alias="metricSource")


class RatioMetric(Strict):
    counter: StrictBool = False
    total: Metric
    good: Metric | None = None
    bad: Metric | None = None


class IndicatorSpec(Strict):
    description: str = ""
    ratio_metric: RatioMetric | None = Field(default=None, alias="ratioMetric")
    threshold_metric: Metric | None = Field(default=None, alias="thresholdMetric")


class Indicator(Strict):
    metadata: Metadata | None = None
    spec: IndicatorSpec


class IndicatorFile(Strict):
    api_version: str = Field(alias="apiVersion")
    kind: Literal["SLI"]
    metadata: Metadata
    spec: IndicatorSpec


class WindowPart(Strict):
    duration: str
    is_rolling: StrictBool = Field(default=False, alias="isRolling")
    calendar: Any = None


class ObjectivePart(Strict):
    display_name: str | Number = Field(default="", alias="displayName")
    op: str = ""
    value: Number | None = None
    target: Number | None = None
    target_percent: Number | None = Field(default=None, alias="targetPercent")


class BurnPart(Strict):
    kind: Literal["burnrate"] = "burnrate"
    op: Literal["gte"] = "gte"
    threshold: Number
    lookback_window: Span = Field(alias="lookbackWindow")
    alert_after: Span | None = Field(default=None, alias="alertAfter")


class ConditionSpec(Strict):
    description: str = ""
    severity: Literal["page", "ticket"]
    condition: BurnPart


class ConditionPart(Strict):
    kind: Literal["AlertCondition"] = "AlertCondition"
    metadata: Metadata | None = None
    spec: ConditionSpec


class PolicySpec(Strict):
    description: str = ""
    conditions: tuple[ConditionPart, ...] = Field(min_length=1, max_length=1)


class PolicyPart(Strict):
    """Written in the SLO, or named and written elsewhere."""

    ref: str = Field(default="", alias="alertPolicyRef")
    kind: Literal["AlertPolicy"] = "AlertPolicy"
    metadata: Metadata | None = None
    spec: PolicySpec | None = None


class PolicyFile(Strict):
    api_version: str = Field(alias="apiVersion")
    kind: Literal["AlertPolicy"]
    metadata: Metadata
    spec: PolicySpec


class SloSpec(Strict):
    description: str = ""
    service: Words
    indicator: Indicator | None = None
    indicator_ref: str = Field(default="", alias="indicatorRef")
    time_window: tuple[WindowPart, ...] = Field(default=(), alias="timeWindow")
    budgeting_method: str = Field(default="Occurrences", alias="budgetingMethod")
    objectives: tuple[ObjectivePart, ...]
    alert_policies: tuple[PolicyPart, ...] = Field(default=(), alias="alertPolicies")


class SloFile(Strict):
    api_version: str = Field(alias="apiVersion")
    kind: Literal["SLO"]
    metadata: Metadata
    spec: SloSpec
