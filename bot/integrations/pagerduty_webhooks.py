"""Reads PagerDuty's V3 webhooks: what they say in our words."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain.page import Page, PageEvent, PageNews

OUR_CLIENT = "tocsin"
OUR_MARK = "[tocsin:"
"""Ends every note we write, so that its echo is known as ours."""

_EVENTS = {
    "incident.triggered": PageEvent.TRIGGERED,
    "incident.acknowledged": PageEvent.ACKNOWLEDGED,
    "incident.unacknowledged": PageEvent.UNACKNOWLEDGED,
    "incident.resolved": PageEvent.RESOLVED,
    "incident.reopened": PageEvent.REOPENED,
    "incident.escalated": PageEvent.ESCALATED,
    "incident.reassigned": PageEvent.REASSIGNED,
    "incident.delegated": PageEvent.DELEGATED,
    "incident.priority_updated": PageEvent.PRIORITY,
    "incident.annotated": PageEvent.ANNOTATED,
    "incident.responder.added": PageEvent.RESPONDER,
    "incident.responder.replied": PageEvent.RESPONDER,
    "incident.status_update_published": PageEvent.STATUS_UPDATE,
    "incident.service_updated": PageEvent.SERVICE,
    "incident.conference_bridge.updated": PageEvent.DETAIL,
    "incident.custom_field_values.updated": PageEvent.DETAIL,
    "incident.incident_type.changed": PageEvent.DETAIL,
    "incident.role.assigned": PageEvent.DETAIL,
    "incident.task.created": PageEvent.DETAIL,
    "incident.task.updated": PageEvent.DETAIL,
    "incident.task.completed": PageEvent.DETAIL,
    "incident.action_invocation.created": PageEvent.DETAIL,
    "incident.action_invocation.updated": PageEvent.DETAIL,
    "incident.action_invocation.terminated": PageEvent.DETAIL,
    "incident.workflow.started": PageEvent.DETAIL,
    "incident.workflow.completed": PageEvent.DETAIL,
    "pagey.ping": PageEvent.PING,
}


class NotAWebhook(ValueError):
    """Signed, but not the shape that PagerDuty documents."""


def read_webhook(body: bytes, *, our_agents: Collection[str] = ()) -> PageNews:
    """One webhook in our words; `NotAWebhook` when it is not one.

    `ours` is said only where it is sure: the client that PagerDuty names is us, the agent is
    the user we act as when nobody clicked (`our_agents`), or a note ends with our mark. What we
    did as the person who clicked carries that person as agent: the flow knows it by the state.
    """
    try:
        event = json.loads(body)["event"]
        kind = str(event["event_type"])
        occurred_at = moment(event["occurred_at"])
        event_id = str(event["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise NotAWebhook("the body is not a PagerDuty V3 webhook") from error
    if occurred_at is None:
        raise NotAWebhook("the webhook does not say when it happened")
    content: Mapping[str, Any] = _mapping(event.get("data"))
    agent = _mapping(event.get("agent"))
    merged_into = _merged_into(kind, content)
    return PageNews(
        event_id=event_id,
        event=PageEvent.MERGED if merged_into else _EVENTS.get(kind, PageEvent.OTHER),
        occurred_at=occurred_at,
        kind=kind,
        page=_page_of(kind, content),
        agent=_text(agent.get("id")),
        agent_name=_text(agent.get("summary")),
        ours=_is_ours(event, content, our_agents),
        detail=merged_into or _detail(kind, content),
    )


def moment(said: object) -> datetime | None:
    """PagerDuty's time stamps, with and without fractions; None for anything else."""
    if not isinstance(said, str) or not said:
        return None
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def page_from(incident: Mapping[str, Any]) -> Page:
    """A page from the webhook's incident, from a reference, or from the REST API's incident."""
    service = _mapping(incident.get("service"))
    number = incident.get("number", incident.get("incident_number"))
    return Page(
        id=_text(incident.get("id")),
        number=number if isinstance(number, int) else None,
        title=_text(incident.get("title")) or _text(incident.get("summary")),
        address=_text(incident.get("html_url")),
        service_id=_text(service.get("id")),
        service_name=_text(service.get("summary")),
        urgency=_text(incident.get("urgency")),
        priority=_summary(incident.get("priority")),
        created_at=moment(incident.get("created_at")),
        assignees=_assignees(incident),
        escalation_policy=_text(_mapping(incident.get("escalation_policy")).get("id")),
    )


