"""Puts a service back to a revision that worked, argues against it where it should, and proves it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, VendorError
from bot.domain.mitigation import (
    Cleared,
    Healthy,
    Look,
    Measure,
    Migrations,
    Offer,
    Plan,
    Ready,
    Receipt,
    Risk,
    StillThere,
    TooEarly,
    Verdict,
    Waiting,
)
from bot.domain.recovery import RECENT, Recovery, judge
from bot.tools import Deployer, Tools

BASELINE = timedelta(minutes=2)
"""How far back "before the change" looks."""
_LISTED = 8


class Rollback:
    """By Argo CD; what it learns of the deployer, the catalog and the code goes into one plan."""

    name = "rollback"

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        return tools.deployer(deployment).offers(deployment, before=before)

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        made = tools.deployer(deployment).plan_rollback(deployment, target)
        made = _with_migrations(tools, made)
        made = _with_numbers(tools, made)
        made = replace(made, blast_radius=_reach(tools, deployment))
        reasons = (*made.risk_reasons, *_worries(tools, deployment, made))
        risk = Risk.HIGH if reasons else Risk.LOW
        return replace(made, risk=risk, risk_reasons=reasons or _comforts(made))

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return _deployer(tools, plan).prepare_rollback(plan, attempt)

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        return _deployer(tools, plan).roll_back(plan, attempt)

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        return _deployer(tools, plan).look(plan, attempt)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Verdict:
        """First what Argo CD says, then what the users feel."""
        match _deployer(tools, plan).progress(plan, receipt):
            case Healthy(evidence=evidence, measure=settled):
                since = settled.at if settled else receipt.at
                return _by_numbers(tools, plan, evidence, since)
            case verdict:
                return verdict

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        """A plan like any other, to what was live before: known to be bad, so never alone."""
        if not plan.live:
            raise Refused("Nothing was live before, so there is nothing to go back to.")
        made = self.plan(tools, _deployment(tools, plan), plan.live)
        again = f"{plan.live_label} is what was just rolled back from"
        worries = made.risk_reasons if made.risk is Risk.HIGH else ()
        return replace(
            made,
            title=f"Undo: put {plan.service} back on {plan.live_label}",
            risk=Risk.HIGH,
            risk_reasons=(again, *worries),
        )

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        return _deployer(tools, plan).leftover(plan)

    def put_back(self, tools: Tools, plan: Plan) -> None:
        _deployer(tools, plan).restore(plan)


def _deployment(tools: Tools, plan: Plan) -> Deployment:
    known = tools.catalog.deployment(plan.service, plan.environment)
    return known or Deployment(service=plan.service, environment=plan.environment)


def _deployer(tools: Tools, plan: Plan) -> Deployer:
    return tools.deployer(_deployment(tools, plan))


def _with_migrations(tools: Tools, plan: Plan) -> Plan:
    """What was migrated on the way forward and would stay, since a rollback runs no hooks."""
    schema = "a rollback skips hooks and leaves the schema as it is"
    if tools.forge is None:
        notes: tuple[str, ...] = ("no code host is configured", schema)
        return replace(plan, migrations=Migrations.UNKNOWN, migration_notes=notes)
    try:
        found = _between(tools, plan)
    except VendorError as error:
        notes = (f"could not look: {error.why}", schema)
        return replace(plan, migrations=Migrations.UNKNOWN, migration_notes=notes)
    if not found:
        return replace(plan, migrations=Migrations.NONE, migration_notes=())
    return replace(plan, migrations=Migrations.FOUND, migration_notes=(*found, schema))


def _between(tools: Tools, plan: Plan) -> tuple[str, ...]:
    """Of a revision made of several repositories the first is the code's."""
    if tools.forge is None:
        return ()
    base, head = (_commit(each) for each in (plan.target, plan.live))
    # In whichever order they were made: a way forward brings migrations that were never run.
    both = (
        *tools.forge.migrations_between(base, head),
        *tools.forge.migrations_between(head, base),
    )
    return tuple(dict.fromkeys(both))


