"""Offer, propose, approve: what people decide about a change to production."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, VendorDown, VendorError
from bot.domain.events import (
    ApproverAsked,
    ApproverPaged,
    MitigationProposed,
    MitigationsFrozen,
    PagerActFailed,
    RevertOffered,
)
from bot.domain.facts import Entry
from bot.domain.incident import HOUSE, Incident, MitigationState
from bot.domain.mitigation import MitigationStage, Offer, Plan
from bot.domain.people import Person
from bot.domain.redaction import redact
from bot.flow.cautions import cautioned
from bot.flow.people import email_as, groups, on_call_now
from bot.flow.planning import complete, drift, planned
from bot.flow.remedies import undoing
from bot.reactions import Lane, Later, reacts_to
from bot.tools import Mitigation, Tools

ROLLBACK = "rollback"


def offers(
    tools: Tools, incident_id: str, *, service: str = "", mitigation: str = ROLLBACK
) -> list[Offer]:
    """What it could be changed to, the suggestion first. Reads only."""
    incident = tools.timeline.read(incident_id)
    deployment = _deployment(tools, incident, service)
    found = _kind(tools, mitigation).offers(
        tools, deployment, before=incident.impact_start or incident.opened_at
    )
    if mitigation != ROLLBACK:
        # Which revision is good is judged by more than by what came before the last one.
        found = undoing(incident, deployment, found)
    return sorted(found, key=lambda offer: not offer.suggested)


def one_place(tools: Tools, incident_id: str, target: str, *, service: str = "") -> bool:
    """Whether it names one of several clusters, whose history only its own plan reads."""
    incident = tools.timeline.read(incident_id)
    return _deployment(tools, incident, service).named(target)[0] is not None


def propose(
    tools: Tools,
    incident_id: str,
    target: str,
    *,
    by: Person,
    service: str = "",
    mitigation: str = ROLLBACK,
) -> str:
    """Plans it exactly and puts it before the others. `target` empty takes the suggestion."""
    incident = tools.timeline.read(incident_id)
    _must_act(tools, incident, mitigation)
    deployment = _deployment(tools, incident, service)
    kind = _kind(tools, mitigation)
    if not kind.fits(deployment):
        raise Refused(f"{kind.label} is not possible for {deployment.service}.")
    if not target:
        target = _suggested(tools, incident_id, deployment, mitigation)
    try:
        plan = planned(tools, kind, deployment, target, sick=incident.service)
    except Refused as refused:
        if mitigation != ROLLBACK:
            raise
        return _offer_revert(tools, incident_id, deployment, target, str(refused))
    return _propose(tools, incident_id, plan, by=by)


def _propose(tools: Tools, incident_id: str, plan: Plan, *, by: Person, undoes: str = "") -> str:
    plan = cautioned(tools, plan, way_back=bool(undoes))
    tier = min(_tier(tools, each.service) for each in (plan, *plan.then))
    quorum = tools.policy.approvals(plan.environment, tier, plan.mitigation, plan.risk.value)
    with tools.timeline.open(incident_id) as incident:
        return incident.propose(plan, by=by, quorum=quorum, undoes=undoes)


def _tier(tools: Tools, name: str) -> int:
    known = tools.catalog.service(name) or tools.catalog.resource(name)
    return known.tier if known else 2


def _offer_revert(
    tools: Tools, incident_id: str, deployment: Deployment, target: str, why: str
) -> str:
    """An owner would put it back: nothing is promised, and the way through git is offered."""
    if "ApplicationSet" not in why and "app of apps" not in why.lower():
        raise Refused(why)
    live = next(
        (o for o in offers(tools, incident_id, service=deployment.service) if o.target == target),
        None,
    )
    with tools.timeline.open(incident_id) as incident:
        suspect = next(
            (s.change for s in incident.suspects if s.change.service == deployment.service), None
        )
        incident.record(
            RevertOffered(
                service=deployment.service,
                why=why,
                bad=suspect.after if suspect else "",
                good=live.label if live else target,
            )
        )
    return ""


def approve(tools: Tools, incident_id: str, mitigation: str, *, by: Person, digest: str) -> None:
    """The right to approve and the state of the world are looked at again at the click."""
    held = tools.timeline.read(incident_id).mitigation(mitigation)
    drift = _drift(tools, held) if held.stage is MitigationStage.PROPOSED else ""
    member = groups(tools, tools.timeline.read(incident_id), by)
    with tools.timeline.open(incident_id) as incident:
        if drift:
            incident.void(mitigation, drift)
            return
        incident.approve(mitigation, by=by, groups=member, digest=digest)


def break_glass(
    tools: Tools,
    incident_id: str,
    mitigation: str,
    *,
    by: Person,
    typed: str,
    reason: str,
) -> None:
    """Alone, announced and audited, where nobody answered."""
    held = tools.timeline.read(incident_id).mitigation(mitigation)
    drift = _drift(tools, held) if held.stage is MitigationStage.PROPOSED else ""
    with tools.timeline.open(incident_id) as incident:
        if drift:
            incident.void(mitigation, drift)
            return
        incident.break_glass(
            mitigation,
            by=by,
            digest=held.plan.digest,
            typed=typed,
            reason=redact(reason).text,
        )


def _drift(tools: Tools, held: MitigationState) -> str:
    try:
        return drift(tools, held.plan)
    except VendorError as failed:
        raise Refused(
            f"Could not check that nothing moved since the proposal ({failed.why}), so nothing"
            " was approved. Press again in a moment."
        ) from failed


def decline(tools: Tools, incident_id: str, mitigation: str, *, by: Person, why: str = "") -> None:
    with tools.timeline.open(incident_id) as incident:
        incident.decline(mitigation, by=by, why=redact(why).text)


def who_could_approve(
    tools: Tools, incident: Incident, held: MitigationState
) -> tuple[Person, ...]:
    """People of this incident whose agreement would count, the on-call first."""
    candidates = [*incident.on_call, *incident.roles.values(), *incident.people]
    found: list[Person] = []
    emails = on_call_now(tools, incident)
    for person in candidates:
        if any(person.same(p) for p in found):
            continue
        if held.quorum.wants_another and person.same(held.proposed_by):
            continue
        if groups(tools, incident, person, on_call=emails) & set(held.quorum.approvers):
            found.append(person)
    return tuple(found)


def page_second(
    tools: Tools, incident_id: str, mitigation: str, person: Person | None, *, by: Person
) -> None:
    """One tap wakes somebody who may approve; PagerDuty sends it, as the one who asked."""
    incident = tools.timeline.read(incident_id)
    held = incident.mitigation(mitigation)
    if held.stage is not MitigationStage.PROPOSED:
        raise Refused(f"“{held.plan.title}” is already {held.stage}.")
    if any(person and person.same(asked) for asked in held.asked):
        raise Refused(f"{person.name if person else 'They'} was asked already.")
    with tools.timeline.open(incident_id) as incident:
        incident.record(ApproverAsked(mitigation=mitigation, person=person, by=by))


@reacts_to(ApproverAsked, name="page-approver", lane=Lane.APPROVAL)
def page_approver(tools: Tools, entry: Entry) -> None:
    """PagerDuty wakes them too, as the one who asked; what is not possible is said."""
    asked = entry.fact
    assert isinstance(asked, ApproverAsked)
    incident = tools.timeline.read(entry.incident)
    held = incident.mitigation(asked.mitigation)
    page = next((s.page for s in incident.open_pages), None)
    known = tools.catalog.person_by_slack(asked.person.user_id) if asked.person else None
    target = (known.pagerduty or known.email) if known else ""
    if tools.pager is None or page is None or known is None or not target:
        return
    fact: ApproverPaged | PagerActFailed = ApproverPaged(
        mitigation=asked.mitigation, person=asked.person
    )
    doing = f"page {known.name}"
    try:
        tools.gate.allow(doing)
        tools.pager.request_responder(
            page.id,
            as_email=email_as(tools, asked.by, doing=doing, link=page.address),
            target=target,
            message=f"Please look at: {held.plan.title} in #{incident.channel_name}",
        )
    except VendorDown:
        raise
    except (Refused, VendorError) as failed:
        by_hand = f"Add them as a responder at {page.address}." if page.address else ""
        fact = PagerActFailed(page=page.id, doing=doing, why=str(failed), by_hand=by_hand)
    with tools.timeline.open(entry.incident) as incident:
        incident.record(fact)


def undo(tools: Tools, incident_id: str, mitigation: str, *, by: Person) -> str:
    """A plan like any other, for the way back."""
    held = tools.timeline.read(incident_id).mitigation(mitigation)
    if held.stage is MitigationStage.UNDONE:
        raise Refused(f"“{held.plan.title}” was undone already.")
    if not held.sent and held.stage is not MitigationStage.STUCK:
        raise Refused("Nothing was changed by it: there is nothing to undo.")
    way_back = _kind(tools, held.plan.mitigation).undo(tools, held.plan, held.receipt)
    sick = tools.timeline.read(incident_id).service
    plan = complete(tools, way_back, sick=sick)
    return _propose(tools, incident_id, plan, by=by, undoes=mitigation)


def freeze(tools: Tools, *, by: Person, frozen: bool, why: str = "") -> None:
    """The kill switch, for every incident at once; thrown with a reason, lifted by anybody."""
    if frozen and not why.strip():
        raise Refused(f"Say why: `{tools.command} freeze-mitigations the database fails over`.")
    with tools.timeline.open(HOUSE) as house:
        if frozen and house.frozen_by:
            raise Refused(f"Mitigations are frozen already, by {house.frozen_by}.")
        if not frozen and not house.frozen_by:
            raise Refused("Mitigations are not frozen.")
        house.record(MitigationsFrozen(by=by, frozen=frozen, why=redact(why).text))


def _deployment(tools: Tools, incident: Incident, service: str) -> Deployment:
    name = service or incident.service
    if not name:
        raise Refused("No service is named yet: say which one, then I can look at its revisions.")
    found = tools.catalog.deployment(name, incident.environment)
    if found is None:
        raise Refused(
            f"The catalog does not say where {name} runs in {incident.environment}. Roll it back"
            f" by hand, then say `{tools.command} did …` and I verify it."
        )
    return found


def _kind(tools: Tools, mitigation: str) -> Mitigation:
    found = tools.mitigations.get(mitigation)
    if found is None:
        raise Refused(f"There is no mitigation “{mitigation}” here.")
    return found


def _must_act(tools: Tools, incident: Incident, mitigation: str) -> None:
    house = tools.timeline.read(HOUSE)
    if house.frozen_by:
        raise Refused(f"Mitigations are frozen by {house.frozen_by}: nothing is proposed.")
    if not tools.policy.may_act(incident.environment, mitigation):
        raise Refused(
            f"Policy does not grant Tocsin a {mitigation} in {incident.environment}. Do it by"
            f" hand, then say `{tools.command} did …`."
        )


def _suggested(tools: Tools, incident_id: str, deployment: Deployment, mitigation: str) -> str:
    found = offers(tools, incident_id, service=deployment.service, mitigation=mitigation)
    best = next((offer for offer in found if offer.suggested), None)
    if best is None and len(found) == 1 and not _kind(tools, mitigation).free:
        # There is nothing else that could be meant.
        (best,) = found
    if best is None and mitigation != ROLLBACK:
        raise Refused(f"Say to what: {', '.join(o.label for o in found[:8]) or 'nothing fits'}.")
    if best is None:
        raise Refused(
            f"No earlier, different revision of {deployment.service} is left in the history:"
            " revert in git, or roll forward."
        )
    return best.target


@reacts_to(
    MitigationProposed,
    name="expire-proposal",
    lane=Lane.DECISION,
    key=lambda fact: getattr(fact, "mitigation", ""),
)
def expire_proposal(tools: Tools, entry: Entry) -> Later | None:
    """After a quarter of an hour nobody's agreement is asked for any more."""
    assert isinstance(entry.fact, MitigationProposed)
    left = entry.fact.expires_at - tools.clock.now()
    if left > timedelta(0):
        return Later(left, why="approval")
    with tools.timeline.open(entry.incident) as incident:
        incident.expire(entry.fact.mitigation)
    return None
