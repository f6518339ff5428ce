"""Which fields an issue may have, and the errors of those that do not fit."""

from __future__ import annotations

from datetime import date
from typing import Any

from sandbox.jira.access import Call, JiraError
from sandbox.jira.document import is_document

TYPES = ("Task", "Bug", "Story")
PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
KNOWN = {
    "project",
    "issuetype",
    "summary",
    "description",
    "labels",
    "priority",
    "assignee",
    "duedate",
    "components",
}
NOT_A_DOCUMENT = (
    "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
)


def check(call: Call, fields: dict[str, Any], *, new: bool) -> None:
    errors: dict[str, str] = {}
    for name in sorted(set(fields) - KNOWN):
        errors[name] = (
            f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        )
    if new and (fields.get("project") or {}).get("key") != call.sim.settings.jira_project:
        errors["project"] = "Specify a valid project ID or key"
    if new and (fields.get("issuetype") or {}).get("name") not in TYPES:
        errors["issuetype"] = "Specify an issue type"
    if new or "summary" in fields:
        errors |= _check_summary(fields.get("summary"))
    if fields.get("description") is not None and not is_document(fields["description"]):
        errors["description"] = NOT_A_DOCUMENT
    if any(" " in str(label) for label in fields.get("labels") or []):
        errors["labels"] = "The label can't contain spaces."
    if "priority" in fields and (fields["priority"] or {}).get("name") not in PRIORITIES:
        errors["priority"] = "Specify the Priority (name) in the string format"
    assignee = (fields.get("assignee") or {}).get("accountId") if "assignee" in fields else None
    if assignee is not None and assignee not in call.state.accounts.values():
        errors["assignee"] = f"User '{assignee}' does not exist."
    if fields.get("duedate") is not None and not _is_date(fields["duedate"]):
        errors["duedate"] = "Error parsing date string: " + str(fields["duedate"])
    if errors:
        raise JiraError(400, **errors)


def _check_summary(summary: Any) -> dict[str, str]:
    if not isinstance(summary, str) or not summary.strip():
        return {"summary": "You must specify a summary of the issue."}
    if len(summary) > 255:
        return {"summary": "Summary must be less than 255 characters."}
    if "\n" in summary:
        text = "The summary is invalid because it contains newline characters."
        return {"summary": text}
    return {}


def _is_date(value: Any) -> bool:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True
