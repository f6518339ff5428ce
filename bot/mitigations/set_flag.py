"""Switches a feature flag off, on, or to a percentage, as one rollout that can be undone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, before_sending
from bot.domain.flags import Board, as_it_is, more, setting
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
    TooEarly,
    Unhealthy,
    Unknown,
    Untouched,
    Waiting,
)
from bot.mitigations.own_plan import named_there, place_of
from bot.tools import Tools

LATELY = timedelta(hours=24)


class SetFlag:
    """`where`: the environments whose account is configured."""

    name = "set_flag"
    label = "Set a flag of"
    free = "a flag and “off”, “on” or “25%”"

    def __init__(self, *, where: frozenset[str]) -> None:
        self.where = where

    def fits(self, deployment: Deployment) -> bool:
        return named_there(self.where, deployment, "appconfig")

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        """What is on can be switched off: first, and suggested, what was lately switched on."""
        board = _board(tools, deployment)
        found = [each for each in board.flags if each.on]
        found.sort(key=lambda each: each.name not in board.changed)
        fresh = [each for each in found if each.name in board.changed]
        started = board.latest.started
        lately = started is not None and (before or tools.clock.now()) - started < LATELY
        return [
            Offer(
                mitigation=self.name,
                target=f"{each.name} off",
                title=f"Switch {each.title or each.name} off",
                label=f"{each.name} off",
                message=f"now: {each.words}",
                deployed_at=started if each.name in board.changed else None,
                suggested=lately and (fresh or found) == [each],
            )
            for each in found
        ]

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        wanted = setting(target)
        board = _board(tools, deployment)
        flag = board.flag(wanted.name)
        after = wanted.made(flag)
        if after.words == flag.words:
            raise Refused(f"{flag.name} is {flag.words} already.")
        if board.latest.running:
            raise Refused(
                f"Flags of {deployment.service} are being rolled out right now"
                f" ({board.latest.percent:.0f} %): AWS takes one rollout at a time."
            )
        forward = more(flag, after)
        resource = tools.catalog.resource(deployment.service)
        owner = tools.catalog.team(resource.owner) if resource else None
        return Plan(
            mitigation=self.name,
            title=f"Set the flag {flag.name} to {after.words}",
            service=deployment.service,
            environment=deployment.environment,
            target=wanted.text,
            target_label=after.words,
            live=f"{board.version}.{board.latest.number}",
            live_label=flag.words,
            differences=(Difference(what=flag.name, before=flag.words, after=after.words),),
            migrations=Migrations.IRRELEVANT,
            stands=(f"the flags belong to {owner.title or owner.name}",) if owner else (),
            steps=(f"write version {board.version} again with this one change, and roll it out",),
            risk_reasons=("more people get it than before",) if forward else (),
            leftovers=(f"the flag {flag.name} is {after.words}, not {flag.words}",),
            forward=forward,
            state=json.dumps({"before": as_it_is(flag).text}),
            system="AWS AppConfig",
            owned_by=tools.catalog.written_in(deployment.service, deployment.environment),
        )

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        wanted, doing = setting(plan.target), plan.doing
        place = place_of(tools, plan)
        with before_sending(doing):
            board = _board(tools, place)
        if f"{board.version}.{board.latest.number}" != plan.live:
            raise Refused(
                "Flags were rolled out since this plan was made. Nothing was sent; plan again."
            )
        number = tools.cloud(plan.environment).flags.roll_out(
            place,
            board,
            wanted.made(board.flag(wanted.name)),
            attempt,
            doing=doing,
            by_hand=f"Set {wanted.name} to {plan.target_label} in AppConfig and deploy it.",
        )
        summary = f"AppConfig took rollout {number}: {wanted.text}"
        return Receipt(reference=number, summary=summary, at=tools.clock.now())

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        """Ours is the rollout that carries the attempt's name."""
        place = place_of(tools, plan)
        board, known = _board(tools, place), int(plan.live.rpartition(".")[2])
        for number in range(board.latest.number, known, -1):
            found = tools.cloud(plan.environment).flags.rollout(place, str(number))
            if found.marker == attempt:
                summary = f"AppConfig has our rollout {number}, {found.state.lower()}"
                return Receipt(reference=str(number), summary=summary, at=tools.clock.now())
        if board.latest.number == known:
            return Untouched(shows="nothing was rolled out since the plan was made")
        return Unknown(shows=f"others rolled out number {board.latest.number} meanwhile")

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        place, wanted = place_of(tools, plan), setting(plan.target)
        flags = tools.cloud(plan.environment).flags
        board = flags.board(place)
        found = flags.rollout(place, receipt.reference or str(board.latest.number))
        if found.running:
            return TooEarly(progress=f"rolling the flags out, {found.percent:.0f} %")
        if not found.there:
            return Unhealthy(why=f"AppConfig took the rollout back ({found.state.lower()})")
        now = board.flag(wanted.name)
        if now.words != plan.target_label:
            return Unhealthy(why=f"the flag {now.name} is {now.words} again")
        return Settled(evidence=f"the flag {now.name} is {now.words}", at=receipt.at)

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        back = str(json.loads(plan.state)["before"])
        made = self.plan(tools, place_of(tools, plan), back)
        title = f"Undo: set the flag {setting(back).name} to {made.target_label} again"
        return replace(made, title=title)

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        flag = _board(tools, place_of(tools, plan)).flag(setting(plan.target).name)
        shows = f"the flag {flag.name} is {flag.words}"
        if flag.words != plan.target_label:
            return Cleared(shows=shows)
        return StillThere(shows=shows, blocked="setting it again is a change of its own: undo it")

    def put_back(self, tools: Tools, plan: Plan) -> None:
        raise Refused("Setting a flag again is a change of its own: undo the mitigation.")


def _board(tools: Tools, place: Deployment) -> Board:
    return tools.cloud(place.environment).flags.board(place)
