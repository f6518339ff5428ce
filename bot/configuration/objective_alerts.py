"""When a burning budget is told: the workbook's rules, or those of an AlertPolicy of OpenSLO."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from bot.configuration.lines import Document
from bot.configuration.objective_sources import Spot
from bot.configuration.openslo import ConditionSpec, PolicyPart, PolicySpec
from bot.configuration.problem import suggestion
from bot.domain.slo import BurnRule, fastest, rules

Policies = Mapping[str, tuple[PolicySpec, Document]]


def burn_rules(
    policies: Sequence[PolicyPart],
    target: float | None,
    window: timedelta,
    at: Spot,
    named: Policies,
) -> tuple[BurnRule, ...]:
    """Those of the workbook, unless the file has its own."""
    if not policies:
        return () if target is None else rules(target, window)
    if target is None:
        at.into("alertPolicies").wrong("Without a budget nothing burns.", "Remove it.")
        return ()
    found = [
        rule
        for place, each in enumerate(policies)
        for condition, spot in _conditions(each, at.into("alertPolicies", place), named)
        if (rule := _rule(condition, target, spot))
    ]
    return tuple(sorted(found, key=lambda rule: rule.long))


def _conditions(
    policy: PolicyPart, at: Spot, named: Policies
) -> Iterable[tuple[ConditionSpec, Spot]]:
    spec, inside = policy.spec, at.into("spec")
    if (spec is None) == (not policy.ref):
        at.wrong("A policy is written here or named.", "Keep one of `alertPolicyRef` and `spec`.")
        return
    if spec is None:
        known = named.get(policy.ref)
        if known is None:
            at.into("alertPolicyRef").wrong(
                f"There is no AlertPolicy `{policy.ref}`.",
                suggestion(policy.ref, list(named), "Write it, or correct the name."),
            )
            return
        spec, inside = known[0], Spot(known[1], at.problems, ("spec",))
    for place, each in enumerate(spec.conditions):
        yield each.spec, inside.into("conditions", place, "spec", "condition")


def _rule(spec: ConditionSpec, target: float, at: Spot) -> BurnRule | None:
    burn = spec.condition
    if not 0 < burn.threshold <= fastest(target):
        at.into("threshold").wrong(
            f"No outage reaches {burn.threshold:g}x: at a target of {target:.6g} a total one burns "
            f"at {fastest(target):.4g}x.",
            f"Write a threshold above 0 and up to {fastest(target):.4g}.",
        )
        return None
    short = burn.alert_after or burn.lookback_window / 12
    if short >= burn.lookback_window or short < timedelta(minutes=1):
        at.into("alertAfter").wrong(
            "`alertAfter` is the short window: at least 1m, and less than `lookbackWindow`.",
            "Write a twelfth of `lookbackWindow`, like 5m for 1h.",
        )
        return None
    return BurnRule(
        threshold=float(burn.threshold),
        long=burn.lookback_window,
        short=short,
        pages=spec.severity == "page",
    )
