"""Asks image registries whether an image still exists; reads manifests, and writes nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.domain.errors import VendorDown, VendorRejected
from bot.domain.image import HUB, Image
from bot.integrations.http import Access, Asked, Vendor, VendorHealth
from bot.integrations.registry_challenge import Challenge, basic, challenges
from bot.tools import Gate

_HUBS_OWN = "https://registry-1.docker.io"
_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    # What was pushed before 2017 and is still served; without it such an image looks missing.
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
)
"""A registry answers 404 for an image whose type the caller does not name."""
_UNKNOWN = ("MANIFEST_UNKNOWN", "NAME_UNKNOWN", "NOT_FOUND")
"""The last one is Harbor's: https://github.com/goharbor/harbor/issues/20764"""


@dataclass(frozen=True, kw_only=True)
class Login:
    """How one registry is reached. Without a user it is asked as anybody may."""

    host: str
    url: str = ""
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        if self.url:
            return self.url
        return _HUBS_OWN if self.host == HUB else f"https://{self.host}"


class Registries:
    """One for all hosts; a host that nobody configured is asked without credentials."""

    def __init__(self, logins: Sequence[Login], *, gate: Gate) -> None:
        self._logins = {each.host: each for each in logins}
        self._gate = gate
        self._doors: dict[str, Door] = {}
        self._lock = threading.Lock()

    @property
    def health(self) -> list[VendorHealth]:
        with self._lock:
            return [each.vendor.health for each in self._doors.values()]

    def exists(self, image: Image) -> bool:
        """False only where the registry itself says that it has no such image."""
        door, doing = self._door(image.host), f"see whether {image.label} exists"
        path = f"v2/{image.name}/manifests/{image.reference}"
        scope = f"repository:{image.name}:pull"
        answer = door.ask("HEAD", path, scope=scope, doing=doing)
        if answer.status_code in (404, 405):
            # An answer to HEAD has no body, and only the body tells a registry's 404 from a proxy's.
            answer = door.ask("GET", path, scope=scope, doing=doing)
        if answer.is_success:
            return True
        if answer.status_code == 404 and _says_unknown(answer):
            return False
        raise door.refusal(answer, doing)

    def sign_in(self, host: str) -> None:
        """Whether it is there and lets us in; raises where not."""
        door, doing = self._door(host), "sign in"
        answer = door.ask("GET", "v2/", scope="", doing=doing)
        if not answer.is_success:
            raise door.refusal(answer, doing)

    def close(self) -> None:
        with self._lock:
            for each in self._doors.values():
                each.vendor.close()

    def _door(self, host: str) -> Door:
        with self._lock:
            if host not in self._doors:
                login = self._logins.get(host) or Login(host=host)
                self._doors[host] = Door(login, self._gate)
            return self._doors[host]


class Door:
    """One registry, and how it lets us in: as it says in its challenge."""

    def __init__(self, login: Login, gate: Gate) -> None:
        self._login = login
        access = Access(vendor=login.host, url=login.address, follows=True)
        self.vendor = Vendor(access, gate)

    def ask(self, method: str, path: str, *, scope: str, doing: str) -> httpx.Response:
        """`scope` is what a token is asked for where the challenge leaves it out."""
        asked = Asked(path=path, method=method, doing=doing, headers={"Accept": ", ".join(_TYPES)})
        answer = self.vendor.exchange(asked)
        if answer.status_code != 401:
            return answer
        let_in = self._let_in(answer, scope, doing)
        if not let_in:
            return answer
        headers = {**asked.headers, "Authorization": let_in}
        again = Asked(path=path, method=method, doing=doing, headers=headers)
        return self.vendor.exchange(again)

    def refusal(self, answer: httpx.Response, doing: str) -> VendorRejected:
        match answer.status_code:
            case 401:
                why = self._not_let_in()
            case 403:
                why = (
                    "it denies it to us: the account lacks the right, or its password has expired"
                )
            case 404:
                why = "it answered 404, but not as a registry does: is its address right?"
            case status:
                why = _said(answer) or f"it answered {status}"
        return VendorRejected(self._login.host, doing, why)

    def _let_in(self, answer: httpx.Response, scope: str, doing: str) -> str:
        """The header that answers the challenge; "" where we have nothing to answer with."""
        # To where a redirect led our password does not go.
        known = bool(self._login.username) and not answer.history
        ours = basic(self._login.username, self._login.password) if known else ""
        found = challenges(answer.headers.get_list("www-authenticate"))
        if bearer := next((each for each in found if each.scheme == "bearer"), None):
            return f"Bearer {self._token(bearer, ours, scope, doing)}"
        return ours if any(each.scheme == "basic" for each in found) else ""

    def _token(self, challenge: Challenge, ours: str, scope: str, doing: str) -> str:
        if not challenge.safe(beside=self._login.address):
            why = "it sends us for a token to an address without https"
            raise VendorRejected(self._login.host, doing, why)
        answer = self.vendor.exchange(
            Asked(
                path="",
                doing=doing,
                elsewhere=challenge.address(scope),
                headers={"Authorization": ours} if ours else {},
            )
        )
        if answer.status_code in (400, 401, 403):
            raise VendorRejected(self._login.host, doing, self._not_let_in())
        body = _body(answer) if answer.is_success else {}
        token = body.get("token") or body.get("access_token")
        if not isinstance(token, str) or not token.isascii():
            raise VendorDown(self._login.host, doing, "it gave us no token")
        return token

    def _not_let_in(self) -> str:
        if self._login.username:
            return "it refuses our user name and password (wrong, or expired)"
        return "it wants credentials for it, and none are configured"


def _says_unknown(answer: httpx.Response) -> bool:
    errors = _body(answer).get("errors")
    for each in errors if isinstance(errors, list) else ():
        if isinstance(each, dict) and each.get("code") in _UNKNOWN:
            # Registries say so too of an image whose type the caller did not name.
            return "accept header" not in str(each.get("message", "")).lower()
    return False


def _said(answer: httpx.Response) -> str:
    match _body(answer):
        case {"errors": [{"message": str(said)}, *_]}:
            return " ".join(said.split())[:200]
        case _:
            return ""


def _body(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.content) if answer.content else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
