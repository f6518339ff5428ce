"""Turns a firewall rule from counting to blocking or back, for a stated time, after which it is put back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, before_sending
from bot.domain.firewall import Edit, Rule, Verb, Wall, edit, lasting
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
    Unknown,
    Untouched,
    Waiting,
)
from bot.domain.written import Setting
from bot.mitigations.own_plan import named_there, place_of
from bot.tools import Tools

_TURNED = {"block": Verb.COUNT, "count": Verb.BLOCK}


class BlockRequests:
    """`where`: the environments whose account is configured."""

    name = "block_requests"
    label = "Change the firewall"
    free = "“block” or “count” a rule, “limit” one, or “deny” an address, “for 2h”"

    def __init__(self, *, where: frozenset[str]) -> None:
        self.where = where

    def fits(self, deployment: Deployment) -> bool:
        return named_there(self.where, deployment, "waf")

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        wall = _wall(tools, deployment.service, deployment.environment)
        found = [_turn(each) for each in wall.rules if each.action in _TURNED]
        return [
            Offer(
                mitigation=self.name,
                target=each.text,
                title=_title(each, deployment),
                label=each.text,
                message=f"now: {each.now(wall)}",
            )
            for each in found
        ]

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        wanted = edit(target)
        wall = _wall(tools, deployment.service, deployment.environment)
        now = _refused_or_now(wanted, wall)
        lock = _lock(wanted, wall)
        owner = tools.catalog.written_in(deployment.service, deployment.environment)
        until = "for good" if wanted.span is None else f"{lasting(wanted.span)} after it starts"
        return Plan(
            mitigation=self.name,
            title=_title(wanted, deployment),
            service=deployment.service,
            environment=deployment.environment,
            target=wanted.text,
            target_label=wanted.wanted,
            live=lock,
            live_label=f"“{now}”",
            differences=(
                Difference(what=_subject(wanted), before=now, after=wanted.wanted),
                Difference(what="until", before="no end", after=until),
            ),
            migrations=Migrations.IRRELEVANT,
            steps=_steps(wanted, wall),
            risk_reasons=_doubts(wanted, wall),
            leftovers=(_left(wanted, now),) if wanted.span or owner else (),
            ends_after=wanted.span,
            state=json.dumps({"before": now}),
            system="AWS WAF",
            owned_by=owner,
            written=_written(wanted, wall),
        )

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        wanted, doing = edit(plan.target), plan.doing
        with before_sending(doing):
            wall = _wall(tools, plan.service, plan.environment)
        if _lock(wanted, wall) != plan.live:
            raise Refused(
                "The firewall was changed since this plan was made. Nothing was sent: look at it"
                " and make a new plan, which has to be approved anew."
            )
        reference = self._send(tools, plan, wanted, plan.live, doing=doing)
        return Receipt(
            reference=reference, summary=f"AWS WAF took it: {wanted.text}", at=tools.clock.now()
        )

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        wanted = edit(plan.target)
        wall = _wall(tools, plan.service, plan.environment)
        shows = f"{_subject(wanted)} is “{wanted.now(wall)}”"
        if wanted.now(wall) == wanted.wanted:
            lock = _lock(wanted, wall)
            return Receipt(reference=lock, summary=shows, at=tools.clock.now())
        same = _lock(wanted, wall) == plan.live
        return Untouched(shows=shows) if same else Unknown(shows=f"{shows}, changed by others")

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        wanted = edit(plan.target)
        now = wanted.now(_wall(tools, plan.service, plan.environment))
        if now != wanted.wanted:
            owner = f": was it {plan.owned_by}?" if plan.owned_by else ""
            return Unhealthy(why=f"{_subject(wanted)} is “{now}” again{owner}")
        return Settled(evidence=f"{_subject(wanted)} is “{now}”", at=receipt.at)

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        back = edit(plan.target).back(_before(plan))
        made = self.plan(tools, place_of(tools, plan), back.text)
        title = f"Undo: {_subject(back)} back to “{back.wanted}”"
        # It is as its owner has it then.
        return replace(made, title=title, leftovers=())

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        wanted = edit(plan.target)
        now = wanted.now(_wall(tools, plan.service, plan.environment))
        shows = f"{_subject(wanted)} is “{now}”"
        return StillThere(shows=shows) if now == wanted.wanted else Cleared(shows=shows)

    def put_back(self, tools: Tools, plan: Plan) -> None:
        """Only what we changed ourselves: where it stands otherwise by now, nothing is written."""
        wanted = edit(plan.target)
        wall = _wall(tools, plan.service, plan.environment)
        if wanted.now(wall) != wanted.wanted:
            return
        back = wanted.back(_before(plan))
        doing = f"put {_subject(back)} back to “{back.wanted}”"
        self._send(tools, plan, back, _lock(back, wall), doing=doing)

    def _send(self, tools: Tools, plan: Plan, wanted: Edit, lock: str, *, doing: str) -> str:
        place = place_of(tools, plan)
        by_hand = f"Open {place.identifier} in AWS WAF and set {_subject(wanted)} by hand."
        return tools.cloud(plan.environment).firewall.change(
            place, wanted, lock, doing=doing, by_hand=by_hand
        )


def _wall(tools: Tools, service: str, environment: str) -> Wall:
    known = tools.catalog.deployment(service, environment)
    if known is None:
        raise Refused(f"{service} is not in the catalog any more.")
    return tools.cloud(environment).firewall.wall(known)


def _refused_or_now(wanted: Edit, wall: Wall) -> str:
    if wanted.verb in (Verb.BLOCK, Verb.COUNT):
        rule = wall.rule(wanted.what)
        if rule.action not in _TURNED:
            raise Refused(f"{rule.name} is set to “{rule.action}”, neither counting nor blocking.")
    if wanted.verb is Verb.LIMIT and wall.rule(wanted.what).limit is None:
        raise Refused(f"{wanted.what} is no rule with a limit.")
    now = wanted.now(wall)
    if now == wanted.wanted:
        raise Refused(f"{_subject(wanted)} is “{now}” already.")
    return now


def _lock(wanted: Edit, wall: Wall) -> str:
    return wall.addresses(wanted.list).lock if wanted.list else wall.lock


def _before(plan: Plan) -> str:
    return str(json.loads(plan.state)["before"])


def _turn(rule: Rule) -> Edit:
    return Edit(verb=_TURNED[rule.action], what=rule.name)


def _subject(wanted: Edit) -> str:
    match wanted.verb:
        case Verb.BLOCK | Verb.COUNT:
            return f"rule {wanted.what}"
        case Verb.LIMIT:
            return f"limit of {wanted.what}"
        case Verb.DENY | Verb.PARDON:
            return f"{wanted.what} in {wanted.list}"


def _title(wanted: Edit, deployment: Deployment) -> str:
    wall = deployment.service
    match wanted.verb:
        case Verb.BLOCK:
            said = f"Let {wanted.what} block requests on {wall}"
        case Verb.COUNT:
            said = f"Let {wanted.what} only count, and block nothing, on {wall}"
        case Verb.LIMIT:
            said = f"Set the limit of {wanted.what} to {wanted.limit} on {wall}"
        case Verb.DENY:
            said = f"Block {wanted.what} on {wall}"
        case Verb.PARDON:
            said = f"Let {wanted.what} in again on {wall}"
    return f"{said} for {lasting(wanted.span)}"


def _steps(wanted: Edit, wall: Wall) -> tuple[str, ...]:
    after = (
        "it stays until somebody changes it"
        if wanted.span is None
        else f"put it back by itself {lasting(wanted.span)} later, once"
    )
    rule = None if wanted.list else wall.rule(wanted.what)
    window = ""
    if rule and rule.window:
        window = f" (requests of one address in {rule.window.total_seconds():.0f} s)"
    return (f"write {wall.name} back with this one change{window}", after)


def _written(wanted: Edit, wall: Wall) -> tuple[Setting, ...]:
    """An address is one of a list: there is no single value to change."""
    if wanted.list:
        return ()
    rule = wall.rule(wanted.what)
    if wanted.verb is Verb.LIMIT:
        before, after, attribute = str(rule.limit), wanted.wanted, "limit"
    elif rule.group:
        # All of a managed group is overridden to count, or nothing of it is.
        before, after = (value.replace("block", "none") for value in (rule.action, wanted.wanted))
        attribute = "override_action"
    else:
        before, after, attribute = rule.action, wanted.wanted, "action"
    return (
        Setting(
            attribute=attribute,
            before=before,
            after=after,
            names=(rule.name,),
            nested=wanted.verb is not Verb.LIMIT,
        ),
    )


def _doubts(wanted: Edit, wall: Wall) -> tuple[str, ...]:
    found = []
    if wanted.verb is Verb.COUNT:
        found.append(f"{wanted.what} stops nothing while it only counts")
    if wanted.verb in (Verb.BLOCK, Verb.DENY):
        found.append("people who did nothing wrong may be shut out with the others")
    if wanted.span is None:
        found.append("it has no end time")
    if wall.owner:
        found.append(f"{wall.owner} owns {wall.name} and may put it back by itself")
    return tuple(found)


def _left(wanted: Edit, before: str) -> str:
    span = lasting(wanted.span)
    return f"{_subject(wanted)} is “{wanted.wanted}”, not “{before}”, for {span}"
