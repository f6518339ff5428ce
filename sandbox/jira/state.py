"""What the simulated Jira remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.jira.document import plain

STATUSES = {"11": "To Do", "21": "In Progress", "31": "Done"}


@dataclass(kw_only=True)
class Ticket:
    """One issue; `fields` as they were given."""

    id: str
    key: str
    fields: dict[str, Any]
    at: datetime
    updated: datetime
    status: str = "To Do"
    comments: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class JiraState:
    """One project; accounts by e-mail."""

    tickets: dict[str, Ticket] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)

    def view(self) -> dict[str, Any]:
        """The json that the control API and the screens show."""
        return {"tickets": {key: _shown(ticket) for key, ticket in self.tickets.items()}}


def _shown(ticket: Ticket) -> dict[str, Any]:
    return {
        "key": ticket.key,
        "summary": ticket.fields.get("summary"),
        "status": ticket.status,
        "labels": ticket.fields.get("labels", []),
        "type": ticket.fields["issuetype"]["name"],
        "duedate": ticket.fields.get("duedate"),
        "assignee": (ticket.fields.get("assignee") or {}).get("accountId"),
        "description": plain(ticket.fields.get("description")),
        "comments": [plain(one["body"]) for one in ticket.comments],
        "links": [one["object"] for one in ticket.links],
    }


def state() -> JiraState:
    """An empty board, and the people of the demo."""
    names = ("ana", "ben", "kenji", "maya", "tom", "rita", "tocsin")
    return JiraState(accounts={f"{n}@demo.example": f"557058:{n}" for n in names})
