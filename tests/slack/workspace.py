"""A workspace in memory, in the shape of our own gateway: it knows its people and keeps what is said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.domain.errors import VendorError
from bot.slack.gateway import SlackRefused
from tests.doubles.people import ANA, BEN, GUS, KENJI, MAYA, OLA, TEAM

PEOPLE = {p.user_id: p for p in (ANA, BEN, KENJI, MAYA, GUS, OLA)}

EMAILS = {p.user_id: f"{p.name.split()[0].lower()}@demo.example" for p in PEOPLE.values()}


@dataclass
class Workspace:
    """Answers `call` as the gateway does."""

    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refuses: dict[str, VendorError] = field(default_factory=dict)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        if method in self.refuses:
            raise self.refuses[method]
        match method:
            case "users.info":
                return {"user": _user(arguments["user"])}
            case "users.lookupByEmail":
                return {"user": _by_email(arguments["email"])}
            case "conversations.replies":
                return {"messages": [m for m in [self.messages.get(arguments["ts"])] if m]}
            case "chat.getPermalink":
                return {"permalink": f"https://slack.example/{arguments['message_ts']}"}
        self.said.append((method, arguments))
        # Named by its name, answered with its id, as Slack does.
        channel = str(arguments.get("channel", "")).replace("#", "C-")
        ts = arguments.get("ts") or f"{len(self.said)}.0"
        return {"ok": True, "ts": ts, "channel": channel}

    def shows(self, what: str) -> list[dict[str, Any]]:
        """Our messages whose marker begins so, as they read now, oldest first."""
        found: dict[str, dict[str, Any]] = {}
        for number, (method, arguments) in enumerate(self.said, 1):
            if method == "chat.postMessage" and _marker(arguments).startswith(what):
                found[f"{number}.0"] = arguments
            elif method == "chat.update" and arguments["ts"] in found:
                found[arguments["ts"]] = {**found[arguments["ts"]], **arguments}
        return list(found.values())

    def heard(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.said if name == method]


def _marker(arguments: dict[str, Any]) -> str:
    return str((arguments.get("metadata") or {}).get("event_payload", {}).get("what", ""))


def _user(user_id: str) -> dict[str, Any]:
    if user_id not in PEOPLE:
        raise SlackRefused("users.info", "user_not_found")
    person = PEOPLE[user_id]
    return {
        "id": user_id,
        "team_id": person.team_id or TEAM,
        "profile": {"real_name": person.name, "email": EMAILS.get(user_id, "")},
        "is_restricted": person.standing.value == "guest",
        "is_stranger": person.standing.value == "outsider",
    }


def _by_email(email: str) -> dict[str, Any]:
    found = next((user for user, known in EMAILS.items() if known == email), "")
    if not found:
        raise SlackRefused("users.lookupByEmail", "users_not_found")
    return _user(found)
