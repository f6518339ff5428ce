"""Jira as the place where follow-ups become tickets: searched by a label before one is made."""

from __future__ import annotations

import base64
import re
from typing import Any

from bot.domain.incident import Summary
from bot.domain.review import FollowUp
from bot.integrations.http import Access, Asked, Vendor, VendorHealth
from bot.tools import Gate

VENDOR = "Jira"
_TYPE = "Task"
_LONGEST = 255


class Jira:
    """Jira Cloud, REST API 3."""

    name = VENDOR

    def __init__(self, url: str, user: tuple[str, str], *, project: str, gate: Gate) -> None:
        """`user` is an e-mail address and its API token."""
        key = base64.b64encode(":".join(user).encode()).decode()
        access = Access(vendor=VENDOR, url=url, headers={"Authorization": f"Basic {key}"})
        self._vendor, self._project = Vendor(access, gate), project
        self._url = url.rstrip("/")

    @property
    def health(self) -> VendorHealth:
        return self._vendor.health

    def close(self) -> None:
        self._vendor.close()

    def find(self, marker: str) -> str | None:
        found = self._vendor.send(
            Asked(
                path="rest/api/3/search/jql",
                doing="look for the ticket",
                method="POST",
                by_hand=self._by_hand(),
                body={
                    "jql": f'project = "{self._project}" AND labels = "{_label(marker)}"',
                    "fields": ["key"],
                    "maxResults": 1,
                },
            )
        )
        issues = (found or {}).get("issues") or ()
        return self._address(str(issues[0]["key"])) if issues else None

    def create(self, follow_up: FollowUp, *, incident: Summary, marker: str) -> str:
        """Once per marker: Jira has no way to make a repeated POST harmless."""
        known = self.find(marker)
        if known:
            return known
        made = self._vendor.send(
            Asked(
                path="rest/api/3/issue",
                doing="create the ticket",
                method="POST",
                by_hand=self._by_hand(),
                body={"fields": self._fields(follow_up, incident, marker)},
                writes=True,
            )
        )
        return self._address(str(made["key"]))

    def link(self, ticket: str, *, title: str, address: str) -> None:
        """A link with the same address is the same link."""
        self._vendor.send(
            Asked(
                path=f"rest/api/3/issue/{ticket.rpartition('/')[2]}/remotelink",
                doing="link the ticket",
                method="POST",
                by_hand=f"Add the link to {ticket}",
                body={"globalId": address, "object": {"url": address, "title": title}},
                writes=True,
            )
        )

    def _fields(self, follow_up: FollowUp, incident: Summary, marker: str) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "project": {"key": self._project},
            "issuetype": {"name": _TYPE},
            "summary": " ".join(follow_up.title.split())[:_LONGEST],
            "description": _document(lines_of(follow_up, incident)),
            "labels": ["tocsin", f"follow-up-{follow_up.type}", _label(marker)],
        }
        if follow_up.due:
            fields["duedate"] = follow_up.due.isoformat()
        return fields

    def _address(self, key: str) -> str:
        return f"{self._url}/browse/{key}"

    def _by_hand(self) -> str:
        return f"Make the ticket in {self._url}/jira/projects/{self._project}"


def lines_of(follow_up: FollowUp, incident: Summary) -> tuple[str, ...]:
    """What stands in a ticket; names are told, mentions are not."""
    due = f"Due: {follow_up.due.isoformat()}" if follow_up.due else ""
    lines = (
        f"Follow-up of incident {incident.id}: {incident.title}",
        f"Owner: {follow_up.owner_name}" if follow_up.owner_name else "",
        f"Kind: {follow_up.type}",
        due,
        f"Done when: {follow_up.done_when}" if follow_up.done_when else "",
    )
    return tuple(line for line in lines if line)


def _document(lines: tuple[str, ...]) -> dict[str, Any]:
    """Atlassian's document format, a paragraph a line."""
    paragraphs = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines
    ]
    return {"type": "doc", "version": 1, "content": paragraphs}


def _label(marker: str) -> str:
    return re.sub(r"[^\w.-]+", "-", marker)
