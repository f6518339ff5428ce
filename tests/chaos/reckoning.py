"""What the demo world's own books say afterwards: lost, doubled and half-made things."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import cached_property
from typing import Any

Room = dict[str, Any]
Message = dict[str, Any]

BOT = "U0TOCSIN"


class Books:
    """The state and the log of the demo world at the end, as a ledger to be checked."""

    def __init__(self, state: dict[str, Any], log: list[dict[str, Any]]) -> None:
        self.log = log
        self.slack, self.pagerduty = state["slack"], state["pagerduty"]
        self.rooms: list[Room] = list(self.slack["channels"].values())
        self.incident_rooms = [r for r in self.rooms if r["name"].startswith("inc-")]

    @cached_property
    def marked(self) -> dict[tuple[str, str], list[Message]]:
        """Every message of the bot by its marker: (incident, what)."""
        found: dict[tuple[str, str], list[Message]] = defaultdict(list)
        for room in self.rooms:
            for message in messages(room):
                if mark := marker(message):
                    found[mark].append(message)
        return found

    def doubled_messages(self) -> list[tuple[str, str]]:
        return [mark for mark, several in self.marked.items() if len(several) > 1]

    def doubled_channels(self) -> list[str]:
        """Incidents with more than one channel."""
        owners = Counter(incident for room in self.incident_rooms for incident in incidents(room))
        return [incident for incident, rooms in owners.items() if rooms > 1]

    def half_made(self) -> list[str]:
        """What each channel lacks, in words."""
        return [
            f"{room['name']}: {lack}" for room in self.incident_rooms for lack in self._lacks(room)
        ]

    def _lacks(self, room: Room) -> list[str]:
        cards = [m for m in messages(room) if (marker(m) or ("", ""))[1] == "card"]
        announced = {mark for mark in self.marked if mark[1] == "announcement"}
        lacks = {
            "one card": len(cards) == 1,
            "its card pinned": len(cards) == 1 and cards[0]["ts"] in pinned(room),
            "a topic": bool(text_of(room.get("topic"))),
            "a purpose": bool(text_of(room.get("purpose"))),
            "its line in the announcements": len(cards) == 1
            and ((marker(cards[0]) or ("", ""))[0], "announcement") in announced,
        }
        return [what for what, there in lacks.items() if not there]

    def rooms_that_say(self, words: str) -> list[str]:
        """Names of the incident channels in which these words stand somewhere."""
        return [room["name"] for room in self.incident_rooms if words in json.dumps(room)]

    def called(self, system: str, *names: str) -> list[dict[str, Any]]:
        """Requests of the bot to one system, all or those of these names."""
        asked = (one for one in self.log if one["kind"] == "request" and one["system"] == system)
        return [one for one in asked if not names or one["name"] in names]

    def deliveries(self, system: str) -> list[dict[str, Any]]:
        return [one for one in self.log if one["kind"] == "delivery" and one["system"] == system]


def messages(room: Room) -> list[Message]:
    found = room["messages"]
    return list(found.values()) if isinstance(found, dict) else list(found)


def marker(message: Message) -> tuple[str, str] | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != "tocsin":
        return None
    payload = metadata["event_payload"]
    return payload["incident"], payload["what"]


def incidents(room: Room) -> set[str]:
    """Whose card stands in it."""
    found = {marker(message) for message in messages(room)}
    return {mark[0] for mark in found if mark and mark[1] == "card"}


def pinned(room: Room) -> list[str]:
    return [one if isinstance(one, str) else one["ts"] for one in room.get("pins", [])]


def text_of(value: Any) -> str:
    return str(value.get("value", "")) if isinstance(value, dict) else str(value or "")
