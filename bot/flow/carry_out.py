"""Carries out what was approved: prepared, sent at most once, watched, and proven or not."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.errors import NotSent, Refused, VendorDown, VendorError
from bot.domain.events import (
    LeftoverNoted,
    Mitigated,
    MitigationApproved,
    MitigationFailed,
    MitigationUnderway,
    MitigationVerified,
)
from bot.domain.facts import Entry, Fact
from bot.domain.incident import HOUSE, Incident, MitigationState
from bot.domain.mitigation import (
    Healthy,
    MitigationStage,
    Receipt,
    TooEarly,
    Unhealthy,
    Unknown,
    Untouched,
    Waiting,
)
from bot.domain.people import Person
from bot.flow.proving import Fix, proven
from bot.reactions import Lane, Later, reacts_to
from bot.tools import Mitigation, Tools

S = MitigationStage

_SOON = timedelta(seconds=3)
_VERDICT_EVERY = timedelta(seconds=15)
_DOUBT = timedelta(seconds=10)
_PATIENCE = timedelta(minutes=45)
_LOOKS = timedelta(seconds=60)


def _id(fact: Fact) -> str:
    return str(getattr(fact, "mitigation", ""))


@reacts_to(MitigationApproved, name="carry-out", lane=Lane.APPROVAL, key=_id, gives_up=False)
def carry_out(tools: Tools, entry: Entry) -> Later | None:
    """Prepare (repeatable), commit the start, send one request, commit the receipt."""
    held = tools.timeline.read(entry.incident).mitigation(_id(entry.fact))
    kind = tools.mitigations[held.plan.mitigation]
    match held.stage:
        case S.APPROVED | S.PREPARING:
            return _prepare(tools, entry, held, kind)
        case S.STARTED if held.in_doubt:
            return _look(tools, entry, held, kind)
        case _:
            return None


def _prepare(tools: Tools, entry: Entry, held: MitigationState, kind: Mitigation) -> Later | None:
    if house := tools.timeline.read(HOUSE).frozen_by:
        return _fail(tools, entry, held, f"Mitigations were frozen by {house}.")
    try:
        tools.gate.allow(held.plan.title.lower())
        if not _begun(tools, entry, held):
            return None
        # Named with its incident: ids of mitigations repeat from one incident to the next.
        attempt = f"{entry.incident}.{held.id}.{len(held.attempts) + 1}"
        ready = kind.prepare(tools, held.plan, attempt)
    except Refused as refused:
        return _fail(tools, entry, held, str(refused))
    except VendorDown as down:
        _progress(tools, entry.incident, held.id, f"Waiting for {down.vendor}: {down.why}")
        return Later(down.retry_after or _SOON, why=down.why)
    except VendorError as failed:
        return _fail(tools, entry, held, failed.why, by_hand=failed.by_hand)
    if isinstance(ready, Waiting):
        _progress(tools, entry.incident, held.id, ready.why)
        return Later(_SOON, why=ready.why)
    return _send(tools, entry, held, kind, ready.done)


def _begun(tools: Tools, entry: Entry, held: MitigationState) -> bool:
    """False where the approval has grown too old meanwhile: that is the end of it."""
    with tools.timeline.open(entry.incident) as incident:
        if incident.lapse(held.id):
            return False
        incident.prepare(held.id)
        _note_leftovers(tools, incident, held)
    return True


def _note_leftovers(tools: Tools, incident: Incident, held: MitigationState) -> None:
    """Known before it is done: a crash in between still shows it on the card."""
    known = tools.catalog.service(held.plan.service) or tools.catalog.resource(held.plan.service)
    for number, text in enumerate(held.plan.leftovers, 1):
        leftover = f"{held.id}-{number}"
        if leftover not in incident.leftovers:
            incident.record(
                LeftoverNoted(
                    leftover=leftover,
                    mitigation=held.id,
                    text=text,
                    team=known.owner if known else "",
                )
            )


def _send(
    tools: Tools,
    entry: Entry,
    held: MitigationState,
    kind: Mitigation,
    prepared: tuple[str, ...],
) -> Later | None:
    with tools.timeline.open(entry.incident) as incident:
        if incident.lapse(held.id):
            return None
        attempt = incident.start(held.id, prepared)
    try:
        receipt = kind.execute(tools, held.plan, attempt)
    except Refused as refused:
        return _fail(tools, entry, held, str(refused))
    except NotSent as unsent:
        with tools.timeline.open(entry.incident) as incident:
            incident.not_sent(held.id, attempt, unsent.why)
        if unsent.may_pass:
            return Later(unsent.retry_after or _SOON, why=unsent.why)
        return _fail(tools, entry, held, unsent.why, by_hand=unsent.by_hand)
    except VendorDown as lost:
        _progress(tools, entry.incident, held.id, f"Sent, and no answer came: {lost.why}")
        return Later(_real(tools, _DOUBT), why="in doubt")
    except VendorError as failed:
        return _fail(tools, entry, held, failed.why, by_hand=failed.by_hand)
    with tools.timeline.open(entry.incident) as incident:
        incident.underway(held.id, receipt)
    return None


def _look(tools: Tools, entry: Entry, held: MitigationState, kind: Mitigation) -> Later | None:
    """The request may be out there, even after a restart: it is only looked for, and not at once."""
    assert held.started_at is not None
    waited = tools.clock.now() - held.started_at
    doubt, looks = _real(tools, _DOUBT), _real(tools, _LOOKS)
    if waited < doubt:
        return Later(doubt - waited, why="in doubt")
    try:
        seen = kind.look(tools, held.plan, held.attempts[-1])
    except VendorDown as down:
        if waited < looks:
            return Later(_SOON, why=down.why)
        seen = Unknown(shows=f"{down.vendor} does not answer: {down.why}")
    with tools.timeline.open(entry.incident) as incident:
        match seen:
            case Receipt():
                incident.underway(held.id, seen, adopted=True)
            case Untouched(shows=shows) | Unknown(shows=shows):
                incident.stick(held.id, shows)
    return None


def _real(tools: Tools, span: timedelta) -> timedelta:
    """A vendor's deadline is real time: this much of the clock's own time passes meanwhile."""
    seconds = tools.clock.seconds_until(tools.clock.now() + span)
    return span * (span.total_seconds() / seconds) if seconds else span


@reacts_to(MitigationUnderway, name="watch-mitigation", key=_id, gives_up=False)
def watch(tools: Tools, entry: Entry) -> Later | None:
    """Until the world says recovered or not; resumes after a restart where it was."""
    incident = tools.timeline.read(entry.incident)
    held = incident.mitigation(_id(entry.fact))
    if held.stage is not S.UNDERWAY or held.receipt is None or held.underway_at is None:
        return None
    kind = tools.mitigations[held.plan.mitigation]
    fix = Fix(incident=incident, began=held.started_at or held.underway_at)
    try:
        seen = kind.verify(tools, held.plan, held.receipt)
        verdict = proven(tools, held.plan, seen, fix=fix)
    except VendorDown as down:
        verdict = TooEarly(progress=f"blind: {down.vendor} does not answer ({down.why})")
    if isinstance(verdict, TooEarly):
        if tools.clock.now() - held.underway_at > _PATIENCE:
            verdict = Unhealthy(why=f"no proof after 45 min: {verdict.progress}")
        else:
            _progress(tools, entry.incident, held.id, verdict.progress)
            return Later(_VERDICT_EVERY, why=verdict.progress)
    _conclude(tools, entry.incident, held, verdict)
    return None


def _conclude(
    tools: Tools, incident_id: str, held: MitigationState, verdict: Healthy | Unhealthy
) -> None:
    measure = verdict.measure
    with tools.timeline.open(incident_id) as incident:
        match verdict:
            case Healthy(evidence=evidence):
                incident.conclude(
                    MitigationVerified(mitigation=held.id, evidence=evidence, measure=measure)
                )
                _mitigated(incident, held, verdict)
            case Unhealthy(why=why, worse=worse):
                incident.conclude(
                    MitigationFailed(mitigation=held.id, why=why, measure=measure, worse=worse)
                )


def _mitigated(incident: Incident, held: MitigationState, proof: Healthy) -> None:
    """Proven: the incident moves on to root cause analysis, as of the minute that the numbers show."""
    if held.plan.then:
        # The others of its row still run what was bad.
        return
    if incident.mitigated_at is None and incident.resolved_at is None and not held.undoes:
        how = f"{held.plan.title}: {proof.evidence}"
        incident.record(Mitigated(how=how, happened_at=proof.since))


def _fail(
    tools: Tools, entry: Entry, held: MitigationState, why: str, *, by_hand: str = ""
) -> Later | None:
    """Nothing of it reached production (what prepared it stays listed as left over)."""
    with tools.timeline.open(entry.incident) as incident:
        incident.conclude(
            MitigationFailed(mitigation=held.id, why=why, by_hand=by_hand, sent=False)
        )
    return None


def _progress(tools: Tools, incident_id: str, mitigation: str, text: str) -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.progress(mitigation, text)


def it_worked(tools: Tools, incident_id: str, mitigation: str, *, by: Person) -> None:
    """A human says that a stuck one went through: it is verified from here on."""
    held = tools.timeline.read(incident_id).mitigation(mitigation)
    if held.stage is not S.STUCK:
        raise Refused(f"“{held.plan.title}” is {held.stage}, not stuck.")
    receipt = Receipt(
        reference="",
        summary=f"{by.name} says that it worked",
        at=tools.clock.now(),
    )
    with tools.timeline.open(incident_id) as incident:
        incident.underway(mitigation, receipt, adopted=True)


def leave(tools: Tools, incident_id: str, mitigation: str, *, by: Person) -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.leave(mitigation, by=by)
