"""Auto Scaling groups as the bot's deployer: back to an older, numbered launch template version."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.domain.catalog import Deployment
from bot.domain.change import Change, ChangeKind
from bot.domain.errors import Refused, before_sending, moved
from bot.domain.mitigation import (
    Cleared,
    Look,
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
from bot.integrations.aws.account import Account
from bot.integrations.aws.group import Group, Groups, GroupState, Refresh, Version, state_in
from bot.integrations.aws.refresh_plan import (
    CHECKPOINT,
    MANY,
    PAUSE,
    STAY_UP,
    live_in,
    plan_of,
    suggested,
    turns,
)

_DONE = ("Successful", "RollbackSuccessful")


class Refreshing:
    """One per environment."""

    name = "AWS"

    def __init__(self, account: Account) -> None:
        self._account, self._groups = account, Groups(account)

    def offers(self, deployment: Deployment, *, before: datetime | None) -> list[Offer]:
        doing = f"read the versions of {deployment.service}"
        group = self._groups.group(_name(deployment), doing=doing)
        running = self._running(group.name, doing)
        live = running.wanted if running and running.wanted and not running.back else group.version
        known = self._groups.offered(group.template, doing=doing)
        best = suggested(known, live, before)
        return [
            Offer(
                mitigation="rollback",
                target=each.number,
                title=f"Roll {deployment.service} back to {each.label}",
                label=each.label,
                image=each.image,
                author=each.author,
                message=each.description,
                deployed_at=each.created,
                suggested=each is best,
                warning="" if int(each.number) < int(live) else "newer than what runs",
            )
            for each in known
            if each.number != live or (running and each.number == group.version)
        ]

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        found = []
        for each in places:
            if not each.asg:
                continue
            doing = f"read what was rolled out on {each.service}"
            for refresh in self._groups.refreshes(each.asg, doing=doing):
                if refresh.started and since <= refresh.started <= until:
                    found.append(_change(each, refresh))
        return found

    def plan_rollback(self, deployment: Deployment, target: str) -> Plan:
        doing = f"plan a rollback of {deployment.service}"
        group = self._groups.group(_name(deployment), doing=doing)
        refreshes = self._groups.refreshes(group.name, doing=doing)
        running = next((each for each in refreshes if each.running), None)
        versions = {e.number: e for e in self._groups.versions(group.template, doing=doing)}
        number = target.strip().removeprefix("v")
        wanted = versions.get(number)
        if wanted is None:
            raise Refused(
                f"The launch template of {deployment.service} has no version “{target}”."
            )
        live = live_in(running, group, versions)
        if number == group.version and running is None and group.written.isdigit():
            raise Refused(f"{deployment.service} already runs {wanted.label}.")
        self._refuse_image(wanted, doing)
        turn = turns(running, group, number)
        state = GroupState(
            group=group.name,
            template=group.template,
            live=live.number,
            target=number,
            turn=turn,
            running=running.id if running else "",
            seen=refreshes[0].id if refreshes else "",
        )
        return plan_of(deployment, group, (live, wanted), state)

    def prepare_rollback(self, plan: Plan, attempt: str) -> Ready | Waiting:
        """A refresh that cannot be turned round is cancelled first; machines replaced so far stay."""
        state = state_in(plan.state)
        doing = f"stop the running refresh of {plan.service}"
        running = self._running(state.group, doing)
        if running is None or state.turn:
            return Ready()
        if running.id != state.running:
            raise _moved(plan, "a refresh was started meanwhile")
        if running.status != "Cancelling":
            self._account.write(
                "autoscaling",
                "cancel_instance_refresh",
                doing=doing,
                by_hand=_by_hand("cancel-instance-refresh", state),
                once=False,
                AutoScalingGroupName=state.group,
            )
        return Waiting(why=f"waiting for the running refresh of {plan.service} to stop")

    def roll_back(self, plan: Plan, attempt: str) -> Receipt:
        state, doing = state_in(plan.state), f"roll {plan.service} back"
        with before_sending(doing):
            group = self._groups.group(state.group, doing=doing)
            running = self._running(state.group, doing)
        self._refuse_drift(plan, state, group, running)
        if state.turn:
            answered = self._account.write(
                "autoscaling",
                "rollback_instance_refresh",
                doing=doing,
                by_hand=_by_hand("rollback-instance-refresh", state),
                AutoScalingGroupName=state.group,
            )
        else:
            answered = self._account.write(
                "autoscaling",
                "start_instance_refresh",
                doing=doing,
                by_hand=_by_hand("start-instance-refresh", state),
                AutoScalingGroupName=state.group,
                DesiredConfiguration=_desired(group, state.target),
                Preferences=_preferences(group),
            )
        return Receipt(
            reference=answered["InstanceRefreshId"],
            summary=f"AWS took the rollback of {plan.service} to {plan.target_label}",
            at=self._account.clock.now(),
        )

    def look(self, plan: Plan, attempt: str) -> Look:
        state = state_in(plan.state)
        doing = f"see what became of the rollback of {plan.service}"
        refreshes = self._groups.refreshes(state.group, doing=doing)
        newest = refreshes[0] if refreshes else None
        ours = newest and (
            newest.back
            if state.turn and newest.id == state.running
            else newest.id != state.seen and newest.wanted == state.target
        )
        if newest and ours:
            return Receipt(
                reference=newest.id,
                summary=f"a refresh of {plan.service} to {plan.target_label} is there",
                at=newest.started or self._account.clock.now(),
            )
        shows = f"the newest refresh is {newest.status}" if newest else "there is no refresh"
        if (newest.id if newest else "") == state.seen:
            return Untouched(shows=f"{shows}; it was there before")
        return Unknown(shows=f"{shows}, to v{newest.wanted if newest else '?'}")

    def progress(self, plan: Plan, receipt: Receipt) -> Seen:
        state, doing = state_in(plan.state), f"watch the rollback of {plan.service}"
        refreshes = self._groups.refreshes(state.group, doing=doing)
        wanted = [e for e in refreshes if e.id == receipt.reference] or refreshes[:1]
        if not wanted:
            return TooEarly(progress="AWS shows no refresh yet")
        (found,) = wanted[:1]
        if found.running:
            return TooEarly(progress=_progress(found))
        group = self._groups.group(state.group, doing=doing)
        if found.status not in _DONE:
            why = f": {found.why}" if found.why else ""
            return Unhealthy(why=f"the refresh ended as {found.status}{why}")
        if group.version != state.target:
            return Unhealthy(why=f"the group is on v{group.version}, not on {plan.target_label}")
        up = f"{group.in_service} of {group.desired} machines in service"
        if group.in_service < group.desired:
            return TooEarly(progress=up)
        return Settled(
            evidence=f"{group.name} runs {plan.target_label}, {up}", at=found.ended or receipt.at
        )

    def leftover(self, plan: Plan) -> Cleared | StillThere:
        state = state_in(plan.state)
        group = self._groups.group(state.group, doing=f"read the version of {plan.service}")
        if group.written != state.target:
            return Cleared(shows=f"{group.name} is on {group.written}")
        return StillThere(
            shows=f"{group.name} is held on v{group.version}",
            blocked="going forward again is a release: make it when the cause is gone",
        )

    def restore(self, plan: Plan) -> None:
        raise Refused("Going forward again is a release of its own: undo the rollback instead.")

    def _running(self, name: str, doing: str) -> Refresh | None:
        return next((e for e in self._groups.refreshes(name, doing=doing) if e.running), None)

    def _refuse_image(self, wanted: Version, doing: str) -> None:
        if wanted.image.startswith("resolve:ssm:"):
            raise Refused(
                f"{wanted.label} takes its image from a parameter ({wanted.image}): it names no"
                " fixed image to go back to. Set the parameter back instead."
            )
        if wanted.image and not self._groups.image_there(wanted.image, doing=doing):
            raise Refused(f"The image {wanted.image} of {wanted.label} does not exist any more.")

    def _refuse_drift(
        self, plan: Plan, state: GroupState, group: Group, running: Refresh | None
    ) -> None:
        if state.turn and (running is None or running.id != state.running):
            raise _moved(plan, "the refresh that it would turn round is over")
        if not state.turn and running is not None:
            raise _moved(plan, "a refresh is running")
        # After a cancelled refresh the group itself is still on what it came from.
        if not state.running and group.version != state.live:
            raise _moved(plan, f"the group is on v{group.version}")


def _name(deployment: Deployment) -> str:
    if not deployment.asg:
        raise Refused(f"{deployment.ref} has no Auto Scaling group in the catalog.")
    return deployment.asg


def _desired(group: Group, number: str) -> dict[str, Any]:
    if group.mixed is None:
        return {"LaunchTemplate": {"LaunchTemplateId": group.template, "Version": number}}
    policy = copy.deepcopy(dict(group.mixed))
    spec = policy["LaunchTemplate"]["LaunchTemplateSpecification"]
    # AWS shows id and name, and takes only one of them.
    spec.pop("LaunchTemplateName", None)
    spec["Version"] = number
    return {"MixedInstancesPolicy": policy}


def _preferences(group: Group) -> dict[str, Any]:
    wanted: dict[str, Any] = {"MinHealthyPercentage": STAY_UP, "SkipMatching": True}
    if group.machines >= MANY:
        wanted |= {"CheckpointPercentages": [CHECKPOINT, 100], "CheckpointDelay": PAUSE}
    return wanted


def _progress(found: Refresh) -> str:
    said = f"{found.percent} % replaced"
    if found.back or found.status == "RollbackInProgress":
        said = f"turned round, {found.percent} % had been replaced"
    more = f", {found.left} machines to go" if found.left else ""
    why = f" ({found.why})" if found.why else ""
    return f"{said}{more}{why}"


def _moved(plan: Plan, how: str) -> Refused:
    return moved(f"{how}, and {plan.service} was on {plan.live_label}")


def _by_hand(command: str, state: GroupState) -> str:
    return f"aws autoscaling {command} --auto-scaling-group-name {state.group}"


def _change(deployment: Deployment, refresh: Refresh) -> Change:
    """One that goes to no version replaces the machines by the same: a restart."""
    assert refresh.started is not None
    return Change(
        id=f"asg:{refresh.id}",
        source=Refreshing.name,
        service=deployment.service,
        environment=deployment.environment,
        at=refresh.started,
        after=f"v{refresh.wanted}" if refresh.wanted else "restart",
        message=f"instance refresh of {deployment.asg}, {refresh.status}",
        refs=(refresh.id,),
        kind=ChangeKind.DEPLOY if refresh.wanted else ChangeKind.RESTART,
        reversible_by="rollback" if refresh.wanted else "",
    )