def _commit(key: str) -> str:
    return key.partition("~")[0].partition(",")[0]


def _with_numbers(tools: Tools, plan: Plan) -> Plan:
    """The state before the change, which the verdict is measured against."""
    service = tools.catalog.service(plan.service)
    app = service.new_relic_app if service else ""
    if tools.metrics is None or not app:
        return plan
    now = tools.clock.now()
    kept: dict[str, object] = {"app": app}
    try:
        baseline = tools.metrics.measure(app, since=now - BASELINE, until=now)
        kept["normal"] = tools.metrics.normal(app, before=now - BASELINE).error_ratio
    except VendorError as error:
        baseline = Measure(source="metrics", at=now, blind=str(error))
    state = {**json.loads(plan.state), "rollback": kept}
    return replace(plan, baseline=baseline, state=json.dumps(state, sort_keys=True))


def _by_numbers(tools: Tools, plan: Plan, evidence: str, since: datetime) -> Verdict:
    kept = json.loads(plan.state).get("rollback", {})
    if tools.metrics is None or not kept.get("app"):
        return Healthy(evidence=f"{evidence}; no metrics configured")
    case = Recovery(
        since=since,
        now=tools.clock.now(),
        before=plan.baseline,
        normal=kept.get("normal"),
        stable=tools.policy.verify_for,
    )
    try:
        start, end = case.window(RECENT)
        recent = tools.metrics.measure(kept["app"], since=start, until=end)
        start, end = case.window(case.stable)
        whole = tools.metrics.measure(kept["app"], since=start, until=end)
    except VendorError as error:
        return TooEarly(progress=f"blind: {error}")
    return judge(case, recent=recent, whole=whole)


def _reach(tools: Tools, deployment: Deployment) -> tuple[str, ...]:
    """Who stands on it, and which journeys would notice; nearest first."""
    catalog, service = tools.catalog, deployment.service
    lines = [f"{each.label} ships with it" for each in catalog.components(service)]
    standing = catalog.dependants(service)
    lines += [f"{catalog.label(each.name)} stands on it" for each in standing[:_LISTED]]
    if len(standing) > _LISTED:
        lines.append(f"and {len(standing) - _LISTED} more stand on it")
    journeys = [each.journey.label for each in catalog.journeys_at_risk(service)]
    if journeys:
        lines.append(f"journeys: {', '.join(journeys)}")
    return tuple(lines)


def _worries(tools: Tools, deployment: Deployment, plan: Plan) -> list[str]:
    """Each one alone asks for another person."""
    found = []
    match plan.migrations:
        case Migrations.FOUND:
            count = len(plan.migration_notes) - 1
            found.append(f"{count} migration{'' if count == 1 else 's'} between the two revisions")
        case Migrations.UNKNOWN:
            found.append("whether there are migrations between the two is not known")
        case Migrations.NONE:
            pass
    if tools.catalog.resource(deployment.service):
        found.append(
            f"{tools.catalog.label(deployment.service)} is part of the data layer or edge"
        )
    others = _sharing(tools, deployment)
    if others:
        found.append(f"more than one service: {', '.join(others)} share the application")
    if not plan.undoable:
        found.append("there is no way back from it")
    return found


def _comforts(plan: Plan) -> tuple[str, ...]:
    return (
        f"{plan.target_label} ran here lately",
        "no migration between",
        "one service",
        "it can be undone",
    )


def _sharing(tools: Tools, deployment: Deployment) -> list[str]:
    """Services that would be rolled back with it although they are not part of it."""
    own = {
        deployment.service,
        *(each.name for each in tools.catalog.components(deployment.service)),
    }
    return [
        service.name
        for service in tools.catalog.services
        for each in service.deployments
        if each.environment == deployment.environment
        and each.app
        and (each.app, each.app_namespace) == (deployment.app, deployment.app_namespace)
        and service.name not in own
        and service.part_of not in own
    ]
