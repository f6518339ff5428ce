"""Sets a flag that an application keeps itself (django-waffle) by a Job, as the catalog declares both."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, before_sending, moved
from bot.domain.flag_board import FlagBoard, Known
from bot.domain.mitigation import (
    Cleared,
    Difference,
    Look,
    Migrations,
    Offer,
    Plan,
    Ready,
    Receipt,
    Seen,
    Settled,
    StillThere,
    Unhealthy,
    Untouched,
    Waiting,
)
from bot.domain.places import DeclaredFlag
from bot.domain.waffle import (
    COMMAND,
    KIND,
    WaffleFlag,
    Wanted,
    as_it_is,
    refused_value,
    source_of,
    wanted,
)
from bot.domain.workflow import By, Order, Recipe, Workflow
from bot.mitigations.own_plan import named_there, place_of
from bot.mitigations.own_run import adopted, taken, unfinished, unseen
from bot.tools import Tools

LATELY = timedelta(hours=24)
_READINGS = 6
"""So many listings are compared to tell what was lately changed."""
_FRESH = timedelta(minutes=15)
_OVERRIDES = "what is overridden for a course or an organisation (Open edX) stays as it is there"


class SetWaffleFlag:
    """`where`: the environments whose cluster is configured."""

    name = "set_flag"
    label = "Set a flag of"
    free = "a flag and “off”, “on” or “25%”"

    def __init__(self, *, where: frozenset[str]) -> None:
        self.where = where

    def fits(self, deployment: Deployment) -> bool:
        return named_there(self.where, deployment, KIND)

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        """What is on can be switched off: first, and suggested, what was lately changed."""
        board = _board(tools, deployment, readings=_READINGS)
        if not board.listings:
            raise Refused(
                f"What the flags of {deployment.service} are set to is not known: {board.unread}."
            )
        changed = {move.after.name: move.until for move in reversed(board.moves)}
        found = [
            (each, known)
            for each in tools.catalog.flags_in(deployment.service)
            if not each.values or "off" in each.values
            if (known := _known(board, each.name)) is not None and known.flag.on
        ]
        found.sort(key=lambda pair: pair[0].name not in changed)
        start = before or tools.clock.now()
        fresh = [e for e, _ in found if e.name in changed and start - changed[e.name] < LATELY]
        return [
            Offer(
                mitigation=self.name,
                target=f"{each.name} off",
                title=f"Switch {each.label} off",
                label=f"{each.name} off",
                message=f"now: {known.flag.words}, {_read(known, tools.clock.now())}",
                deployed_at=changed.get(each.name),
                suggested=fresh == [each],
            )
            for each, known in found
        ]

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        asked = wanted(target)
        declared = _declared(tools, deployment, asked)
        board = _board(tools, deployment)
        if run := board.changing(asked.name):
            raise Refused(f"{asked.name} is being set right now, by the {run}.")
        known = board.known(asked.name)
        after = asked.made(known.flag)
        if after.words == known.flag.words:
            raise Refused(f"{asked.name} is {known.flag.words} already.")
        change = _Change(
            declared=declared,
            known=known,
            after=after,
            recipe=_recipe(tools, deployment, after),
            source=board.source,
        )
        return change.plan(tools, deployment, asked)

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        doing, place = plan.doing, place_of(tools, plan)
        runner = tools.runner(plan.environment, By.JOB)
        order = _order(place, _after(plan))
        with before_sending(doing):
            there = runner.find(order, attempt, doing=doing)
            known = _board(tools, place).known(wanted(plan.target).name)
            recipe = runner.recipe(order, doing=doing)
        if there is None and _live(known.flag, recipe) != plan.live:
            raise moved(f"{known.flag.name} is {known.flag.words}, or what sets it was changed")
        said = " ".join((COMMAND, *_after(plan)))
        by_hand = f"Run `./manage.py lms {said}` by hand."
        runner.start(order, attempt, recipe=recipe, doing=doing, by_hand=by_hand)
        return taken(tools, plan, attempt)

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        order = _order(place_of(tools, plan), _after(plan))
        doing = f"see whether {plan.service} was set"
        run = tools.runner(plan.environment, By.JOB).find(order, attempt, doing=doing)
        if run is None:
            return Untouched(shows=f"{plan.system} knows no Job of this attempt")
        return adopted(tools, plan, run, attempt)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        place, name = place_of(tools, plan), wanted(plan.target).name
        if not receipt.reference:
            return Settled(evidence=receipt.summary, at=receipt.at)
        order, doing = _order(place, _after(plan)), f"see how setting {name} goes"
        run = tools.runner(plan.environment, By.JOB).find(order, receipt.reference, doing=doing)
        if run is None:
            return unseen(plan)
        if begun := unfinished(run):
            return begun
        known = _known(_board(tools, place), name)
        if known is None:
            return Unhealthy(why=f"the flag {name} is not listed any more")
        if known.flag.arguments != _after(plan):
            return Unhealthy(why=f"the flag {name} is {known.flag.words} again")
        evidence = f"the flag {name} is {known.flag.words}"
        return Settled(evidence=evidence, at=run.ended or receipt.at, said=run.told)

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        back = str(json.loads(plan.state)["before"])
        made = self.plan(tools, place_of(tools, plan), back)
        title = f"Undo: set the flag {wanted(back).name} to {made.target_label} again"
        return replace(made, title=title)

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        name = wanted(plan.target).name
        board = _board(tools, place_of(tools, plan))
        known = _known(board, name)
        if known is None and not board.listings:
            shows = f"what {name} is set to is not known: {board.unread}"
        elif known is None:
            return Cleared(shows=f"the flag {name} is not listed any more")
        else:
            shows = f"the flag {name} is {known.flag.words}"
            if known.flag.arguments != _after(plan):
                return Cleared(shows=shows)
        return StillThere(shows=shows, blocked="setting it again is a change of its own: undo it")

    def put_back(self, tools: Tools, plan: Plan) -> None:
        raise Refused("Setting a flag again is a change of its own: undo the mitigation.")


@dataclass(frozen=True, kw_only=True)
class _Change:
    declared: DeclaredFlag
    known: Known
    after: WaffleFlag
    recipe: Recipe
    source: str

    def plan(self, tools: Tools, place: Deployment, asked: Wanted) -> Plan:
        before, after = self.known.flag, self.after
        row = Difference(what=asked.name, before=before.words, after=after.words)
        forward = after.reach > before.reach
        return Plan(
            mitigation=SetWaffleFlag.name,
            title=f"Set the flag {asked.name} to {after.words}",
            service=place.service,
            environment=place.environment,
            target=asked.text,
            target_label=after.words,
            live=_live(before, self.recipe),
            live_label=before.words,
            differences=(row,),
            migrations=Migrations.IRRELEVANT,
            stands=self._stands(tools),
            steps=(
                *self.recipe.steps,
                f"tell it `{' '.join((COMMAND, *after.arguments))}`",
                "watch it until it has ended",
            ),
            risk_reasons=(*self._worries(tools.clock.now()), *_more(forward)),
            leftovers=() if asked.back else (f"the flag {asked.name} is {after.words}",),
            cautions=(_OVERRIDES,),
            forward=forward,
            state=json.dumps({"before": as_it_is(before).text, "after": after.arguments}),
            system="Kubernetes",
            owned_by=tools.catalog.written_in(place.service, place.environment),
        )

    def _stands(self, tools: Tools) -> tuple[str, ...]:
        owner = tools.catalog.team(self.declared.owner)
        readers = ", ".join(tools.catalog.label(each) for each in self.declared.services)
        return (
            f"the flag belongs to {(owner.title if owner else '') or self.declared.owner}",
            *((f"{readers} read it",) if readers else ()),
            f"{_read(self.known, tools.clock.now())}, from {self.known.run} ({self.source})",
        )

    def _worries(self, now: datetime) -> tuple[str, ...]:
        found = [*self.recipe.worries]
        if now - self.known.at > _FRESH:
            found.append(f"its value was {_read(self.known, now)}: it may be another one by now")
        if self.known.flag.uneven:
            found.append(
                f"its percentage of {self.known.flag.percent} becomes a whole number:"
                f" {COMMAND} takes no other"
            )
        return tuple(found)


def _more(forward: bool) -> tuple[str, ...]:
    return ("more people get it than before",) if forward else ()


def _board(tools: Tools, place: Deployment, *, readings: int = 1) -> FlagBoard:
    doing = f"read the flags of {place.service}"
    return tools.cluster(place.environment).flags(source_of(place), readings=readings, doing=doing)


def _known(board: FlagBoard, name: str) -> Known | None:
    try:
        return board.known(name)
    except Refused:
        return None


def _order(place: Deployment, arguments: tuple[str, ...]) -> Order:
    runs = replace(source_of(place), arguments=arguments, behind=COMMAND)
    return Order(workflow=Workflow(name=COMMAND, runs=runs), environment=place.environment)


def _recipe(tools: Tools, place: Deployment, after: WaffleFlag) -> Recipe:
    runner = tools.runner(place.environment, By.JOB)
    return runner.recipe(_order(place, after.arguments), doing=f"set {after.name}")


def _live(flag: WaffleFlag, recipe: Recipe) -> str:
    """What the flag is and how it would be set: an approval is for both."""
    return f"{recipe.version}.{' '.join(flag.arguments)}"


def _after(plan: Plan) -> tuple[str, ...]:
    return tuple(json.loads(plan.state)["after"])


def _declared(tools: Tools, place: Deployment, asked: Wanted) -> DeclaredFlag:
    known = tools.catalog.flags_in(place.service)
    found = next((each for each in known if each.name == asked.name), None)
    if found is None:
        names = ", ".join(each.name for each in known[:12]) or "none"
        raise Refused(f"The catalog declares no flag “{asked.name}” there. It declares: {names}.")
    if found.values and not asked.back and asked.value not in found.values:
        raise refused_value(found.name, asked.value, found.values)
    return found


def _read(known: Known, now: datetime) -> str:
    """How old what is known is, in words."""
    minutes = int((now - known.at).total_seconds() // 60)
    if minutes < 1:
        return "read just now"
    if minutes < 120:
        return f"read {minutes} minute{'' if minutes == 1 else 's'} ago"
    return f"read {minutes // 60} hours ago"
