"""Who is signed in: a cookie that only we can have written, with an end."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from bot.domain.people import Person

LASTS = 12 * 3600
ATTEMPT_LASTS = 600
"""Seconds between going to Slack and coming back."""


@dataclass(frozen=True, kw_only=True)
class Session:
    person: Person
    id: str
    until: int
    """Seconds since 1970."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A sign-in that this browser began; `then` is the page that it wanted."""

    state: str
    nonce: str
    then: str


class Sessions:
    """The first of the keys signs, any of them is believed."""

    def __init__(self, keys: Sequence[str], *, now: Callable[[], float] = time.time) -> None:
        self._keys, self._now = list(keys), now

    def opened(self, person: Person) -> str:
        """What the cookie holds: whoever has it is this person, until it ends."""
        return self._written(
            "session",
            LASTS,
            user=person.user_id,
            team=person.team_id,
            name=person.name,
            id=secrets.token_urlsafe(16),
        )

    def read(self, cookie: str) -> Session | None:
        """None for what we did not write, and for what is over."""
        match self._read("session", cookie):
            case {
                "user": str(user),
                "team": str(team),
                "name": str(name),
                "id": str(number),
                "until": int(until),
            }:
                person = Person(user_id=user, team_id=team, name=name)
                return Session(person=person, id=number, until=until)
        return None

    def begun(self, attempt: Attempt) -> str:
        told = {"state": attempt.state, "nonce": attempt.nonce, "then": attempt.then}
        return self._written("attempt", ATTEMPT_LASTS, **told)

    def attempt(self, cookie: str) -> Attempt | None:
        match self._read("attempt", cookie):
            case {"state": str(state), "nonce": str(nonce), "then": str(then)}:
                return Attempt(state=state, nonce=nonce, then=then)
        return None

    def goodbye(self, session: Session) -> str:
        """What a form has to bring to end this session: no other page knows it."""
        return str(self._signer("sign-out").dumps(session.id))

    def says_goodbye(self, session: Session, brought: str) -> bool:
        try:
            said = self._signer("sign-out").loads(brought)
        except BadData:
            return False
        return isinstance(said, str) and hmac.compare_digest(said.encode(), session.id.encode())

    def still(self, session: Session) -> bool:
        return self._now() < session.until

    def _written(self, what: str, lasts: int, **told: str) -> str:
        return str(self._signer(what).dumps({**told, "until": int(self._now()) + lasts}))

    def _read(self, what: str, cookie: str) -> dict[str, Any] | None:
        try:
            told = self._signer(what).loads(cookie)
        except BadData:
            return None
        if not isinstance(told, dict) or not isinstance(told.get("until"), int):
            return None
        return told if self._now() < told["until"] else None

    def _signer(self, what: str) -> URLSafeSerializer:
        """A cookie of one kind is none of another. It takes its keys the newest last."""
        return URLSafeSerializer(
            list(reversed(self._keys)),
            salt=f"tocsin {what}",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )
