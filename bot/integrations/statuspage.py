"""Atlassian Statuspage as the public status page: found again by our marker, one request a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.domain.errors import VendorDown
from bot.domain.update import ComponentState, PublicUpdate, StatusPagePost
from bot.integrations.http import Access, Asked, Vendor, VendorHealth
from bot.reactions import again
from bot.tools import Gate

VENDOR = "Statuspage"
_MARK = "tocsin"
_EVERY = 1.0
_LONGEST = 1.0


class Pace:
    """One request a second. Whoever would wait longer than a second is sent away with a time."""

    def __init__(self) -> None:
        self._next = 0.0
        self._lock = threading.Lock()

    def take(self, doing: str) -> None:
        with self._lock:
            now = time.monotonic()
            wait = max(self._next - now, 0.0)
            if wait > _LONGEST:
                why = "it allows one request a second, and others are waiting"
                raise VendorDown(VENDOR, doing, why, retry_after=timedelta(seconds=wait))
            self._next = now + wait + _EVERY
        if wait:
            time.sleep(wait)


class Statuspage:
    """One page."""

    def __init__(self, url: str, key: str, *, page: str, gate: Gate) -> None:
        headers = {"Authorization": f"OAuth {key}"}
        self._vendor = Vendor(Access(vendor=VENDOR, url=url, headers=headers), gate)
        self._page, self._pace = page, Pace()
        self._by_hand = f"Post it at https://manage.statuspage.io/pages/{page}"

    @property
    def health(self) -> VendorHealth:
        return self._vendor.health

    def close(self) -> None:
        self._vendor.close()

    def components(self) -> tuple[ComponentState, ...]:
        """What has a status of its own; groups are left out."""
        found = self._read("components", "read the components")
        return tuple(
            ComponentState(id=each["id"], name=each["name"], status=each["status"])
            for each in found or ()
            if not each.get("group")
        )

    def subscribers(self) -> int | None:
        """Who would be e-mailed; None where the page does not say."""
        found = self._read("subscribers/count", "count the subscribers")
        emails = (found or {}).get("email")
        return int(emails) if emails is not None else None

    def find(self, marker: str) -> StatusPagePost | None:
        for each in self._read("incidents/unresolved", "look for our post") or ():
            if _marker(each) == marker:
                return _post(each)
        return None

    def publish(
        self, update: PublicUpdate, *, marker: str, post: StatusPagePost | None
    ) -> StatusPagePost:
        """A new public incident, or the next update of it; the same one twice is one."""
        known = post or self.find(marker)
        if known is None:
            body = _body(update) | {"metadata": {_MARK: {"marker": marker}}}
            return _post(self._write("POST", "incidents", body))
        place = f"incidents/{known.id}"
        if again() and _says(self._read(place, "see whether it was posted"), update):
            return StatusPagePost(id=known.id, address=known.address, status=update.status)
        return _post(self._write("PATCH", place, _body(update)))

    def _read(self, path: str, doing: str) -> Any:
        self._pace.take(doing)
        return self._vendor.read(f"pages/{self._page}/{path}", doing=doing, by_hand=self._by_hand)

    def _write(self, method: str, path: str, incident: Mapping[str, Any]) -> Any:
        doing = "post to the status page"
        self._vendor.gate.allow(doing)
        self._pace.take(doing)
        return self._vendor.send(
            Asked(
                path=f"pages/{self._page}/{path}",
                doing=doing,
                method=method,
                by_hand=self._by_hand,
                body={"incident": dict(incident)},
                writes=True,
            )
        )


def _body(update: PublicUpdate) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": update.title,
        "status": str(update.status),
        "body": update.body,
        "impact_override": update.impact,
        # Statuspage tells every subscriber unless it is told not to.
        "deliver_notifications": update.notify,
    }
    if update.components:
        body["components"] = {each.id: each.status for each in update.components}
        body["component_ids"] = [each.id for each in update.components]
    return body


def _post(incident: Mapping[str, Any]) -> StatusPagePost:
    return StatusPagePost(
        id=str(incident["id"]),
        address=str(incident.get("shortlink") or ""),
        status=str(incident.get("status") or ""),
    )


def _marker(incident: Mapping[str, Any]) -> str:
    ours = (incident.get("metadata") or {}).get(_MARK) or {}
    return str(ours.get("marker", "")) if isinstance(ours, dict) else ""


def _says(incident: Mapping[str, Any] | None, update: PublicUpdate) -> bool:
    """Whether the newest update of the post is this one already."""
    updates = (incident or {}).get("incident_updates") or ()
    newest = updates[0] if updates else {}
    return newest.get("body") == update.body and newest.get("status") == str(update.status)
