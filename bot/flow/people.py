"""Which groups somebody belongs to at this moment: asked where it is kept, at the click."""

from __future__ import annotations

from bot.domain.errors import Refused, VendorError
from bot.domain.events import Role
from bot.domain.incident import Incident
from bot.domain.people import Person, Standing
from bot.domain.policy import Who
from bot.tools import Tools


def groups(
    tools: Tools,
    incident: Incident,
    person: Person,
    *,
    on_call: frozenset[str] | None = None,
) -> frozenset[str]:
    """Everything policy may name: `on-call`, `commander`, `comms`, `owner`, teams.

    `on_call` are e-mail addresses where they were asked for already: for several people at once.
    """
    if person.standing is Standing.OUTSIDER:
        return frozenset({Who.OUTSIDER.value})
    if person.standing is Standing.GUEST:
        return frozenset({Who.GUEST.value})
    found = {Who.ANYONE.value, Who.RESPONDER.value}
    if person.same(incident.roles.get(Role.COMMANDER)):
        found.add(Who.COMMANDER.value)
    if person.same(incident.roles.get(Role.COMMS)):
        found.add(Who.COMMS.value)
    emails = on_call_now(tools, incident) if on_call is None else on_call
    if tools.directory.email(person).lower() in emails:
        found.add(Who.ON_CALL.value)
    known = tools.catalog.person_by_slack(person.user_id)
    if known and known.team:
        found.add(known.team)
        service = tools.catalog.service(incident.service)
        if service and service.owner == known.team:
            found.add(Who.OWNER.value)
    return frozenset(found)


def on_call_now(tools: Tools, incident: Incident) -> frozenset[str]:
    """By PagerDuty at this moment; by what it last said where it cannot be asked."""
    last_said = frozenset(tools.directory.email(p).lower() for p in incident.on_call) - {""}
    pager_service = pager_service_of(tools, incident)
    if tools.pager is None or not pager_service:
        return last_said
    try:
        return frozenset(email.lower() for email in tools.pager.on_call(pager_service)) - {""}
    except VendorError:
        return last_said


def pager_service_of(tools: Tools, incident: Incident) -> str:
    """The PagerDuty service of the incident: that of its page, else that of the catalog."""
    for state in incident.pages.values():
        if state.page.service_id:
            return state.page.service_id
    service = tools.catalog.service(incident.service)
    return (service.pagerduty_in(incident.environment) or "") if service else ""


def email_as(tools: Tools, person: Person, *, doing: str, link: str = "") -> str:
    """An act is done as the person who clicked or not at all: never as somebody else."""
    email = tools.directory.email(person)
    if not email:
        raise Refused(
            f"PagerDuty knows nobody by your Slack e-mail, so I did not {doing}."
            f" Do it yourself{f' at {link}' if link else ''}, or add yourself to"
            " catalog/people.yaml."
        )
    return email


def must_belong(tools: Tools, incident: Incident, person: Person, act: str) -> None:
    """`Refused` where policy reserves the act to groups that the person is not in."""
    wanted = tools.policy.groups_for(act)
    if wanted and not groups(tools, incident, person) & set(wanted):
        raise Refused(
            f"Only {' or '.join(wanted)} may do this here (policy: {act}). Ask one of them, or"
            " take the role first."
        )
