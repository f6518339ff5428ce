"""Moves traffic of a migrating service back towards EC2, and off it only where EC2 is the sick side."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.catalog import Deployment, MigrationStage
from bot.domain.errors import Refused, before_sending, moved
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
from bot.domain.traffic import PHASES, Side, Split, back, phase, written
from bot.domain.written import Setting
from bot.mitigations.own_plan import place_of
from bot.tools import Tools

_AGAIN = " again"
"""Ends the target of an undo: the split that was there before, whichever way that is."""
_BUSIER = 1.5
_SIDES = 2


class ShiftTraffic:
    """Phases are EC2's percent before EKS's: 100/0, 90/10, 50/50, 10/90, 0/100."""

    name = "shift_traffic"
    label = "Shift traffic of"
    free = ""

    def __init__(self, *, where: frozenset[str]) -> None:
        self.where = where

    def fits(self, deployment: Deployment) -> bool:
        known = deployment.environment in self.where
        return known and len(deployment.target_groups) == _SIDES

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        _refuse_gone(tools, deployment)
        split = tools.cloud(deployment.environment).traffic.split(deployment)
        sick_is_ec2 = split.sick is split.ec2
        made = [
            _offer(deployment, split, share, suggested=share == back(split.share))
            for share in reversed(PHASES)
            if share > split.share
        ]
        if sick_is_ec2:
            off = [_offer(deployment, split, 0, suggested=True)] if split.share else []
            return off + [replace(each, suggested=False) for each in made]
        return made

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        _refuse_gone(tools, deployment)
        share = phase(target.removesuffix(_AGAIN))
        if share is None:
            phases = ", ".join(written(each) for each in PHASES)
            raise Refused(f"“{target}” is no phase of the migration: say one of {phases}.")
        split = tools.cloud(deployment.environment).traffic.split(deployment)
        if share == split.share:
            raise Refused(f"Traffic of {deployment.service} is at {split.words} already.")
        gains = split.ec2 if share > split.share else split.eks
        _refuse_empty(gains)
        forward = share < split.share
        doubts = _doubts(split, gains, share)
        if forward:
            doubts = (_onward(split, again=target.endswith(_AGAIN)), *doubts)
        made = _plan(tools, deployment, split, share)
        return replace(made, target=target, risk_reasons=doubts, forward=forward)

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        return Ready()

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        doing = f"shift traffic of {plan.service} to {plan.target_label}"
        with before_sending(doing):
            split = _split(tools, plan)
        if split.words == plan.target_label:
            return _receipt(tools, plan, split, "", f"was at {plan.target_label} already")
        if split.words != plan.live:
            raise moved(f"traffic was split {plan.live}, now {split.words}")
        share = phase(plan.target_label)
        assert share is not None
        by_hand = f"Set the weights in {split.shown_as} to {plan.target_label} by hand."
        reference = tools.cloud(plan.environment).traffic.shift(
            split, share, doing=doing, by_hand=by_hand
        )
        return _receipt(tools, plan, split, reference, f"AWS took the split {plan.target_label}")

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        split = _split(tools, plan)
        shows = f"traffic of {plan.service} is split {split.words}"
        if split.words == plan.target_label:
            return _receipt(tools, plan, split, "", shows)
        return Untouched(shows=shows) if split.words == plan.live else Unknown(shows=shows)

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        split = _split(tools, plan)
        if split.words != plan.target_label:
            owner = f": was it {plan.owned_by}?" if plan.owned_by else ""
            return Unhealthy(why=f"the split is {split.words} again{owner}")
        traffic = tools.cloud(plan.environment).traffic
        if receipt.reference and not traffic.spread(receipt.reference):
            return TooEarly(progress="the new weights are on their way to every name server")
        left = receipt.at + split.lingers - tools.clock.now()
        if left > timedelta(0):
            by = split.lingers_by
            return TooEarly(progress=f"clients linger by {by} for {_seconds(left)} more")
        return Settled(
            evidence=f"traffic of {plan.service} is split {split.words}",
            at=receipt.at + split.lingers,
        )

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        made = self.plan(tools, place_of(tools, plan), plan.live + _AGAIN)
        again = f"{plan.live} is the split that was left a moment ago"
        title = f"Undo: split traffic of {plan.service} {plan.live} again"
        # It is as its owner has it then.
        return replace(made, title=title, risk_reasons=(again, *made.risk_reasons), leftovers=())

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        split = _split(tools, plan)
        if split.words != plan.target_label:
            return Cleared(shows=f"traffic is split {split.words}")
        return StillThere(
            shows=f"traffic is still split {split.words}",
            blocked="moving it on again is a change of its own: undo it when the cause is gone",
        )

    def put_back(self, tools: Tools, plan: Plan) -> None:
        raise Refused("Moving traffic on again is a change of its own: undo the mitigation.")


def _split(tools: Tools, plan: Plan) -> Split:
    return tools.cloud(plan.environment).traffic.split(place_of(tools, plan))


def _refuse_gone(tools: Tools, deployment: Deployment) -> None:
    service = tools.catalog.service(deployment.service)
    if service and service.migration is MigrationStage.DECOMMISSIONED:
        raise Refused(
            f"The EC2 side of {deployment.service} is decommissioned: there is nothing to shift"
            " traffic back to. Roll the release on EKS back instead."
        )


def _refuse_empty(gains: Side) -> None:
    if not gains.healthy:
        raise Refused(
            f"{gains.name} has no healthy target ({gains.told()}): traffic shifted there would"
            " be lost. Bring it up first."
        )


def _onward(split: Split, *, again: bool) -> str:
    """Why it may move on at all; `Refused` where nothing speaks for it."""
    if again:
        return f"it moves on, off EC2 ({split.ec2.told()}; {split.eks.told()})"
    if split.sick is not split.ec2:
        raise Refused(
            "Traffic is not moved on to EKS during an incident unless EC2 is the sick side, and"
            f" that does not show: {split.ec2.told()}; {split.eks.told()}."
        )
    return f"it moves on, off EC2, which is the sick side: {split.why_sick(split.ec2)}"


def _doubts(split: Split, gains: Side, share: int) -> tuple[str, ...]:
    """What speaks against the side that gets more: sick, half down, cold, or soon too busy."""
    found = []
    if split.sick is gains:
        found.append(f"{gains.name} is the sick side: {split.why_sick(gains)}")
    if gains.healthy < gains.targets:
        found.append(f"only {gains.healthy} of {gains.targets} targets of {gains.name} pass")
    if not gains.weight:
        slow = f" (slow start {_seconds(gains.slow_start)})" if gains.slow_start else ""
        found.append(f"{gains.name} is cold: it takes no traffic now and has to warm up{slow}")
    if busier := _busier(split, gains, share):
        found.append(busier)
    return tuple(found)


def _busier(split: Split, gains: Side, share: int) -> str:
    """Whether each target would take much more than any target takes now."""
    requests = (split.ec2.requests or 0) + (split.eks.requests or 0)
    if not requests:
        return "how much traffic there is could not be read, so whether it fits is not known"
    part = share if gains is split.ec2 else 100 - share
    after = requests * part / 100 / gains.healthy
    now = max(split.ec2.load or 0.0, split.eks.load or 0.0)
    if now and after > _BUSIER * now:
        return (
            f"each target of {gains.name} would take {after / now:.1f} times of what the busiest"
            " takes now"
        )
    return ""


def _plan(tools: Tools, deployment: Deployment, split: Split, share: int) -> Plan:
    label = written(share)
    sick = split.sick
    return Plan(
        mitigation=ShiftTraffic.name,
        title=f"Shift traffic of {deployment.service} to {label} (EC2/EKS)",
        service=deployment.service,
        environment=deployment.environment,
        target=label,
        target_label=label,
        live=split.words,
        live_label=split.words,
        differences=(
            Difference(what="traffic to EC2", before=_percent(split.share), after=_percent(share)),
            Difference(
                what="traffic to EKS",
                before=_percent(100 - split.share),
                after=_percent(100 - share),
            ),
        ),
        migrations=Migrations.IRRELEVANT,
        stands=(
            split.ec2.told(),
            split.eks.told(),
            f"the sick side is {sick.name}" if sick else "neither side is clearly the sick one",
        ),
        steps=(
            f"change the weights in {split.shown_as}, by one request",
            _lingering(split),
        ),
        leftovers=(f"traffic of {deployment.service} is split {label}, not {split.words}",),
        comforts=(f"{written(share)} is a phase that was run before",),
        system="AWS",
        owned_by=_owner(tools, deployment, split),
        written=_written(deployment, split, share),
    )


def _written(deployment: Deployment, split: Split, share: int) -> tuple[Setting, ...]:
    """One weight for each side, by the name of its target group or record."""
    sides = ((split.ec2, share), (split.eks, 100 - share))
    return tuple(
        Setting(
            attribute="weight",
            before=str(side.weight),
            after=str(weight),
            names=(group, f"{deployment.service}-{side.name.lower()}"),
        )
        for group, (side, weight) in zip(deployment.target_groups, sides, strict=True)
    )


def _owner(tools: Tools, deployment: Deployment, split: Split) -> str:
    """Weights are written where the balancer or the zone is, not where the service is."""
    kind = "route53" if split.kind == "route53" else "load-balancer"
    for each in tools.catalog.resources:
        if each.kind == kind and deployment.environment in each.environments:
            return tools.catalog.written_in(each.name, deployment.environment)
    return ""


def _lingering(split: Split) -> str:
    if not split.lingers:
        return "new requests follow at once"
    return f"clients linger up to {_seconds(split.lingers)} where they are ({split.lingers_by})"


def _offer(deployment: Deployment, split: Split, share: int, *, suggested: bool) -> Offer:
    label = written(share)
    warning = "it moves on, off EC2" if share < split.share else ""
    return Offer(
        mitigation=ShiftTraffic.name,
        target=label,
        title=f"Shift traffic of {deployment.service} from {split.words} to {label}",
        label=label,
        message=f"{split.ec2.told()}; {split.eks.told()}",
        suggested=suggested,
        warning=warning,
    )


def _receipt(tools: Tools, plan: Plan, split: Split, reference: str, summary: str) -> Receipt:
    return Receipt(
        reference=reference,
        summary=f"{plan.service}: {summary}",
        at=tools.clock.now(),
        state=json.dumps({"where": list(split.where)}),
    )


def _percent(share: int) -> str:
    return f"{share} %"


def _seconds(span: timedelta) -> str:
    return f"{round(span.total_seconds())} s"
