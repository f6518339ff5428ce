"""One call as CloudTrail shows it: who made it, by what, and what was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TERRAFORM = "terraform"
Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Event:
    """`asked` is what the call was given, each name with a small first letter; it may be empty."""

    id: str
    service: str
    """As it stands in the source: `elasticloadbalancing`, `wafv2`."""
    name: str
    at: datetime
    region: str
    actor: str = ""
    agent: str = ""
    failed: bool = False
    asked: Json = field(default_factory=dict)

    @property
    def sort(self) -> str:
        return f"{self.service}:{self.name}"

    @property
    def by_terraform(self) -> bool:
        return TERRAFORM in self.agent.lower()

    @property
    def address(self) -> str:
        place = f"https://{self.region}.console.aws.amazon.com/cloudtrailv2/home"
        return f"{place}?region={self.region}#/events/{self.id}"

    def text(self, *names: str) -> str:
        """The first of these that is given; empty where none is."""
        found = (self.asked.get(name) for name in names)
        return next((str(each) for each in found if each not in (None, "", {}, [])), "")


def event(shown: Json) -> Event | None:
    """None for what cannot be read: nothing can be said of it."""
    try:
        told = json.loads(shown.get("CloudTrailEvent") or "{}")
    except ValueError:
        return None
    at = shown.get("EventTime")
    if not isinstance(told, dict) or "eventName" not in told or not isinstance(at, datetime):
        return None
    return Event(
        id=str(shown.get("EventId", "")),
        service=str(told.get("eventSource", "")).partition(".")[0],
        name=str(told.get("eventName", "")),
        at=at.astimezone(UTC),
        region=str(told.get("awsRegion", "")),
        actor=_actor(told.get("userIdentity"), str(shown.get("Username", ""))),
        agent=str(told.get("userAgent", "")),
        failed=bool(told.get("errorCode")),
        asked=_asked(told.get("requestParameters")),
    )


def inside(value: Any, name: str) -> Iterator[Any]:
    """Everything of this name, at whatever depth."""
    match value:
        case dict():
            for key, each in value.items():
                if key == name:
                    yield each
                yield from inside(each, name)
        case list():
            for each in value:
                yield from inside(each, name)


def _actor(identity: Any, user: str) -> str:
    """A role's session is the person, or the machine; a service names itself."""
    who = identity if isinstance(identity, dict) else {}
    match who.get("type"):
        case "AssumedRole" | "FederatedUser":
            return str(who.get("arn", "")).rpartition("/")[2] or user
        case "AWSService":
            return str(who.get("invokedBy", "")) or user
        case "Root":
            return "root"
    return str(who.get("userName", "")) or user


def _asked(given: Any) -> Json:
    """EC2 wraps what it was given once more: `{"ModifyLaunchTemplateRequest": {…}}`."""
    found = _small(given) if isinstance(given, dict) else {}
    for name, each in found.items():
        if len(found) == 1 and name.endswith("Request") and isinstance(each, dict):
            return each
    return dict(found)


def _small(value: Any) -> Any:
    """Some services spell a name `RuleArn`, most spell it `ruleArn`."""
    match value:
        case dict():
            return {str(name)[:1].lower() + str(name)[1:]: _small(e) for name, e in value.items()}
        case list():
            return [_small(each) for each in value]
    return value
