"""Sign in with Slack: OpenID Connect by Slack's own discovery document, an identity that is signed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bot.domain.errors import VendorRejected
from bot.domain.people import Person
from bot.integrations.http import Access, Asked, Vendor, VendorHealth
from bot.integrations.slack_id_token import Expected, IdTokens, Untrusted
from bot.tools import Gate

VENDOR = "Sign in with Slack"
SCOPES = "openid profile"
# https://docs.slack.dev/authentication/sign-in-with-slack
_DISCOVERY = ".well-known/openid-configuration"
_TEAM, _USER = "https://slack.com/team_id", "https://slack.com/user_id"
_DOING = "learn who you are"
_FRESH = 3600.0
_OURS = {
    "bad_client_secret": "it does not take SLACK_CLIENT_SECRET",
    "invalid_client": "it does not take SLACK_CLIENT_SECRET",
    "invalid_client_id": "it does not know SLACK_CLIENT_ID",
    "bad_redirect_uri": "TOCSIN_URL is not among the redirect URLs of the app",
    "invalid_code": "what the browser brought is used up or too old",
    "invalid_grant": "what the browser brought is used up or too old",
}


@dataclass(frozen=True, kw_only=True)
class App:
    """What Slack knows of us; `callback` is one of the app's redirect URLs."""

    client_id: str
    client_secret: str
    callback: str


@dataclass(frozen=True)
class _Places:
    """What the discovery document says."""

    issuer: str
    authorize: str
    token: str
    keys: str


class SlackSignIn:
    """`api_url` as the Web API's: the rest of Slack is found from it. `now` is the real time."""

    def __init__(
        self, api_url: str, app: App, *, gate: Gate, now: Callable[[], float] = time.time
    ) -> None:
        root = api_url.rstrip("/").removesuffix("/api")
        self._vendor = Vendor(Access(vendor=VENDOR, url=root), gate)
        self._root, self._app = root, app
        self._places: tuple[float, _Places] | None = None
        self._tokens = IdTokens(self._public_keys, now)
        self._lock = threading.Lock()

    @property
    def health(self) -> VendorHealth:
        return self._vendor.health

    def close(self) -> None:
        self._vendor.close()

    def address(self, *, state: str, nonce: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": self._app.client_id,
            "redirect_uri": self._app.callback,
            "scope": SCOPES,
            "state": state,
            "nonce": nonce,
        }
        return f"{self._found().authorize}?{urlencode(asked)}"

    def introduced(self, code: str, *, nonce: str) -> Person:
        places = self._found()
        told = self._vendor.send(
            Asked(
                path="",
                elsewhere=places.token,
                method="POST",
                doing=_DOING,
                form={
                    "grant_type": "authorization_code",
                    "code": code,
                    "redirect_uri": self._app.callback,
                    "client_id": self._app.client_id,
                    "client_secret": self._app.client_secret,
                },
            )
        )
        found = told if isinstance(told, dict) else {}
        if not found.get("ok"):
            said = str(found.get("error") or "no reason given")
            raise VendorRejected(VENDOR, _DOING, _OURS.get(said, said[:80]))
        return _person(self._claims(places, found, nonce))

    def _found(self) -> _Places:
        with self._lock:
            held = self._places
        if held and time.monotonic() - held[0] < _FRESH:
            return held[1]
        told = self._vendor.read(_DISCOVERY, doing="find where it asks people who they are")
        places = _read(told, self._root)
        with self._lock:
            self._places = (time.monotonic(), places)
        return places

    def _claims(self, places: _Places, told: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        expected = Expected(
            issuer=places.issuer,
            client=self._app.client_id,
            nonce=nonce,
            access_token=str(told.get("access_token", "")),
        )
        try:
            return self._tokens.claims(str(told.get("id_token", "")), expected)
        except Untrusted as wrong:
            why = f"its answer is not to be trusted ({wrong})"
            raise VendorRejected(VENDOR, _DOING, why) from wrong

    def _public_keys(self) -> Mapping[str, Any]:
        doing = "read its public keys"
        told = self._vendor.send(Asked(path="", elsewhere=self._found().keys, doing=doing))
        if not isinstance(told, dict) or not isinstance(told.get("keys"), list):
            raise VendorRejected(VENDOR, doing, "what it answers is no set of keys")
        return told


def _read(told: object, root: str) -> _Places:
    match told:
        case {
            "issuer": str(issuer),
            "authorization_endpoint": str(authorize),
            "token_endpoint": str(token),
            "jwks_uri": str(keys),
        } if issuer.rstrip("/") == root:
            return _Places(issuer, authorize, token, keys)
    why = f"{root}/{_DISCOVERY} is not its discovery document: is SLACK_API_URL right?"
    raise VendorRejected(VENDOR, "find where it asks people who they are", why)


def _person(claims: Mapping[str, Any]) -> Person:
    user, team = claims.get(_USER), claims.get(_TEAM)
    if not (isinstance(user, str) and isinstance(team, str) and user and team):
        raise VendorRejected(VENDOR, _DOING, "its answer names no user or no workspace")
    return Person(user_id=user, team_id=team, name=str(claims.get("name") or user)[:80])
