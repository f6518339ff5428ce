"""Speaks to PagerDuty through pdpyras, kept here because it is frozen and sleeps unless told not to."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import requests
import structlog

from bot.domain.errors import VendorDown, VendorError, VendorRejected
from bot.integrations.http import Slots, VendorHealth, busy, plain_words, retry_after
from bot.reactions import outside_decisions
from bot.tools import Gate

with warnings.catch_warnings():
    # It warns of its own retirement at import, which would fail a run with warnings as errors.
    warnings.simplefilter("ignore", UserWarning)
    import pdpyras

log = structlog.get_logger()

T = TypeVar("T")
VENDOR = "PagerDuty"
NOT_FOUND = 2100
_REQUESTER_UNKNOWN = 1008
_NO_ABILITY = 402


class Calls:
    """One pdpyras session per thread: it is not thread-safe. No retries, no sleeping on a 429."""

    def __init__(self, url: str, token: str, *, gate: Gate) -> None:
        self._url, self._token, self._gate = url.rstrip("/"), token, gate
        self._threads = threading.local()
        self._sessions: list[Any] = []
        self._slots = Slots(VENDOR)
        self.health = VendorHealth(vendor=VENDOR)

    def read(
        self, path: str, *, doing: str, by_hand: str = "", params: Mapping[str, Any] | None = None
    ) -> Any:
        """What is inside the answer's envelope."""
        asking = dict(params or {})
        return self._call(lambda session: session.rget(path, params=asking), doing, by_hand)

    def listed(self, path: str, *, doing: str, params: Mapping[str, Any]) -> list[Any]:
        """Every page of a list."""

        def all_of(session: Any) -> list[Any]:
            return list(session.iter_all(path, params=dict(params), page_size=100))

        return self._call(all_of, doing, "")

    def write(
        self, method: str, path: str, *, doing: str, by_hand: str, body: Any, as_email: str
    ) -> Any:
        """Done as this person, or not at all."""
        self._gate.allow(doing)
        headers = {"From": as_email}
        envelope = {"json": body, "headers": headers}

        def sent(session: Any) -> Any:
            answer = session.request(method, path, **envelope)
            return pdpyras.try_decoding(pdpyras.successful_response(answer))

        return self._call(sent, doing, by_hand)

    def close(self) -> None:
        for session in self._sessions:
            session.close()

    def _session(self) -> Any:
        session = getattr(self._threads, "session", None)
        if session is None:
            session = pdpyras.APISession(self._token)
            session.url = self._url
            session.retry = {429: 1}
            session.max_http_attempts = -1
            session.max_network_attempts = 0
            session.timeout = 5
            self._threads.session = session
            self._sessions.append(session)
        return session

    def _call(self, call: Callable[[Any], T], doing: str, by_hand: str) -> T:
        outside_decisions()
        try:
            with self._slots.one(doing):
                found = _translated(lambda: call(self._session()), doing, by_hand)
        except VendorError as error:
            self.health.did_not(error.why)
            raise
        self.health.answered()
        return found


def _translated(call: Callable[[], T], doing: str, by_hand: str) -> T:
    try:
        return call()
    except pdpyras.PDHTTPError as error:
        raise _refusal(error.response, doing, by_hand) from error
    except pdpyras.PDClientError as error:
        why = _unreached(error.__cause__)
        raise VendorDown(VENDOR, doing, why, by_hand=by_hand) from error


class Rejected(VendorRejected):
    """With PagerDuty's own number for the reason, 0 where it gave none."""

    code = 0


def _refusal(response: requests.Response, doing: str, by_hand: str) -> VendorError:
    status, headers = response.status_code, response.headers
    if busy(status, headers):
        wait: timedelta | None = retry_after(headers)
        why = "it is limiting how often we may call"
        return VendorDown(VENDOR, doing, why, by_hand=by_hand, retry_after=wait)
    if status >= 500:
        return VendorDown(VENDOR, doing, f"it answered {status}", by_hand=by_hand)
    body = pdpyras.try_decoding(response) if response.content else None
    code = _code(body)
    rejected = Rejected(VENDOR, doing, _words(status, code, body), by_hand=by_hand)
    rejected.code = code
    return rejected


def _words(status: int, code: int, body: object) -> str:
    if code == _REQUESTER_UNKNOWN:
        return "it knows no user with that e-mail address"
    if status == _NO_ABILITY:
        return "this PagerDuty plan does not include it"
    return plain_words(status, body)


def _code(body: object) -> int:
    match body:
        case {"error": {"code": int(code)}}:
            return code
        case _:
            return 0


def _unreached(cause: object) -> str:
    match cause:
        case requests.exceptions.ConnectTimeout():
            return "no connection within 5 seconds"
        case requests.exceptions.Timeout():
            return "no answer within 5 seconds"
        case requests.exceptions.ConnectionError() if "refused" in str(cause).lower():
            return "the connection was refused"
        case _:
            return "the connection broke before the answer came"
