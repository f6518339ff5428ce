"""Runs a team's own fix that the catalog declares, with the same plan, approval, lock and audit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, before_sending, moved
from bot.domain.mitigation import (
    Cleared,
    Difference,
    Healthy,
    Look,
    Migrations,
    Offer,
    Plan,
    Ready,
    Receipt,
    Seen,
    Settled,
    StillThere,
    Unknown,
    Untouched,
    Waiting,
)
from bot.domain.workflow import By, Order, Proof, Recipe, Run, Workflow, ordered
from bot.mitigations.own_plan import place_of
from bot.mitigations.own_run import adopted, taken, unfinished, unseen
from bot.mitigations.row import elsewhere
from bot.tools import Tools

_SYSTEMS = {By.JOB: "Kubernetes", By.GITHUB: "GitHub Actions", By.SSM: "AWS Systems Manager"}


class RunWorkflow:
    """`where`: the environments in which something of each sort can be run."""

    name = "run_workflow"
    label = "Run a workflow for"
    free = "a workflow and its inputs, “name key=value”"

    def __init__(self, *, workflows: Sequence[Workflow], where: frozenset[tuple[str, By]]) -> None:
        self.workflows, self.where = tuple(workflows), where

    def fits(self, deployment: Deployment) -> bool:
        return bool(self._here(deployment))

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        """What one choice is missing of is offered by choice; else it says how it is typed."""
        return [
            Offer(
                mitigation=self.name,
                target=" ".join(filter(None, (each.name, chosen))),
                title=f"Run {each.label}",
                label=f"{each.label}: {chosen}" if chosen else each.label,
                message=each.description,
                warning="" if chosen or each.complete else f"type it below: {each.usage}",
            )
            for each in self._here(deployment)
            for chosen in each.choices or ("",)
        ]

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        order = ordered(target, self._here(deployment), deployment.environment)
        doing = f"run {order.workflow.name}"
        runner = tools.runner(order.environment, order.workflow.by)
        return _plan(tools, deployment, order, runner.recipe(order, doing=doing))

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        order, doing = self._order(tools, plan), plan.doing
        runner = tools.runner(plan.environment, order.workflow.by)
        with before_sending(doing):
            recipe = runner.recipe(order, doing=doing)
        if _live(order, recipe) != plan.live:
            raise moved(f"what {order.workflow.name} runs was changed")
        by_hand = f"Run {order.workflow.label} by hand, with {_told(order) or 'no input'}."
        runner.start(order, attempt, recipe=recipe, doing=doing, by_hand=by_hand)
        return taken(tools, plan, attempt)

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        order = self._order(tools, plan)
        run = _run(tools, order, attempt)
        if run is not None:
            return adopted(tools, plan, run, attempt)
        shows = f"{plan.system} knows no run of this attempt"
        return Unknown(shows=shows) if order.workflow.by is By.GITHUB else Untouched(shows=shows)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        order = self._order(tools, plan)
        if not receipt.reference:
            return Settled(evidence=receipt.summary, at=receipt.at)
        run = _run(tools, order, receipt.reference)
        if run is None:
            return unseen(plan)
        if begun := unfinished(run):
            return begun
        if order.workflow.proof is Proof.SUCCESS:
            return Healthy(evidence=run.told)
        return Settled(evidence=run.told, at=run.ended or receipt.at, said=run.told)

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        """Another workflow of the catalog; it gets the inputs that it knows by name."""
        order = self._order(tools, plan)
        place = place_of(tools, plan)
        back = next((e for e in self._here(place) if e.name == order.workflow.undo), None)
        if back is None:
            raise Refused(f"The catalog names no workflow that takes {order.workflow.name} back.")
        known = {each.name for each in back.inputs}
        texts = {name: value for name, value in order.inputs if name in known}
        way = Order(workflow=back, environment=plan.environment, inputs=back.given(texts))
        made = self.plan(tools, place, way.text)
        return replace(made, title=f"Undo: {made.title[0].lower()}{made.title[1:]}")

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        return Cleared(shows="a workflow leaves nothing that is watched")

    def put_back(self, tools: Tools, plan: Plan) -> None:
        raise Refused("A workflow is taken back by another one: undo the mitigation.")

    def _here(self, deployment: Deployment) -> tuple[Workflow, ...]:
        place = deployment.environment
        return tuple(
            each
            for each in self.workflows
            if each.serves(deployment.service, place) and (place, each.by) in self.where
        )

    def _order(self, tools: Tools, plan: Plan) -> Order:
        return ordered(plan.target, self._here(place_of(tools, plan)), plan.environment)


def _plan(tools: Tools, deployment: Deployment, order: Order, recipe: Recipe) -> Plan:
    made = order.workflow
    owner = tools.catalog.team(made.owner)
    whose = (owner.title if owner else "") or made.owner
    risky = (f"{whose} calls it risky",) if made.risky else ()
    left = elsewhere(deployment) if made.by is By.JOB else ()
    return Plan(
        mitigation=RunWorkflow.name,
        title=f"Run “{made.label}” for {deployment.service}",
        service=deployment.service,
        environment=deployment.environment,
        target=order.text,
        target_label=f"{made.name}, run once",
        live=_live(order, recipe),
        live_label="things as they are",
        differences=tuple(
            Difference(what=name, before="", after=value) for name, value in order.inputs
        ),
        migrations=Migrations.IRRELEVANT,
        steps=(*recipe.steps, f"watch it until it has ended ({made.proof} proves it)"),
        risk_reasons=(*risky, *recipe.worries),
        comforts=(f"{whose} calls it low risk",),
        stands=(f"it belongs to {whose}: {recipe.label}",),
        cautions=tuple(filter(None, (made.description, *left))),
        undoable=bool(made.undo),
        state=json.dumps({"workflow": made.name}),
        system=_SYSTEMS[made.by],
    )


def _live(order: Order, recipe: Recipe) -> str:
    """What runs and how it is declared: an approval is for both."""
    return f"{recipe.version}.{order.workflow.mark}"


def _run(tools: Tools, order: Order, attempt: str) -> Run | None:
    runner = tools.runner(order.environment, order.workflow.by)
    return runner.find(order, attempt, doing=f"see how {order.workflow.name} goes")


def _told(order: Order) -> str:
    return ", ".join(f"{name}={value}" for name, value in order.inputs)
