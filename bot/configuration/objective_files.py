"""catalog/slos: what users are promised, in OpenSLO v1, read into objectives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from pydantic import BaseModel

from bot.configuration.entities import PREFIX
from bot.configuration.lines import Document
from bot.configuration.objective_alerts import burn_rules
from bot.configuration.objective_sources import Spot, measured
from bot.configuration.openslo import (
    Header,
    IndicatorFile,
    IndicatorSpec,
    ObjectivePart,
    PolicyFile,
    PolicySpec,
    SloFile,
)
from bot.configuration.problem import Problem, suggestion
from bot.configuration.validation import duration, validated
from bot.domain.slo import MONTH, Objective, Threshold

VERSION = "openslo/v1"
ENVIRONMENT = f"{PREFIX}environment"
_KINDS = ("SLO", "SLI", "AlertPolicy")
_SHORTEST, _LONGEST = timedelta(days=1), timedelta(days=60)
File = TypeVar("File", bound=BaseModel)


@dataclass(kw_only=True)
class Written:
    """The documents of the folder by kind: they refer to each other across files."""

    problems: list[Problem]
    production: str = ""
    slos: list[tuple[SloFile, Document]] = field(default_factory=list)
    slis: dict[str, tuple[IndicatorSpec, Document]] = field(default_factory=dict)
    policies: dict[str, tuple[PolicySpec, Document]] = field(default_factory=dict)


def collect(document: Document, written: Written) -> None:
    """Puts a document where its kind belongs."""
    header = validated(Header, document, written.problems)
    if header is None:
        return
    spot = Spot(document, written.problems)
    if header.api_version != VERSION:
        spot.into("apiVersion").wrong(
            f"`{header.api_version}` is not OpenSLO v1." if header.api_version else "No version.",
            f"Write `apiVersion: {VERSION}`.",
        )
        return
    match header.kind:
        case "SLO":
            if slo := validated(SloFile, document, written.problems):
                written.slos.append((slo, document))
        case "SLI":
            if sli := validated(IndicatorFile, document, written.problems):
                _keep(written.slis, sli.metadata.name, sli.spec, spot)
        case "AlertPolicy":
            if policy := validated(PolicyFile, document, written.problems):
                _keep(written.policies, policy.metadata.name, policy.spec, spot)
        case kind:
            spot.into("kind").wrong(
                f"`{kind}` is not read here.",
                suggestion(kind, _KINDS, f"Use {', '.join(_KINDS)}, and write the rest in them."),
            )


def _keep(known: dict[str, tuple[File, Document]], name: str, spec: File, at: Spot) -> None:
    if name in known:
        where = known[name][1].where("metadata", "name")
        at.into("metadata", "name").wrong(
            f"`{name}` already exists, in {where}.", "Give one of them another name."
        )
    known.setdefault(name, (spec, at.document))


def objectives(written: Written) -> list[tuple[Objective, Document]]:
    """Those that nothing is wrong with, in the order in which they were written."""
    made = []
    first: dict[str, Document] = {}
    for slo, document in written.slos:
        before = len(written.problems)
        name, spot = slo.metadata.name, Spot(document, written.problems)
        if (other := first.setdefault(name, document)) is not document:
            spot.into("metadata", "name").wrong(
                f"The objective `{name}` already exists, in {other.where('metadata', 'name')}.",
                "Give one of them another name.",
            )
        found = _objective(slo, spot, written)
        if found and len(written.problems) == before:
            made.append((found, document))
    return made


def _objective(slo: SloFile, at: Spot, written: Written) -> Objective | None:
    spec, inside = slo.spec, at.into("spec")
    if spec.budgeting_method != "Occurrences":
        inside.into("budgetingMethod").wrong(
            f"`{spec.budgeting_method}` is not read: an event is good or bad here, a minute is not.",
            "Write `budgetingMethod: Occurrences`.",
        )
    window = _window(slo, inside)
    if len(spec.objectives) != 1:
        inside.into("objectives").wrong(
            "An objective has one target here.", "Write a document of its own for each other one."
        )
        return None
    promised, place = spec.objectives[0], inside.into("objectives", 0)
    indicator = _indicator(slo, inside, written)
    if indicator is None:
        return None
    if threshold := indicator[0].threshold_metric is not None:
        _limit(promised, place)
    target = None if threshold else _target(promised, place)
    found = measured(indicator[0], promised, indicator[1])
    if found is None or (target is None and not isinstance(found.indicator, Threshold)):
        return None
    return Objective(
        name=slo.metadata.name,
        service=spec.service,
        title=slo.metadata.display_name,
        environment=_environment(slo, at, written),
        target=target,
        indicator=found.indicator,
        instead=found.instead,
        window=window,
        rules=burn_rules(spec.alert_policies, target, window, inside, written.policies),
    )


def _environment(slo: SloFile, at: Spot, written: Written) -> str:
    for label in slo.metadata.labels:
        if label.startswith(PREFIX) and label != ENVIRONMENT:
            at.into("metadata", "labels", label).wrong(
                f"There is no label `{label}`.", suggestion(label, [ENVIRONMENT], "Remove it.")
            )
    name = slo.metadata.labels.get(ENVIRONMENT, written.production)
    if isinstance(name, str):
        return name
    at.into("metadata", "labels", ENVIRONMENT).wrong(
        "An objective is of one environment.", f"Write `{ENVIRONMENT}: {written.production}`."
    )
    return ""


def _window(slo: SloFile, at: Spot) -> timedelta:
    windows, at = slo.spec.time_window, at.into("timeWindow")
    if len(windows) > 1:
        at.wrong("An objective has one window.", "Keep one of them.")
    for each in windows[:1]:
        spot = at.into(0)
        if each.calendar is not None or not each.is_rolling:
            spot.wrong(
                "A window that begins anew with the calendar is not read: budgets roll here.",
                "Write `timeWindow: [{duration: 30d, isRolling: true}]`.",
            )
            return MONTH
        try:
            span = duration(each.duration)
        except ValueError:
            span = None
        if span and _SHORTEST <= span <= _LONGEST:
            return timedelta(seconds=span.total_seconds())
        spot.into("duration").wrong(
            f"`{each.duration}` is no window that can be kept.",
            "Write days or weeks, from 1d to 60d: a month is 30d.",
        )
    return MONTH


def _indicator(slo: SloFile, at: Spot, written: Written) -> tuple[IndicatorSpec, Spot] | None:
    spec = slo.spec
    if (spec.indicator is None) == (not spec.indicator_ref):
        at.wrong(
            "Exactly one of `indicator` and `indicatorRef` says what is measured.",
            "Write the indicator here, or name the SLI that holds it.",
        )
        return None
    if spec.indicator:
        return spec.indicator.spec, at.into("indicator", "spec")
    if found := written.slis.get(spec.indicator_ref):
        return found[0], Spot(found[1], written.problems, ("spec",))
    at.into("indicatorRef").wrong(
        f"There is no SLI `{spec.indicator_ref}`.",
        suggestion(spec.indicator_ref, list(written.slis), "Write it, or correct the name."),
    )
    return None


def _target(part: ObjectivePart, at: Spot) -> float | None:
    """A fraction; a percentage is rounded to what was written, so that 99.9 is 0.999."""
    for name in ("op", "value"):
        if name in part.model_fields_set:
            at.into(name).wrong(f"`{name}` is for a thresholdMetric.", "Write a `target` alone.")
    if (part.target is None) == (part.target_percent is None):
        at.wrong(
            "Exactly one of `target` and `targetPercent` says what is promised.",
            "Write `target: 0.999`, or `targetPercent: 99.9`.",
        )
        return None
    if part.target is not None:
        written, fraction, key = part.target, float(part.target), "target"
    else:
        written, key = part.target_percent or 0, "targetPercent"
        fraction = round(written / 100, 12)
    if 0 < fraction < 1:
        return fraction
    most = "1" if key == "target" else "100"
    at.into(key).wrong(
        f"`{key}: {written}` is not between 0 and {most}: there would be no budget to reckon with.",
        "Write `target: 0.999`, or `targetPercent: 99.9`.",
    )
    return None


def _limit(part: ObjectivePart, at: Spot) -> None:
    for alias, given in (("target", part.target), ("targetPercent", part.target_percent)):
        if given is not None:
            at.into(alias).wrong(
                "A threshold on a percentile has no budget, so no target either.",
                f"Remove `{alias}`, or count the requests that were fast enough in a ratioMetric.",
            )
    if part.op not in ("lt", "lte"):
        at.into("op").wrong(
            f"`op: {part.op}` is not read: a percentile has to stay below its limit."
            if part.op
            else "`op` is missing.",
            "Write `op: lt`.",
        )
    if part.value is None or part.value <= 0:
        at.into("value").wrong("The limit is missing or not above 0.", "Write like `value: 500`.")


def unresolved(
    found: Iterable[tuple[Objective, Document]],
    *,
    subjects: Sequence[str],
    environments: Sequence[str],
) -> Iterable[Problem]:
    """Objectives of what the catalog does not have; `subjects` are services, resources, journeys."""
    for each, document in found:
        if each.service not in subjects:
            yield Problem(
                where=document.where("spec", "service"),
                what=f"`{each.service}` is not in the catalog.",
                fix=suggestion(each.service, subjects, "Add it, or correct the name."),
            )
        if each.environment not in environments:
            yield Problem(
                where=document.where("metadata", "labels", ENVIRONMENT),
                what=f"There is no environment `{each.environment}`.",
                fix=suggestion(each.environment, environments, "Add it to environments.yaml."),
            )
