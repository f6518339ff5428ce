"""Runs a workflow by dispatching GitHub Actions; its run is found again by the attempt in its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.errors import Refused, VendorError
from bot.domain.workflow import Dispatch, Order, Recipe, Run, RunState, last_words
from bot.integrations.github_api import Repository, connected
from bot.integrations.http import Asked, VendorHealth
from bot.tools import Gate

_LOOKED_AT = 100
_SHORT = 7


class GitHubActions:
    """For every environment: which one is meant is the workflow's own affair."""

    def __init__(self, url: str, token: str, *, gate: Gate) -> None:
        self._vendor = connected(url, token, gate)

    @property
    def health(self) -> VendorHealth:
        return self._vendor.health

    def close(self) -> None:
        self._vendor.close()

    def recipe(self, order: Order, *, doing: str) -> Recipe:
        """The file as it is at the ref: an approval is for this content."""
        asked, code = self._place(order)
        path = f".github/workflows/{asked.workflow}"
        found = code.content(path, asked.ref, doing=doing)
        if found is None:
            raise Refused(f"{asked.repository} has no {path} at {asked.ref}.")
        text, sha = found
        _refuse_unfindable(asked, text)
        return Recipe(
            version=sha[:12],
            label=f"{asked.workflow} of {asked.repository} at {asked.ref} ({sha[:_SHORT]})",
            steps=(f"dispatch {asked.workflow} of {asked.repository} at {asked.ref}",),
        )

    def start(
        self, order: Order, attempt: str, *, recipe: Recipe, doing: str, by_hand: str
    ) -> None:
        """GitHub answers with nothing: which run it becomes shows in its name."""
        asked, code = self._place(order)
        self._vendor.send(
            Asked(
                path=f"repos/{code.name}/actions/workflows/{asked.workflow}/dispatches",
                doing=doing,
                method="POST",
                by_hand=by_hand,
                body={"ref": asked.ref, "inputs": {**dict(order.passed), asked.marker: attempt}},
                writes=True,
                sent_once=True,
            )
        )

    def find(self, order: Order, attempt: str, *, doing: str) -> Run | None:
        asked, code = self._place(order)
        params = {"event": "workflow_dispatch", "per_page": _LOOKED_AT}
        listed = code.read(f"actions/workflows/{asked.workflow}/runs", doing=doing, params=params)
        ours = re.compile(rf"(?<![\w.-]){re.escape(attempt)}(?![\w.-])")
        for each in (listed or {}).get("workflow_runs") or ():
            if ours.search(str(each.get("display_title", ""))):
                return self._run(code, each, doing)
        return None

    def _run(self, code: Repository, found: Mapping[str, Any], doing: str) -> Run:
        status, conclusion = str(found.get("status")), found.get("conclusion")
        state, words = _state(status, conclusion)
        failed = state is RunState.FAILED
        return Run(
            name=f"run {found['id']}",
            state=state,
            words=words,
            output=self._failed_steps(code, found["id"], doing) if failed else "",
            link=str(found.get("html_url", "")),
            ended=None
            if state is RunState.RUNNING
            else datetime.fromisoformat(found["updated_at"]),
        )

    def _failed_steps(self, code: Repository, run: object, doing: str) -> str:
        """Which steps failed; empty where that cannot be read, which is no failure."""
        try:
            found = code.read(f"actions/runs/{run}/jobs", doing=doing) or {}
        except VendorError:
            return ""
        steps = [
            f"{job.get('name')} / {step.get('name')}"
            for job in found.get("jobs") or ()
            for step in job.get("steps") or ()
            if step.get("conclusion") == "failure"
        ]
        return last_words(f"failed at {', '.join(steps)}") if steps else ""

    def _place(self, order: Order) -> tuple[Dispatch, Repository]:
        assert isinstance(order.workflow.runs, Dispatch)
        return order.workflow.runs, Repository(self._vendor, order.workflow.runs.repository)


def _refuse_unfindable(asked: Dispatch, text: str) -> None:
    """A dispatch has no answer: what does not carry our mark in its name is lost to us."""
    if "workflow_dispatch" not in text:
        raise Refused(f"{asked.workflow} of {asked.repository} cannot be dispatched.")
    name = re.search(r"^run-name:(.*)$", text, re.MULTILINE)
    shown = rf"inputs\.{re.escape(asked.marker)}\b"
    if name is None or not re.search(shown, name[1]):
        raise Refused(
            f"The run of {asked.workflow} could not be found again: add the input"
            f" `{asked.marker}` to it, and `run-name: … (${{{{ inputs.{asked.marker} }}}})`."
        )


def _state(status: str, conclusion: object) -> tuple[RunState, str]:
    if status != "completed":
        return RunState.RUNNING, f"it is {status.replace('_', ' ')}"
    if conclusion == "success":
        return RunState.SUCCEEDED, "it succeeded"
    return RunState.FAILED, f"it ended with {str(conclusion or 'no conclusion').replace('_', ' ')}"
