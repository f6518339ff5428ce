"""What a rollback of an Auto Scaling group would do, in the words of its plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.catalog import Deployment
from bot.domain.mitigation import Difference, Plan
from bot.domain.written import Setting
from bot.integrations.aws.group import Group, GroupState, Refresh, Version

STAY_UP = 90
"""Percent of the machines that stay in service while the others are replaced."""
CHECKPOINT, PAUSE = 25, 60
"""At this percent it pauses for so many seconds, so that a bad way back shows early."""
MANY = 4


def suggested(known: list[Version], live: str, before: datetime | None) -> Version | None:
    """The newest older one; of those made before the trouble, where that is known."""
    older = [each for each in known if int(each.number) < int(live)]
    early = [e for e in older if before is None or e.created is None or e.created < before]
    return next(iter(early or older), None)


def live_in(running: Refresh | None, group: Group, versions: Mapping[str, Version]) -> Version:
    """What a running refresh brings counts as live: that is what it is rolled back from."""
    if running is not None and not running.back and running.wanted in versions:
        return versions[running.wanted]
    return versions[group.version]


def turns(running: Refresh | None, group: Group, number: str) -> bool:
    """AWS turns a refresh round that has a wanted configuration, on a group with a numbered one."""
    return (
        running is not None
        and running.status in ("Pending", "InProgress")
        and bool(running.wanted)
        and group.written.isdigit()
        and number == group.version
    )


def plan_of(
    deployment: Deployment, group: Group, pair: tuple[Version, Version], state: GroupState
) -> Plan:
    live, wanted = pair
    rows = [Difference(what="launch template version", before=live.label, after=wanted.label)]
    if live.image != wanted.image:
        rows.append(Difference(what="image", before=live.image, after=wanted.image))
    if live.instance_type != wanted.instance_type:
        rows.append(
            Difference(what="machine", before=live.instance_type, after=wanted.instance_type)
        )
    held = f"{group.name} is held on {wanted.label}, not on {_named(live, group)}"
    return Plan(
        mitigation="rollback",
        title=f"Roll {deployment.service} back to {wanted.label}",
        service=deployment.service,
        environment=deployment.environment,
        target=wanted.number,
        target_label=wanted.label,
        live=live.number,
        live_label=live.label,
        differences=tuple(rows),
        images=wanted.image,
        steps=_steps(group, state),
        interrupts=f"the running refresh to {live.label}" if state.running else "",
        risk_reasons=_doubts(group, state),
        leftovers=(held,),
        written=(
            Setting(
                attribute="version",
                before=group.written,
                after=wanted.number,
                names=(group.name, deployment.service),
            ),
        ),
        state=state.inside(),
        system="AWS",
    )


def _named(live: Version, group: Group) -> str:
    return live.label if group.written.isdigit() else group.written


def _steps(group: Group, state: GroupState) -> tuple[str, ...]:
    if state.turn:
        return ("turn the running refresh round: only machines replaced so far change again",)
    first = ("cancel the running refresh; what it replaced so far stays",) if state.running else ()
    pause = (
        (f"pause for {PAUSE} s when {CHECKPOINT} % are replaced",)
        if group.machines >= MANY
        else ()
    )
    return (
        *first,
        f"replace {group.machines} machines; {STAY_UP} % stay in service",
        *pause,
    )


def _doubts(group: Group, state: GroupState) -> tuple[str, ...]:
    found = []
    if group.suspended and {"Launch", "Terminate"} & set(group.suspended):
        found.append(f"scaling is suspended ({', '.join(group.suspended)}): nothing is replaced")
    if group.in_service < group.desired:
        found.append(f"only {group.in_service} of {group.desired} machines are in service")
    if state.running and not state.turn:
        found.append("the running refresh cannot be turned round, so machines are mixed at first")
    return tuple(found)
