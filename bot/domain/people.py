"""Who somebody is to us: the Slack identity by which everything is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What Slack says of the person: decides what may be asked for at all."""

    MEMBER = "member"
    GUEST = "guest"
    OUTSIDER = "outsider"


@dataclass(frozen=True, kw_only=True)
class Person:
    """A Slack user in a workspace. Two are the same person when `key` is the same."""

    user_id: str
    team_id: str = ""
    name: str = ""
    enterprise_id: str | None = None
    standing: Standing = Standing.MEMBER

    @property
    def key(self) -> tuple[str, str]:
        return (self.team_id, self.user_id)

    @property
    def mention(self) -> str:
        return f"<@{self.user_id}>"

    def same(self, other: Person | None) -> bool:
        return other is not None and self.key == other.key


TOCSIN = Person(user_id="", name="Tocsin")
