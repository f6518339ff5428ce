"""Runs of GitHub Actions as they are remembered: they take their time and end as their file said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

WEB = "https://github.example"
QUEUED, TAKES = timedelta(seconds=5), timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One dispatch. What it does is what its file said at that moment."""

    id: int
    repository: str
    workflow: str
    title: str
    inputs: dict[str, str]
    at: datetime
    steps: tuple[tuple[str, bool], ...]
    """Names, and whether each one fails."""

    @property
    def fails(self) -> bool:
        return any(fails for _, fails in self.steps)

    def state(self, now: datetime) -> tuple[str, str | None]:
        age = now - self.at
        if age < QUEUED:
            return "queued", None
        if age < TAKES:
            return "in_progress", None
        return "completed", "failure" if self.fails else "success"

    def shown(self, now: datetime) -> dict[str, Any]:
        status, conclusion = self.state(now)
        ended = self.at + TAKES if conclusion else now
        return {
            "id": self.id,
            "name": self.workflow,
            "display_title": self.title,
            "event": "workflow_dispatch",
            "status": status,
            "conclusion": conclusion,
            "html_url": f"{WEB}/{self.repository}/actions/runs/{self.id}",
            "created_at": _stamp(self.at),
            "updated_at": _stamp(ended),
        }


@dataclass(kw_only=True)
class Actions:
    """Every run so far, oldest first."""

    runs: list[Run] = field(default_factory=list)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