def _assignees(incident: Mapping[str, Any]) -> tuple[str, ...]:
    """Their names as PagerDuty shows them, their ids where it sends none."""
    people = incident.get("assignees")
    if people is None:
        people = [_mapping(each).get("assignee") for each in incident.get("assignments") or ()]
    named = [_mapping(each) for each in people if each]
    return tuple(_text(each.get("summary")) or _text(each.get("id")) for each in named)


def _page_of(kind: str, content: Mapping[str, Any]) -> Page | None:
    if not kind.startswith("incident."):
        return None
    if content.get("type") == "incident":
        return page_from(content)
    inside = _mapping(content.get("incident"))
    if not inside.get("id"):
        return None
    # Only workflow events name the service beside the reference to the incident.
    return page_from({"service": content.get("service"), **inside})


def _merged_into(kind: str, content: Mapping[str, Any]) -> str:
    reason = _mapping(content.get("resolve_reason"))
    if kind != "incident.resolved" or reason.get("type") != "merge_resolve_reason":
        return ""
    return _text(_mapping(reason.get("incident")).get("id")) or "another incident"


def _is_ours(
    event: Mapping[str, Any], content: Mapping[str, Any], our_agents: Collection[str]
) -> bool:
    client = _text(_mapping(event.get("client")).get("name"))
    if client.lower() == OUR_CLIENT or OUR_MARK in _text(content.get("content")):
        return True
    return _text(_mapping(event.get("agent")).get("id")) in our_agents


def _detail(kind: str, content: Mapping[str, Any]) -> str:
    """The one thing worth a line: the note, the new value, who was asked."""
    match kind.split(".")[1:]:
        case ["annotated"]:
            return _text(content.get("content")).partition(OUR_MARK)[0].strip()
        case ["priority_updated"]:
            return _summary(content.get("priority"))
        case ["reassigned" | "delegated" | "escalated"]:
            people = content.get("assignees") or ()
            named = [_summary(each) for each in people]
            return ", ".join(named) or _summary(content.get("escalation_policy"))
        case ["service_updated"]:
            return _summary(content.get("service"))
        case ["responder", *_]:
            asked = _summary(content.get("user")) or _summary(content.get("escalation_policy"))
            return f"{asked}: {_text(content.get('state'))}"
        case ["status_update_published"] | ["ping"]:
            return _text(content.get("message"))
        case ["conference_bridge", *_]:
            return _conference(content)
        case ["role", *_]:
            return _roles(content)
        case ["incident_type", *_]:
            return _text(_mapping(content.get("incident_type")).get("name"))
        case ["custom_field_values", *_]:
            return _fields(content)
        case ["task" | "workflow" | "action_invocation", word]:
            about = _text(content.get("summary")) or _summary(content.get("action"))
            return f"{about} {word}".strip()
        case _:
            return ""


def _conference(content: Mapping[str, Any]) -> str:
    numbers = content.get("conference_numbers") or ()
    first = _text(_mapping(numbers[0]).get("number")) if numbers else ""
    return _text(content.get("conference_url")) or first


def _fields(content: Mapping[str, Any]) -> str:
    found = (_mapping(each) for each in _changed(content))
    named = (
        (_text(each.get("display_name")) or _text(each.get("name")), each.get("value"))
        for each in found
    )
    return ", ".join(f"{name} = {value}" for name, value in named if name)


def _changed(content: Mapping[str, Any]) -> Sequence[Any]:
    return content.get("changed_custom_fields") or content.get("custom_fields") or ()


def _roles(content: Mapping[str, Any]) -> str:
    given = [_mapping(each) for each in content.get("incident_role_assignments") or ()]
    return ", ".join(
        f"{_summary(each.get('role'))}: {_summary(each.get('assignee'))}" for each in given
    )


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""


def _summary(found: object) -> str:
    return _text(_mapping(found).get("summary"))
