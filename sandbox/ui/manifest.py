"""The app's shortcuts and command, as its manifest announces them to a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

MANIFEST = Path(__file__).parents[2] / "slack-manifest.yaml"

# What the composer offers while `/incident` is typed; the bot has the last word.
SUBCOMMANDS = (
    ("list", "open incidents"),
    ("status", "where this incident stands"),
    ("update", "post an update"),
    ("severity", "propose or change the severity"),
    ("role", "take or give a role"),
    ("ack", "acknowledge the page"),
    ("note", "put a note on the timeline"),
    ("did", "say what you did; it will be verified"),
    ("runbook", "find a runbook"),
    ("rollback", "propose a rollback"),
    ("statuspage", "draft for the status page"),
    ("mitigated", "users are fine again"),
    ("resolve", "close the incident"),
    ("reopen", "it came back"),
    ("timeline", "what happened when"),
    ("catchup", "what you missed"),
    ("postmortem", "the draft in git"),
    ("follow-up", "create a follow-up"),
    ("help", "all of this, in one place"),
)


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    """An entry of a message's menu, or (global) of the composer's."""

    callback_id: str
    name: str
    type: str


@cache
def shortcuts(manifest: Path = MANIFEST) -> tuple[Shortcut, ...]:
    if not manifest.is_file():
        return ()
    features = yaml.safe_load(manifest.read_text(encoding="utf-8")).get("features", {})
    return tuple(
        Shortcut(callback_id=found["callback_id"], name=found["name"], type=found["type"])
        for found in features.get("shortcuts", ())
    )
