"""Puts a service back to a revision that worked, argues against it where it should, and proves it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.domain.catalog import Deployment, Driver
from bot.domain.errors import Refused, VendorError
from bot.domain.mitigation import (
    Cleared,
    Look,
    Migrations,
    Offer,
    Plan,
    Ready,
    Receipt,
    Seen,
    StillThere,
    Waiting,
)
from bot.mitigations.rollback_images import passing_over, with_images
from bot.mitigations.rollback_row import alone, asked, in_a_row, offered
from bot.mitigations.rollback_updates import deployer_of, of_update, with_update
from bot.mitigations.room import with_room
from bot.mitigations.row import place_in
from bot.tools import Deployer, Tools


class Rollback:
    """By whatever deploys it; what the deployer and the code host know goes into one plan."""

    name = "rollback"
    label = "Roll back"
    free = ""

    def fits(self, deployment: Deployment) -> bool:
        return deployment.driver is not Driver.MANAGED

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        found = tools.deployer(deployment).offers(deployment, before=before)
        found = offered(tools, deployment, passing_over(tools, found, before), before)
        return with_update(tools, deployment, found, before)

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        """One place, or a row of them: `rollback_row` says what a target means."""
        wanted = asked(tools, deployment, target)
        first, *rest = wanted.places
        if of_update(wanted.revision):
            return self._update(tools, deployment, first, wanted.revision)
        made = self._one(tools, first, wanted.revision)
        if rest:
            made = in_a_row(tools, made, rest, partial(self._marked, tools))
        elif wanted.mark:
            made = replace(made, title=f"{made.title} in {first.called}")
        return replace(made, target=f"{wanted.mark}{made.target}")

    def _update(
        self, tools: Tools, deployment: Deployment, place: Deployment, revision: str
    ) -> Plan:
        """Of one cluster, since each updates at its own pace; which of Argo CD's others is where nobody says."""
        if place.app != deployment.app:
            raise Refused(
                f"In which cluster {place.app} runs is not known: abort it there by hand."
            )
        made = self._marked(tools, place, revision)
        others = [each.called for each in deployment.everywhere if each != place]
        left = [f"{each} is left as it is" for each in others]
        return replace(made, cautions=(*made.cautions, *left))

    def _marked(self, tools: Tools, place: Deployment, revision: str) -> Plan:
        made = self._one(tools, place, revision)
        mark = "" if of_update(made.target) and not place.site else alone(place)
        return replace(made, target=f"{mark}{made.target}")

    def _one(self, tools: Tools, deployment: Deployment, revision: str) -> Plan:
        made = deployer_of(tools, deployment, revision).plan_rollback(deployment, revision)
        made = with_images(tools, _with_migrations(tools, made))
        comforts = made.comforts or (
            f"{made.target_label} ran here lately",
            "no migration between",
        )
        owner = made.owned_by or _owner(tools, deployment)
        made = replace(made, comforts=comforts, owned_by=owner, cluster=deployment.site)
        return with_room(tools, made, deployment, added=0 if of_update(made.target) else None)

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return _deployer(tools, plan).prepare_rollback(plan, attempt)

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        return _deployer(tools, plan).roll_back(plan, attempt)

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        return _deployer(tools, plan).look(plan, attempt)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        return _deployer(tools, plan).progress(plan, receipt)

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        """A plan like any other, to what was live before: known to be bad, so never alone."""
        if not plan.live:
            raise Refused("Nothing was live before, so there is nothing to go back to.")
        place = _place(tools, plan)
        made = self._marked(tools, place, plan.live)
        again = f"{plan.live_label} is what was just rolled back from"
        where = f" in {place.called}" if place.more else ""
        title = f"Undo: put {plan.service}{where} back on {plan.live_label}"
        if of_update(_revision(made)):
            title = f"Undo: {made.title[0].lower()}{made.title[1:]}"
        return replace(made, title=title, risk_reasons=(again, *made.risk_reasons))

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        return _deployer(tools, plan).leftover(plan)

    def put_back(self, tools: Tools, plan: Plan) -> None:
        _deployer(tools, plan).restore(plan)


def _deployment(tools: Tools, plan: Plan) -> Deployment:
    known = tools.catalog.deployment(plan.service, plan.environment)
    return known or Deployment(service=plan.service, environment=plan.environment)


def _place(tools: Tools, plan: Plan) -> Deployment:
    """The place of this plan: of a row's first plan the service's own."""
    known = _deployment(tools, plan)
    return place_in(known, plan) if plan.cluster else asked(tools, known, plan.target).places[0]


def _revision(plan: Plan) -> str:
    return plan.target.removeprefix(f"{plan.cluster}:") if plan.cluster else plan.target


def _owner(tools: Tools, deployment: Deployment) -> str:
    """A launch template is written down by Terraform; what runs on Kubernetes is not."""
    if deployment.driver is not Driver.ASG:
        return ""
    return tools.catalog.written_in(deployment.service, deployment.environment)


def _deployer(tools: Tools, plan: Plan) -> Deployer:
    return deployer_of(tools, _place(tools, plan), _revision(plan))


def _with_migrations(tools: Tools, plan: Plan) -> Plan:
    """What was migrated on the way forward and would stay, since a rollback runs no hooks."""
    if plan.migration_notes or plan.migrations is Migrations.IRRELEVANT:
        # Who deploys it keeps no commits, and said so; or puts no other code in place.
        return plan
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
