"""One cluster's REST API: objects read and patched, with exactly one request for each change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import httpx

from bot.domain.errors import NotSent, VendorRejected, before_sending
from bot.integrations.http import Access, Asked, Vendor, VendorHealth
from bot.integrations.kubernetes.kubeconfig import VENDOR, Door
from bot.integrations.kubernetes.words import words
from bot.tools import Gate

Object = Mapping[str, Any]
OURS = "tocsin"
"""The field manager of what we write."""
_UNTRIED = "does not support dry run"
_CONFLICT, _MISSING = 409, 404


class Patch(StrEnum):
    """How a patch is read; each is named in full because the defaults differ by library."""

    MERGE = "application/merge-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"
    JSON = "application/json-patch+json"
    APPLY = "application/apply-patch+yaml"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where objects of one kind live: `apps/v1`, `deployments`, a namespace or none."""

    group: str
    plural: str
    namespace: str = ""

    def path(self, name: str = "", part: str = "") -> str:
        root = f"apis/{self.group}" if "/" in self.group else f"api/{self.group}"
        middle = f"/namespaces/{self.namespace}" if self.namespace else ""
        return "/".join(filter(None, (f"{root}{middle}/{self.plural}", name, part)))


@dataclass(frozen=True, kw_only=True)
class Write:
    """One change. A rehearsal goes through rights and admission, and stores nothing."""

    path: str
    body: Any
    doing: str
    by_hand: str = ""
    how: Patch | None = Patch.MERGE
    """None: posted, not patched."""
    rehearsal: bool = False
    expects: tuple[int, ...] = ()
    sent_once: bool = True


@dataclass(kw_only=True)
class Api:
    """The kubeconfig is read when the cluster is first asked for something."""

    environment: str
    """Where it is: `production`, or a further cluster of it as `production/eu`."""
    open: Callable[[], Door]
    gate: Gate
    further: bool = False
    _vendor: Vendor | None = None
    _door: Door | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        return f"{VENDOR} in {self.environment}"

    def by_hand(self, told: str) -> str:
        """In a further cluster: people's own tools look at the first."""
        return f"{told} (in the cluster {self.environment})" if told and self.further else told

    @property
    def health(self) -> VendorHealth:
        return self._health

    def __post_init__(self) -> None:
        self._health = VendorHealth(vendor=self.name)

    def close(self) -> None:
        with self._lock:
            if self._vendor:
                self._vendor.close()
            self._vendor = None

    def door(self) -> Door:
        self._connected()
        assert self._door is not None
        return self._door

    def read(
        self, place: Place, name: str = "", *, doing: str, params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        found = self.find(place, name, doing=doing, params=params)
        if found is None:
            what = f"{place.plural.removesuffix('s')} {name}" if name else place.plural
            where = f" in namespace {place.namespace}" if place.namespace else ""
            raise VendorRejected(self.name, doing, f"there is no {what}{where}")
        return found

    def find(
        self, place: Place, name: str = "", *, doing: str, params: Mapping[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """None where there is no such object."""
        asked = Asked(
            path=place.path(name), doing=doing, params=params, headers=self._authorization()
        )
        answer = self._connected().exchange(asked)
        if answer.status_code == _MISSING:
            return None
        if not answer.is_success:
            raise VendorRejected(self.name, doing, words(answer.status_code, _json(answer)))
        found = _json(answer)
        return found if isinstance(found, dict) else {}

    def items(
        self, place: Place, *, doing: str, params: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """All of them; an API that the cluster does not have holds none."""
        found = self.find(place, doing=doing, params=params) or {}
        return list(found.get("items") or ())

    def text(self, path: str, *, doing: str, params: Mapping[str, Any]) -> str:
        """What is no JSON (a log); empty where it cannot be read."""
        answer = self._connected().exchange(
            Asked(path=path, doing=doing, params=params, headers=self._authorization())
        )
        return answer.text if answer.is_success else ""

    def discover(self, group: str, *, doing: str) -> list[dict[str, Any]]:
        """The kinds of a group and version; none where the cluster does not have it."""
        path = f"apis/{group}" if "/" in group else f"api/{group}"
        answer = self._connected().exchange(
            Asked(path=path, doing=doing, headers=self._authorization())
        )
        found = _json(answer)
        if not answer.is_success or not isinstance(found, dict):
            return []
        return list(found.get("resources") or ())

    def send(self, write: Write) -> httpx.Response:
        """The answer, where it is a success or expected; a conflict may pass, and is NotSent."""
        once = write.sent_once and not write.rehearsal
        with before_sending(write.doing) if once else nullcontext():
            headers = self._authorization()
        if write.how:
            headers["Content-Type"] = write.how
        answer = self._connected().exchange(
            Asked(
                path=write.path,
                doing=write.doing,
                method="PATCH" if write.how else "POST",
                by_hand=self.by_hand(write.by_hand),
                params=_params(write),
                body=write.body,
                headers=headers,
                writes=not write.rehearsal,
                sent_once=once,
                expects=write.expects,
            )
        )
        if answer.is_success or answer.status_code in write.expects:
            return answer
        raise self._refused(write, answer)

    def _refused(self, write: Write, answer: httpx.Response) -> VendorRejected | NotSent:
        body = _json(answer)
        why = words(answer.status_code, body)
        by_hand = self.by_hand(write.by_hand)
        if write.rehearsal or not write.sent_once:
            return VendorRejected(self.name, write.doing, why, by_hand=by_hand)
        may_pass = answer.status_code == _CONFLICT
        return NotSent(self.name, write.doing, why, by_hand=by_hand, may_pass=may_pass)

    def _authorization(self) -> dict[str, str]:
        token = self.door().token()
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _connected(self) -> Vendor:
        with self._lock:
            if self._vendor is None:
                self._door = self.open()
                access = Access(
                    vendor=self.name, url=self._door.url, words=words, trust=self._door.trust
                )
                self._vendor = Vendor(access, self.gate, health=self._health)
            return self._vendor


def _params(write: Write) -> dict[str, str]:
    # Without force a rehearsal would stumble over fields that Helm itself owns.
    forced = {"force": "true"} if write.how is Patch.APPLY else {}
    return {"fieldManager": OURS, **({"dryRun": "All"} if write.rehearsal else {}), **forced}


def _json(answer: httpx.Response) -> object:
    try:
        return answer.json() if answer.content else None
    except ValueError:
        return None


def rehearsed(api: Api, write: Write) -> str:
    """Through rights and admission without storing; what could not be tried, or nothing."""
    try:
        api.send(replace(write, rehearsal=True))
    except VendorRejected as error:
        if _UNTRIED in error.why:
            return "an admission webhook does not allow a rehearsal"
        raise
    return ""
