"""Runs a workflow as an Automation document of Systems Manager, found again by a tag of the execution."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from bot.domain.errors import Refused
from bot.domain.workflow import Document, Order, Recipe, Run, RunState, last_words
from bot.integrations.aws.account import Account

_UNDER_WAY = {
    "Pending",
    "InProgress",
    "Waiting",
    "Cancelling",
    "PendingApproval",
    "Approved",
    "Scheduled",
    "RunbookInProgress",
    "PendingChangeCalendarOverride",
    "ChangeCalendarOverrideApproved",
}
_DONE = {"Success", "CompletedWithSuccess"}


class Automations:
    """One per account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def recipe(self, order: Order, *, doing: str) -> Recipe:
        """The default version by its number: an approval is for that one, and so is the run."""
        asked = _asked(order)
        found = self._described(asked, doing)
        known = {each["Name"] for each in found.get("Parameters") or ()}
        if strange := [name for name, _ in order.passed if name not in known]:
            names = ", ".join(sorted(known)) or "none"
            raise Refused(
                f"{asked.name} has no parameter {strange[0]} (`as` in the catalog). It has: {names}."
            )
        number = str(found["DocumentVersion"])
        return Recipe(
            version=f"{number}.{str(found.get('Hash', ''))[:12]}",
            label=f"{asked.name}, version {number}",
            steps=(f"start the automation {asked.name}, version {number}",),
            pinned=number,
        )

    def start(
        self, order: Order, attempt: str, *, recipe: Recipe, doing: str, by_hand: str
    ) -> None:
        """AWS takes the same token as the same request: a second one would start nothing."""
        asked = _asked(order)
        self._account.write(
            "ssm",
            "start_automation_execution",
            doing=doing,
            by_hand=by_hand,
            DocumentName=asked.name,
            DocumentVersion=recipe.pinned,
            Parameters={name: [value] for name, value in order.passed},
            ClientToken=str(uuid.uuid5(uuid.NAMESPACE_OID, attempt)),
            Tags=[{"Key": _tag(attempt), "Value": attempt}],
        )

    def find(self, order: Order, attempt: str, *, doing: str) -> Run | None:
        """Filters know the keys of tags and not their values: ours is in the key."""
        listed = self._account.pages(
            "ssm",
            "describe_automation_executions",
            doing=doing,
            key="AutomationExecutionMetadataList",
            Filters=[{"Key": "TagKey", "Values": [_tag(attempt)]}],
        )
        if not listed:
            return None
        found = self._account.read(
            "ssm",
            "get_automation_execution",
            doing=doing,
            AutomationExecutionId=listed[0]["AutomationExecutionId"],
        )["AutomationExecution"]
        return _run(found)

    def _described(self, asked: Document, doing: str) -> dict[str, Any]:
        found: dict[str, Any] = self._account.read(
            "ssm", "describe_document", doing=doing, Name=asked.name
        )["Document"]
        if found.get("DocumentType") != "Automation":
            raise Refused(f"{asked.name} is no Automation document: it cannot be run by itself.")
        return found


def _asked(order: Order) -> Document:
    assert isinstance(order.workflow.runs, Document)
    return order.workflow.runs


def _tag(attempt: str) -> str:
    return f"tocsin-{hashlib.sha256(attempt.encode()).hexdigest()[:16]}"


def _run(found: Mapping[str, Any]) -> Run:
    status = str(found.get("AutomationExecutionStatus"))
    state = RunState.RUNNING if status in _UNDER_WAY else RunState.FAILED
    state = RunState.SUCCEEDED if status in _DONE else state
    said = [str(found.get("FailureMessage") or "")]
    said += [", ".join(map(str, values)) for values in (found.get("Outputs") or {}).values()]
    return Run(
        name=f"automation {found['AutomationExecutionId']}",
        state=state,
        words=f"AWS calls it {status}",
        output="" if state is RunState.RUNNING else last_words(" ".join(filter(None, said))),
        ended=None if state is RunState.RUNNING else found.get("ExecutionEndTime"),
    )
