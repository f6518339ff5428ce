"""Stops the runs of a CronJob that are under way, where that was asked for, and lets them go on."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.incident import HOUSE
from bot.domain.mitigation import Difference, Plan
from bot.domain.workload import JobRun, Workload
from bot.mitigations import workload_parts as parts
from bot.tools import Tools

WITH_RUNS = " with runs"
"""Ends a target that is for the runs under way too."""


def asked_for(target: str) -> bool:
    return target.endswith(WITH_RUNS)


def meant(tools: Tools, environment: str, now: Workload, *, back: bool) -> tuple[JobRun, ...]:
    """Those that a plan is for: what works, or on the way back what we stopped."""
    found = tools.cluster(environment).runs(now, doing=f"read the runs of {now.label}")
    if back:
        return tuple(each for each in found if each.stopped and each.attempt)
    return tuple(each for each in found if not each.stopped)


def differences(runs: tuple[JobRun, ...], *, back: bool) -> tuple[Difference, ...]:
    before, after = ("stopped", "begins anew") if back else ("works", "stopped")
    return tuple(
        Difference(what=f"the run {each.name}", before=before, after=after) for each in runs
    )


def follow(tools: Tools, plan: Plan, now: Workload, attempt: str, *, back: bool) -> str:
    """Goes on until every run is as it should be; what is still to come, or nothing."""
    cluster, doing = tools.cluster(plan.environment), plan.doing
    names = parts.held_in(plan).runs
    runs = [each for each in cluster.runs(now, doing=doing) if each.name in names]
    late = [each for each in runs if each.stopped is back]
    if late and now.attempt == attempt:
        if house := tools.timeline.read(HOUSE).frozen_by:
            return f"no more runs are touched: mitigations were frozen by {house}"
        for each in late:
            cluster.stop_run(now, each.name, attempt, doing=doing, stopped=not back)
    if back:
        return _said(late, lambda each: f"the run {each.name} is to go on")
    rest = [each for each in runs if not each.stopped or each.pods]
    return _said(rest, lambda each: f"the run {each.name} is stopping")


def go_on(tools: Tools, plan: Plan, now: Workload, doing: str) -> None:
    """Of a left-over: what was stopped with it goes on as well."""
    cluster, names = tools.cluster(plan.environment), parts.held_in(plan).runs
    if not names:
        return
    for each in cluster.runs(now, doing=doing):
        if each.name in names and each.stopped:
            cluster.stop_run(now, each.name, "put-back", doing=doing, stopped=False)


def _said(runs: list[JobRun], words: Callable[[JobRun], str]) -> str:
    return "; ".join(words(each) for each in runs)
