"""What every plan is completed with, whoever made it: numbers before, blast radius, and the risk that follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.catalog import Deployment, Resource
from bot.domain.errors import Refused, VendorError
from bot.domain.mitigation import Measure, Migrations, Plan, Risk
from bot.tools import Mitigation, Tools

BASELINE = timedelta(minutes=2)
"""How far back "before the change" looks."""
_LISTED = 8


def planned(
    tools: Tools, kind: Mitigation, deployment: Deployment, target: str, *, sick: str
) -> Plan:
    """`sick` is the service that the incident is about: its numbers prove what is done elsewhere."""
    return complete(tools, kind.plan(tools, deployment, target), sick=sick)


def complete(tools: Tools, plan: Plan, *, sick: str) -> Plan:
    """Its own worries come first. Without any it is of low risk, and says what speaks for it."""
    made = replace(
        _with_numbers(tools, plan, sick), blast_radius=plan.blast_radius or _reach(tools, plan)
    )
    made = replace(made, then=tuple(complete(tools, each, sick=sick) for each in made.then))
    worries = tuple(dict.fromkeys((*made.risk_reasons, *_worries(tools, made))))
    if worries:
        return replace(made, risk=Risk.HIGH, risk_reasons=worries)
    return replace(made, risk=Risk.LOW, risk_reasons=_comforts(made))


def drift(tools: Tools, plan: Plan) -> str:
    """Why a plan is not the plan any more; empty where it still is. Raises `VendorError`."""
    deployment = tools.catalog.deployment(plan.service, plan.environment)
    if deployment is None:
        return f"{plan.service} is not in the catalog any more."
    try:
        now = tools.mitigations[plan.mitigation].plan(tools, deployment, plan.target)
    except Refused as refused:
        return str(refused)
    # Only what is certainly gone, and was not when this was proposed: silence is no drift.
    if lost := [each for each in now.missing if each not in plan.missing]:
        return f"{', '.join(lost)}, which this proposal did not say: it would not start."
    if now.digest == plan.digest:
        return ""
    if now.live != plan.live:
        return f"It ran {plan.live_label} when this was proposed; now it runs {now.live_label}."
    if left := _left_out(plan, now):
        return f"Not as this was proposed: {'; '.join(left)}."
    return "What would change is not what was proposed any more."


def _left_out(plan: Plan, now: Plan) -> list[str]:
    """What a row says anew where it became shorter, or longer."""
    if len(now.then) > len(plan.then):
        return ["what was left out of it can be done with it now"]
    if len(now.then) == len(plan.then):
        return []
    known = (*plan.risk_reasons, *plan.cautions)
    return [each for each in (*now.risk_reasons, *now.cautions) if each not in known]


def _with_numbers(tools: Tools, plan: Plan, sick: str) -> Plan:
    """The state before the change, which the verdict is measured against."""
    app = _app(tools, plan.service) or _app(tools, sick)
    if tools.metrics is None or not app:
        return plan
    now = tools.clock.now()
    try:
        baseline = tools.metrics.measure(app, since=now - BASELINE, until=now)
        quiet = tools.metrics.normal(app, before=now - BASELINE)
    except VendorError as error:
        baseline = quiet = Measure(source="metrics", at=now, blind=str(error))
    return replace(
        plan,
        baseline=baseline,
        measured=app,
        normal=quiet.error_ratio,
        usual=quiet.per_minute,
    )


def _app(tools: Tools, name: str) -> str:
    service = tools.catalog.service(name)
    return service.new_relic_app if service else ""


def _reach(tools: Tools, plan: Plan) -> tuple[str, ...]:
    """Who stands on it, and which journeys would notice; nearest first."""
    catalog, service = tools.catalog, plan.service
    parts = catalog.components(service)
    lines = [f"{each.label} ships with it" for each in parts]
    shipped = {each.name for each in parts}
    standing = [each for each in catalog.dependants(service) if each.name not in shipped]
    lines += [f"{catalog.label(each.name)} stands on it" for each in standing[:_LISTED]]
    if len(standing) > _LISTED:
        lines.append(f"and {len(standing) - _LISTED} more stand on it")
    journeys = [each.journey.label for each in catalog.journeys_at_risk(service)]
    if journeys:
        lines.append(f"journeys: {', '.join(journeys)}")
    return tuple(lines)


def _worries(tools: Tools, plan: Plan) -> list[str]:
    """Each one alone asks for another person."""
    found = []
    match plan.migrations:
        case Migrations.FOUND:
            count = len(plan.migration_notes) - 1
            found.append(f"{count} migration{'' if count == 1 else 's'} between the two revisions")
        case Migrations.UNKNOWN:
            found.append("whether there are migrations between the two is not known")
        case Migrations.NONE | Migrations.IRRELEVANT:
            pass
    if resource := tools.catalog.resource(plan.service):
        found.append(_shared(resource))
    others = _sharing(tools, plan)
    if others:
        found.append(f"more than one service: {', '.join(others)} share the application")
    if not plan.undoable:
        found.append("there is no way back from it")
    return [*found, *_behind(plan)]


def _behind(plan: Plan) -> list[str]:
    """What the others of its row bring with them."""
    names = dict.fromkeys(each.service for each in plan.then if each.service != plan.service)
    found = [f"more than one service: {', '.join(names)} go back with it"] if names else []
    risky = (each for each in plan.then if each.risk is Risk.HIGH)
    return [*found, *(reason for each in risky for reason in each.risk_reasons)]


def _shared(resource: Resource) -> str:
    if resource.kind == "nodegroup":
        return f"pods of more than one service run on {resource.label}"
    return f"{resource.label} is part of the data layer or edge"


def _comforts(plan: Plan) -> tuple[str, ...]:
    return (*plan.comforts, "one service", "it can be undone")


def _sharing(tools: Tools, plan: Plan) -> list[str]:
    """Services that would be changed with it although they are not part of it."""
    here = tools.catalog.deployment(plan.service, plan.environment)
    if here is None or not here.app:
        return []
    own = {plan.service, *(each.name for each in tools.catalog.components(plan.service))}
    return [
        service.name
        for service in tools.catalog.services
        for each in service.deployments
        if each.environment == here.environment
        and (each.app, each.app_namespace) == (here.app, here.app_namespace)
        and service.name not in own
        and service.part_of not in own
    ]
