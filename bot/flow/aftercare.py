"""What a change leaves behind, and fixes that people made by hand: watched until the world is well."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.errors import NotSent, Refused, VendorDown, VendorError
from bot.domain.events import (
    LeftoverBlocked,
    LeftoverClearAsked,
    LeftoverCleared,
    LeftoverNoted,
    LeftoverReminded,
    Mitigated,
    NoteKind,
    RevertAsked,
    RevertFailed,
    RevertOpened,
    WatchAsked,
    WatchConcluded,
    WatchProgressed,
)
from bot.domain.facts import Entry
from bot.domain.incident import Incident, Leftover, MitigationState, Watch
from bot.domain.mitigation import (
    Cleared,
    Healthy,
    Measure,
    MitigationStage,
    StillThere,
    TooEarly,
    Unhealthy,
)
from bot.domain.people import Person
from bot.domain.recovery import RECENT, Recovery
from bot.domain.redaction import redact
from bot.flow.budgets import at_risk
from bot.flow.keeping import stays
from bot.flow.proving import Fix, felt
from bot.flow.shown import lasting
from bot.reactions import Lane, Later, reacts_to
from bot.tools import Tools

_CHECK = timedelta(minutes=5)
_SOON = timedelta(minutes=1)
"""While the incident is open, and somebody writes down what was changed by hand."""
_WATCH_EVERY = timedelta(seconds=15)
_PUNCTUAL = timedelta(minutes=2)
_GIVE_UP = timedelta(minutes=30)


def did(tools: Tools, incident_id: str, text: str, *, by: Person) -> tuple[str, ...]:
    """A fix made by hand: noted, and verified like one of ours. Returns what was redacted."""
    clean = redact(text)
    known = tools.timeline.read(incident_id)
    baseline = _measure(tools, known, tools.clock.now() - RECENT)
    with tools.timeline.open(incident_id) as incident:
        incident.note(clean.text, by=by, kind=NoteKind.ACTION)
        if baseline is not None or at_risk(tools, incident):
            incident.watch(clean.text, by=by, baseline=baseline)
    return clean.found


def _measure(tools: Tools, incident: Incident, since: datetime) -> Measure | None:
    service = tools.catalog.service(incident.service)
    if tools.metrics is None or service is None or not service.new_relic_app:
        return None
    try:
        return tools.metrics.measure(service.new_relic_app, since=since, until=tools.clock.now())
    except VendorError as failed:
        return Measure(source="New Relic", at=tools.clock.now(), blind=failed.why)


@reacts_to(WatchAsked, name="watch-fix", key=lambda fact: getattr(fact, "watch", ""))
def watch_fix(tools: Tools, entry: Entry) -> Later | None:
    """Recovered when the numbers stay good after the fix; says so when it cannot tell."""
    assert isinstance(entry.fact, WatchAsked)
    incident = tools.timeline.read(entry.incident)
    held = incident.watches[entry.fact.watch]
    if held.recovered is not None or not incident.stage.open:
        return None
    service = tools.catalog.service(incident.service)
    if service is None:
        return None
    waited = tools.clock.now() - entry.at
    case = Recovery(
        since=held.since,
        now=tools.clock.now(),
        before=held.baseline,
        stable=tools.policy.verify_for,
    )
    fix = Fix(incident=incident, began=held.since)
    verdict = felt(tools, service.new_relic_app, case, fix=fix)
    if verdict is None:
        return None
    if isinstance(verdict, TooEarly):
        if waited < _GIVE_UP:
            with tools.timeline.open(entry.incident) as incident:
                if incident.watches[held.id].progress != verdict.progress:
                    incident.record(WatchProgressed(watch=held.id, progress=verdict.progress))
            return Later(_WATCH_EVERY, why=verdict.progress)
        verdict = Unhealthy(why=f"no proof after {lasting(_GIVE_UP)}: {verdict.progress}")
    _conclude(tools, entry.incident, held, verdict)
    return None


def _conclude(tools: Tools, incident_id: str, held: Watch, verdict: Healthy | Unhealthy) -> None:
    recovered = isinstance(verdict, Healthy)
    said = verdict.evidence if isinstance(verdict, Healthy) else verdict.why
    with tools.timeline.open(incident_id) as incident:
        incident.record(
            WatchConcluded(
                watch=held.id, recovered=recovered, evidence=said, measure=verdict.measure
            )
        )
        if recovered and incident.mitigated_at is None and incident.resolved_at is None:
            since = verdict.since if isinstance(verdict, Healthy) else None
            incident.record(Mitigated(how=f"{held.text}: {said}", by=held.by, happened_at=since))


@reacts_to(LeftoverNoted, name="mind-leftover", key=lambda fact: getattr(fact, "leftover", ""))
def mind_leftover(tools: Tools, entry: Entry) -> Later | None:
    """Clears itself when the world shows it; its team is reminded while it stays."""
    assert isinstance(entry.fact, LeftoverNoted)
    incident = tools.timeline.read(entry.incident)
    left = incident.leftovers[entry.fact.leftover]
    held = incident.mitigation(left.mitigation)
    if not left.standing:
        return None
    rest = _rest(tools, held)
    check = _SOON if incident.stage.open and held.plan.owned_by else _CHECK
    if not held.stage.over and (rest is None or rest > timedelta(0)):
        return Later(min(check, rest or check), why="its mitigation is under way")
    try:
        seen = tools.mitigations[held.plan.mitigation].leftover(tools, held.plan)
        kept = isinstance(seen, StillThere) and stays(tools, left)
    except VendorError as failed:
        return Later(check, why=failed.why)
    if isinstance(seen, Cleared):
        with tools.timeline.open(entry.incident) as incident:
            again = _put_back_by(incident, held)
            incident.record(LeftoverCleared(leftover=left.id, shows=seen.shows, again_by=again))
        return None
    if kept:
        shows = f"{held.plan.owned_by} has it now, so it stays"
        with tools.timeline.open(entry.incident) as incident:
            incident.record(LeftoverCleared(leftover=left.id, shows=shows, kept=True))
        return None
    if rest is not None and rest <= timedelta(0):
        return _end(tools, entry, held, late=-rest)
    _remind(tools, entry, left.id)
    return Later(min(check, rest or check), why="left over")


def _put_back_by(incident: Incident, held: MitigationState) -> str:
    """Who writes it down and has applied it again; nobody where it never took effect, or where a
    later change of ours did it."""
    if held.underway_at is None or not incident.stage.open:
        return ""
    later = (
        each.started_at
        for each in incident.mitigations.values()
        if each.id != held.id and each.plan.service == held.plan.service and each.started_at
    )
    began = held.started_at
    ours = any(began is None or at > began for at in later)
    return "" if ours else held.plan.owned_by


def _rest(tools: Tools, held: MitigationState) -> timedelta | None:
    """How long it may still last; None where it has no end time, or never began."""
    began = held.underway_at or held.started_at
    if held.plan.ends_after is None or began is None:
        return None
    return began + held.plan.ends_after - tools.clock.now()


def _end(tools: Tools, entry: Entry, held: MitigationState, *, late: timedelta) -> Later | None:
    """Its time is up: put back once. After a crash the world shows whether that was done."""
    assert isinstance(entry.fact, LeftoverNoted)
    left = tools.timeline.read(entry.incident).leftovers[entry.fact.leftover]
    try:
        tools.gate.allow("put it back at its end time")
        tools.mitigations[held.plan.mitigation].put_back(tools, held.plan)
    except Refused as refused:
        return _not_ended(tools, entry, left, str(refused))
    except VendorError as failed:
        if isinstance(failed, VendorDown) or (isinstance(failed, NotSent) and failed.may_pass):
            return Later(failed.retry_after or _WATCH_EVERY, why=failed.why)
        return _not_ended(tools, entry, left, f"{failed.why} {failed.by_hand}".strip())
    shows = "put back at its end time"
    if late > _PUNCTUAL:
        shows += f", {lasting(late)} late: nobody was here to do it"
    with tools.timeline.open(entry.incident) as incident:
        incident.record(LeftoverCleared(leftover=left.id, shows=shows))
    return None


def _not_ended(tools: Tools, entry: Entry, left: Leftover, why: str) -> Later:
    """Said once, and tried again."""
    if left.blocked != why:
        with tools.timeline.open(entry.incident) as incident:
            incident.record(LeftoverBlocked(leftover=left.id, why=why))
    return Later(_CHECK, why=why)


def _remind(tools: Tools, entry: Entry, leftover: str) -> None:
    every = tools.policy.left_over_reminder
    reminded = [
        e.at
        for e in tools.timeline.entries(entry.incident)
        if isinstance(e.fact, LeftoverReminded) and e.fact.leftover == leftover
    ]
    if tools.clock.now() - max([entry.at, *reminded]) >= every:
        with tools.timeline.open(entry.incident) as incident:
            incident.record(LeftoverReminded(leftover=leftover))


def clear_leftover(tools: Tools, incident_id: str, leftover: str, *, by: Person) -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.ask_to_clear(leftover, by=by)


@reacts_to(
    LeftoverClearAsked,
    name="clear-leftover",
    lane=Lane.APPROVAL,
    key=lambda fact: getattr(fact, "leftover", ""),
)
def put_back(tools: Tools, entry: Entry) -> None:
    """Refuses while git would deploy the bad revision; otherwise restores the snapshot exactly."""
    assert isinstance(entry.fact, LeftoverClearAsked)
    incident = tools.timeline.read(entry.incident)
    left = incident.leftovers[entry.fact.leftover]
    held = incident.mitigation(left.mitigation)
    if not left.standing:
        return
    kind = tools.mitigations[held.plan.mitigation]
    blocked, offer = "", ""
    try:
        if not held.stage.over and held.stage is not MitigationStage.STUCK:
            raise Refused(f"“{held.plan.title}” is still {held.stage}.")
        tools.gate.allow("put it back")
        match kind.leftover(tools, held.plan):
            case StillThere(blocked=why, offer=way) if why:
                blocked, offer = why, way
            case StillThere():
                kind.put_back(tools, held.plan)
            case Cleared():
                pass
    except Refused as refused:
        blocked = str(refused)
    except VendorDown:
        raise
    except VendorError as failed:
        blocked = f"{failed.why} {failed.by_hand}".strip()
    with tools.timeline.open(entry.incident) as incident:
        if blocked:
            incident.record(LeftoverBlocked(leftover=left.id, why=blocked, offer=offer))
        else:
            incident.record(
                LeftoverCleared(
                    leftover=left.id, shows="put back as it was before", by=entry.fact.by
                )
            )


def ask_to_revert(tools: Tools, incident_id: str, *, by: Person, leftover: str = "") -> None:
    """A pull request that reverts the bad revision in git, where that is the lasting way back."""
    with tools.timeline.open(incident_id) as incident:
        left = incident.leftovers.get(leftover)
        if left is not None:
            plan = incident.mitigation(left.mitigation).plan
            incident.ask_to_revert(
                by=by,
                service=plan.service,
                bad=plan.live,
                good=plan.target,
                leftover=leftover,
            )
        elif incident.revert_offer is not None:
            offer = incident.revert_offer
            incident.ask_to_revert(by=by, service=offer.service, bad=offer.bad, good=offer.good)
        else:
            raise Refused("Nothing here wants a revert.")


@reacts_to(RevertAsked, name="open-revert")
def open_revert(tools: Tools, entry: Entry) -> None:
    asked = entry.fact
    assert isinstance(asked, RevertAsked)
    if any(r.service == asked.service for r in tools.timeline.read(entry.incident).reverts):
        return
    try:
        if tools.forge is None:
            raise Refused("GitHub is not configured: revert the commit by hand.")
        tools.gate.allow("open a revert pull request")
        title = tools.timeline.read(entry.incident).title
        address = tools.forge.revert_pull_request(
            service=asked.service,
            bad=asked.bad,
            good=asked.good,
            reason=f"{title} ({entry.incident})",
        )
        fact: RevertOpened | RevertFailed = RevertOpened(
            service=asked.service, address=address, leftover=asked.leftover
        )
    except Refused as refused:
        fact = RevertFailed(service=asked.service, why=str(refused))
    except VendorDown:
        raise
    except VendorError as failed:
        fact = RevertFailed(service=asked.service, why=failed.why, by_hand=failed.by_hand)
    with tools.timeline.open(entry.incident) as incident:
        incident.record(fact)
