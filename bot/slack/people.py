"""Who pressed: by Slack's own record of the user, never by what a payload claims."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

from bot.domain.errors import Refused
from bot.domain.people import Person, Standing
from bot.slack.gateway import Gateway, SlackRefused

_FRESH = 600.0


@dataclass
class People:
    """`users.info`, remembered for ten minutes."""

    gateway: Gateway
    team_id: str
    _known: dict[str, tuple[float, Person, str]] = field(default_factory=dict)
    _by_email: dict[str, tuple[float, Person | None]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def person(self, user_id: str, *, claimed_team: str = "") -> Person:
        """`Refused` for an identity that Slack does not confirm."""
        found, _email = self._look(user_id)
        if claimed_team and found.team_id and claimed_team != found.team_id:
            raise Refused(
                "Slack says you belong to another workspace than this request does."
                " Nothing was done."
            )
        return found

    def email(self, user_id: str) -> str:
        """Empty where Slack keeps it from us."""
        return self._look(user_id)[1]

    def by_email(self, email: str) -> Person | None:
        """Nobody, where the workspace has no such address."""
        with self._lock:
            held = self._by_email.get(email)
        if held and time.monotonic() - held[0] < _FRESH:
            return held[1]
        try:
            found = self.gateway.call("users.lookupByEmail", email=email)
            person = _person(found["user"], self.team_id)
        except SlackRefused as refused:
            if refused.code != "users_not_found":
                raise
            person = None
        with self._lock:
            self._by_email[email] = (time.monotonic(), person)
        return person

    def _look(self, user_id: str) -> tuple[Person, str]:
        with self._lock:
            held = self._known.get(user_id)
        if held and time.monotonic() - held[0] < _FRESH:
            return held[1], held[2]
        try:
            found = self.gateway.call("users.info", user=user_id)["user"]
        except SlackRefused as refused:
            raise Refused("Slack does not know who you are here. Nothing was done.") from refused
        person = _person(found, self.team_id)
        email = str(found.get("profile", {}).get("email", ""))
        with self._lock:
            self._known[user_id] = (time.monotonic(), person, email)
        return person, email


def _person(found: dict[str, object], home: str) -> Person:
    profile = found.get("profile")
    names = profile if isinstance(profile, dict) else {}
    team = str(found.get("team_id") or home)
    enterprise = found.get("enterprise_user")
    return Person(
        user_id=str(found["id"]),
        team_id=team,
        name=str(
            names.get("real_name") or found.get("real_name") or found.get("name") or found["id"]
        ),
        enterprise_id=str(enterprise["enterprise_id"])
        if isinstance(enterprise, dict) and enterprise.get("enterprise_id")
        else None,
        standing=_standing(found, team, home),
    )


def _standing(found: dict[str, object], team: str, home: str) -> Standing:
    if found.get("is_stranger") or team != home:
        return Standing.OUTSIDER
    if found.get("is_restricted") or found.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER
