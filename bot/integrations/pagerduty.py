"""PagerDuty as the bot's pager: reads pages and on-call people, acts as the person who clicked."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.errors import VendorRejected
from bot.domain.page import Alert, OpenPage, PagedNow, PageStatus
from bot.integrations.http import VendorHealth
from bot.integrations.pagerduty_alerts import alert_from
from bot.integrations.pagerduty_calls import NOT_FOUND, VENDOR, Calls, Rejected
from bot.integrations.pagerduty_webhooks import OUR_MARK, moment, page_from
from bot.reactions import again
from bot.tools import Gate

_ALREADY_RESOLVED, _ALREADY_ACKNOWLEDGED = 1001, 1002
_OPEN = ("triggered", "acknowledged")
_PRIORITY_CHANGED = "priority_change_log_entry"


class PagerDuty:
    """Every write is done as `as_email`, or refused with the link: never as somebody else."""

    def __init__(self, url: str, token: str, *, gate: Gate) -> None:
        self.calls = Calls(url, token, gate=gate)
        self._addresses: dict[str, str] = {}
        self._emails: dict[str, str | None] = {}
        self._lock = threading.Lock()

    @property
    def health(self) -> VendorHealth:
        return self.calls.health

    def close(self) -> None:
        self.calls.close()

    def alerts(self, page_id: str) -> tuple[Alert, ...]:
        found = self.calls.read(
            f"/incidents/{page_id}/alerts",
            doing="read the alerts of the page",
            by_hand=self._open_it(page_id),
            params={"limit": 100},
        )
        return tuple(alert_from(each) for each in found or ())

    def paged_now(self, page_id: str) -> PagedNow:
        incident = self._incident(page_id, doing="read who is paged")
        policy = (incident.get("escalation_policy") or {}).get("id", "")
        paged = [each.get("assignee") or {} for each in incident.get("assignments") or ()]
        next_at = _next_escalation(incident)
        following: tuple[str, ...] = ()
        if next_at and policy:
            levels = self._levels(policy)
            ids = {each.get("id") for each in paged}
            now = [level for level, people in levels.items() if ids & {p["id"] for p in people}]
            following = _names(levels.get(max(now) + 1, [])) if now else ()
        return PagedNow(names=_names(paged), next_names=following, next_at=next_at)

    def open_pages(self, *, since: datetime | None = None) -> tuple[OpenPage, ...]:
        """Triggered and acknowledged ones, made since then; without it all there are."""
        span = {"since": since.isoformat()} if since else {"date_range": "all"}
        found = self.calls.listed(
            "/incidents",
            doing="list the open pages",
            params={"statuses[]": list(_OPEN), **span},
        )
        return tuple(self._open_page(each) for each in found)

    def page(self, page_id: str) -> OpenPage:
        return self._open_page(self._incident(page_id, doing="read the page"))

    def email_of(self, pager_user_id: str) -> str | None:
        with self._lock:
            if pager_user_id in self._emails:
                return self._emails[pager_user_id]
        user = self._maybe(f"/users/{pager_user_id}", doing="read a user")
        email = (user or {}).get("email")
        with self._lock:
            self._emails[pager_user_id] = email
        return email

    def knows(self, email: str) -> bool:
        return bool(self._user_id(email))

    def on_call(self, service: str) -> tuple[str, ...]:
        doing = "read who is on call"
        found = self._maybe(f"/services/{service}", doing=doing) or {}
        policy = (found.get("escalation_policy") or {}).get("id", "")
        if not policy:
            return ()
        levels = self._levels(policy)
        people = [person for level in sorted(levels) for person in levels[level]]
        emails = [person.get("email") or self.email_of(person["id"]) for person in people]
        return tuple(dict.fromkeys(email for email in emails if email))

    def acknowledge(self, page_id: str, *, as_email: str) -> None:
        doing = "acknowledge the page"
        incident = self._incident(page_id, doing=doing)
        # To acknowledge a resolved page would open it again.
        if incident.get("status") == "resolved" or self._has_acknowledged(incident, as_email):
            return
        body = {"type": "incident_reference", "status": "acknowledged"}
        self._change(page_id, body, doing=doing, as_email=as_email)

    def resolve(self, page_id: str, *, as_email: str, note: str) -> None:
        body = {"type": "incident_reference", "status": "resolved"}
        if note:
            body["resolution"] = note
        self._change(page_id, body, doing="resolve the page", as_email=as_email)

    def note(self, page_id: str, *, as_email: str, text: str, marker: str) -> None:
        """Once per marker, however often it is asked for."""
        doing, path = "add a note to the page", f"/incidents/{page_id}/notes"
        mark = f"{OUR_MARK}{marker}]"
        written = self.calls.read(path, doing=doing, by_hand=self._open_it(page_id))
        if any(mark in str(each.get("content", "")) for each in written or ()):
            return
        body = {"note": {"content": f"{text}\n\n{mark}"}}
        self._write("POST", path, body, doing=doing, as_email=as_email)

    def set_priority(self, page_id: str, *, as_email: str, priority: str, since: datetime) -> None:
        doing = f"set the priority to {priority}"
        known = self.calls.read("/priorities", doing=doing, by_hand=self._open_it(page_id))
        names = {str(each.get("name") or each.get("summary")): each["id"] for each in known or ()}
        if priority not in names:
            why = f"there is no such priority (there are {', '.join(names) or 'none'})"
            raise VendorRejected(VENDOR, doing, why, by_hand=self._open_it(page_id))
        held = self._incident(page_id, doing=doing).get("priority") or {}
        if held.get("id") == names[priority]:
            return
        # What an earlier attempt set somebody may have changed since: that is not put back.
        if again() and self._set_already(page_id, as_email, since, doing=doing):
            return
        chosen = {"id": names[priority], "type": "priority_reference"}
        body = {"type": "incident_reference", "priority": chosen}
        self._change(page_id, body, doing=doing, as_email=as_email)

    def _set_already(self, page_id: str, as_email: str, since: datetime, *, doing: str) -> bool:
        """PagerDuty's times are whole seconds."""
        user, came = self._user_id(as_email), since.replace(microsecond=0)
        entries = self.calls.listed(
            f"/incidents/{page_id}/log_entries",
            doing=doing,
            params={"since": came.isoformat()},
        )
        mine = (
            each
            for each in entries
            if each.get("type") == _PRIORITY_CHANGED
            and (each.get("agent") or {}).get("id") == user
        )
        return any((made := moment(each.get("created_at"))) and made >= came for each in mine)

    def request_responder(self, page_id: str, *, as_email: str, target: str, message: str) -> None:
        """`target` is an e-mail address, a user's id or an escalation policy's id."""
        doing = f"page {target}"
        requester = self._user_id(as_email)
        if not requester:
            raise self._stranger(page_id, doing, as_email)
        wanted = self._target(page_id, doing, target)
        if again() and self._asked(page_id, wanted, message, doing=doing):
            return
        body = {
            "requester_id": requester,
            "message": message,
            "responder_request_targets": [{"responder_request_target": wanted}],
        }
        path = f"/incidents/{page_id}/responder_requests"
        self._write("POST", path, body, doing=doing, as_email=as_email)

    def _asked(self, page_id: str, wanted: Mapping[str, str], message: str, *, doing: str) -> bool:
        """Whether an earlier request arrived. Of a policy only the people it came to are listed."""
        listed = self._incident(page_id, doing=doing).get("incidents_responders") or ()
        asked = [each.get("user") or {} for each in listed if each.get("message") == message]
        if wanted["type"] == "user_reference":
            return any(each.get("id") == wanted["id"] for each in asked)
        return bool(asked)

    def _target(self, page_id: str, doing: str, target: str) -> dict[str, str]:
        if "@" not in target:
            known = self._maybe(f"/users/{target}", doing=doing)
            kind = "user_reference" if known else "escalation_policy_reference"
            return {"id": target, "type": kind}
        user = self._user_id(target)
        if not user:
            raise self._stranger(page_id, doing, target)
        return {"id": user, "type": "user_reference"}

    def _change(self, page_id: str, body: Any, *, doing: str, as_email: str) -> None:
        path = f"/incidents/{page_id}"
        try:
            self._write("PUT", path, {"incident": body}, doing=doing, as_email=as_email)
        except Rejected as refused:
            if refused.code not in (_ALREADY_RESOLVED, _ALREADY_ACKNOWLEDGED):
                raise

    def _write(self, method: str, path: str, body: Any, *, doing: str, as_email: str) -> None:
        page_id = path.split("/")[2]
        try:
            self.calls.write(
                method,
                path,
                doing=doing,
                by_hand=self._open_it(page_id),
                body=body,
                as_email=as_email,
            )
        except Rejected as refused:
            if refused.code == 1008:
                raise self._stranger(page_id, doing, as_email) from refused
            raise

    def _stranger(self, page_id: str, doing: str, email: str) -> VendorRejected:
        why = f"it knows no user {email}, and we do nothing in somebody else's name"
        return VendorRejected(VENDOR, doing, why, by_hand=self._open_it(page_id))

    def _incident(self, page_id: str, *, doing: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.calls.read(
            f"/incidents/{page_id}", doing=doing, by_hand=self._open_it(page_id)
        )
        self._remember(found)
        return found

    def _open_page(self, incident: Mapping[str, Any]) -> OpenPage:
        self._remember(incident)
        known = [each.get("acknowledger") or {} for each in incident.get("acknowledgements") or ()]
        return OpenPage(
            page=page_from(incident),
            status=PageStatus(incident.get("status", "triggered")),
            acknowledged_by=str(known[-1].get("id", "")) if known else "",
        )

    def _has_acknowledged(self, incident: Mapping[str, Any], email: str) -> bool:
        if incident.get("status") != "acknowledged":
            return False
        user = self._user_id(email)
        known = [each.get("acknowledger") or {} for each in incident.get("acknowledgements") or ()]
        return bool(user) and any(each.get("id") == user for each in known)

    def _user_id(self, email: str) -> str:
        found = self.calls.read(
            "/users", doing="look up a user", params={"query": email, "limit": 100}
        )
        wanted = email.strip().lower()
        exact = (each["id"] for each in found or () if str(each.get("email")).lower() == wanted)
        return str(next(exact, ""))

    def _levels(self, policy: str) -> dict[int, list[dict[str, Any]]]:
        """Who is on call for an escalation policy, by level."""
        found = self.calls.read(
            "/oncalls",
            doing="read who is on call",
            params={"escalation_policy_ids[]": [policy], "include[]": ["users"], "limit": 100},
        )
        levels: dict[int, list[dict[str, Any]]] = {}
        for each in found or ():
            people = levels.setdefault(int(each.get("escalation_level") or 1), [])
            user = each.get("user") or {}
            if user.get("id") and user["id"] not in {person["id"] for person in people}:
                people.append(user)
        return levels

    def _maybe(self, path: str, *, doing: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.calls.read(path, doing=doing)
        except Rejected as refused:
            if refused.code == NOT_FOUND:
                return None
            raise
        return found

    def _remember(self, incident: Mapping[str, Any]) -> None:
        with self._lock:
            if len(self._addresses) > 5_000:
                self._addresses.clear()
            self._addresses[str(incident.get("id", ""))] = str(incident.get("html_url") or "")

    def _open_it(self, page_id: str) -> str:
        with self._lock:
            address = self._addresses.get(page_id)
        return (
            f"Open the page in PagerDuty: {address}" if address else "Open the page in PagerDuty."
        )


def _names(people: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(str(each.get("name") or each.get("summary") or each.get("id")) for each in people)


def _next_escalation(incident: Mapping[str, Any]) -> datetime | None:
    actions = incident.get("pending_actions") or ()
    times = [moment(each.get("at")) for each in actions if each.get("type") == "escalate"]
    return min((each for each in times if each), default=None)
