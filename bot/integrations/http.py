"""One client for every vendor that is spoken to over plain HTTP: its errors become ours here, once."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, TypeVar

import httpx
import structlog

from bot.domain.errors import NotSent, VendorDown, VendorError, VendorRejected
from bot.reactions import outside_decisions
from bot.tools import Gate

log = structlog.get_logger()
T = TypeVar("T")

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
IN_FLIGHT = 8
_FULL = timedelta(seconds=1)
_STILL_WORKING = timedelta(seconds=5)
"""What was written and not answered in time may still happen: nobody looks for it before."""
_LONGEST_WAIT = timedelta(minutes=15)
_BUSY = (420, 429)


@cache
def trusted() -> ssl.SSLContext:
    """Whom we trust, read once: each client by itself would take 20 ms to read the same file."""
    return httpx.create_ssl_context()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request. `doing` completes "could not …"; `by_hand` is what a person can do instead.

    `elsewhere` is an address that the vendor itself pointed to, in place of `path`. `sent_once` marks a change to production: whether it was carried out must never be guessed.
    """

    path: str
    doing: str
    method: str = "GET"
    by_hand: str = ""
    params: Mapping[str, Any] | None = None
    body: Any = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    elsewhere: str = ""
    writes: bool = False
    sent_once: bool = False
    expects: tuple[int, ...] = ()
    """Refusals that mean something here: `exchange` gives them back as they came."""


@dataclass(kw_only=True)
class VendorHealth:
    """How a vendor has answered since the start, for /metrics and /readyz."""

    vendor: str
    ok: int = 0
    failed: int = 0
    last_ok: datetime | None = None
    last_failure: str = ""
    recovered: Callable[[str], object] = field(default=lambda _vendor: None, repr=False)
    """Called with the vendor's name by the first good answer after a failure."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def answered(self) -> None:
        with self._lock:
            self.ok += 1
            self.last_ok = datetime.now(UTC)
            was_down, self.last_failure = bool(self.last_failure), ""
        if was_down:
            self.recovered(self.vendor)

    def did_not(self, why: str) -> None:
        with self._lock:
            self.failed += 1
            self.last_failure = why


def plain_words(status: int, body: object) -> str:
    """What a vendor says went wrong, as a short sentence; most of them use one of these keys."""
    found = _said(body)
    if status == 401:
        return f"it refused our credentials{f' ({found})' if found else ''}"
    return " ".join(found.split())[:300] if found else f"it answered {status}"


def _said(body: object) -> str:
    match body:
        case {"errorMessages": [str(first), *_]}:
            return first
        case {"errors": {**named}} if named:
            return "; ".join(f"{name}: {said}" for name, said in named.items())
        case {"message": str(said), "errors": [{"message": str(more)}, *_]}:
            return f"{said}: {more}"
        case {"message": str(said)} | {"error": str(said)}:
            return said
        case {"error": {"message": str(said), "errors": [str(more), *_]}}:
            return f"{said}: {more}"
        case {"error": {"message": str(said)}} | {"error": [str(said), *_]}:
            return said
        case {"errors": [{"message": str(said)}, *_]} | {"errors": [str(said), *_]}:
            return said
        case _:
            return ""


@dataclass(frozen=True, kw_only=True)
class Access:
    """Whom to call, and as whom. `words` turns an error's status and body into a sentence."""

    vendor: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    words: Callable[[int, object], str] = plain_words
    follows: bool = False
    """Whether a redirect is followed; to another host it goes without our credentials."""
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    """Whom this vendor's certificate has to be signed by, where it is nobody public."""


class Slots:
    """At most so many calls in flight to one vendor; a full vendor is busy, nobody queues."""

    def __init__(self, vendor: str, size: int = IN_FLIGHT) -> None:
        self._vendor = vendor
        self._free = threading.BoundedSemaphore(size)

    @contextmanager
    def one(self, doing: str, *, sent_once: bool = False) -> Iterator[None]:
        if not self._free.acquire(blocking=False):
            kind = NotSent if sent_once else VendorDown
            raise kind(self._vendor, doing, "too many calls are waiting for it", retry_after=_FULL)
        try:
            yield
        finally:
            self._free.release()


class Vendor:
    """A vendor's API: one connection pool, a few seconds of patience, no retries of its own."""

    def __init__(self, access: Access, gate: Gate, *, health: VendorHealth | None = None) -> None:
        self.access, self.gate = access, gate
        self.health = health or VendorHealth(vendor=access.vendor)
        self._slots = Slots(access.vendor)
        self._client = self._connections()

    def read(
        self, path: str, *, doing: str, by_hand: str = "", params: Mapping[str, Any] | None = None
    ) -> Any:
        """The JSON behind a GET."""
        return self.send(Asked(path=path, doing=doing, by_hand=by_hand, params=params))

    def send(self, asked: Asked) -> Any:
        """The JSON of the answer, None for an empty one."""
        return self._counted(asked, self._answer)

    def exchange(self, asked: Asked) -> httpx.Response:
        """The answer as it came, a refusal too: for an API that says in headers what it means."""
        return self._counted(asked, self._as_it_came)

    def close(self) -> None:
        self._client.close()

    def _counted(self, asked: Asked, answer: Callable[[Asked], T]) -> T:
        outside_decisions()
        if asked.writes:
            self.gate.allow(asked.doing)
        try:
            with self._slots.one(asked.doing, sent_once=asked.sent_once):
                found = answer(asked)
        except VendorError as error:
            self.health.did_not(error.why)
            raise
        self.health.answered()
        return found

    def _connections(self) -> httpx.Client:
        return httpx.Client(
            headers=dict(self.access.headers),
            timeout=TIMEOUT,
            verify=self.access.trust or trusted(),
            limits=httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT),
            follow_redirects=self.access.follows,
        )

    def _answer(self, asked: Asked) -> Any:
        response = self._response(asked)
        if response.is_success:
            return self._found(asked, response)
        raise self._refusal(asked, response)

    def _as_it_came(self, asked: Asked) -> httpx.Response:
        response = self._response(asked)
        if response.status_code in asked.expects:
            return response
        if busy(response.status_code, response.headers) or response.status_code >= 500:
            raise self._refusal(asked, response)
        return response

    def _response(self, asked: Asked) -> httpx.Response:
        began = time.monotonic()
        try:
            return self._sent(asked)
        except (httpx.TransportError, httpx.TooManyRedirects) as error:
            raise self._unreached(asked, error) from error
        finally:
            spent = round((time.monotonic() - began) * 1000)
            log.debug("vendor call", vendor=self.access.vendor, doing=asked.doing, ms=spent)

    def _found(self, asked: Asked, response: httpx.Response) -> Any:
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError as error:
            why = "its answer is not JSON: is the address right, or a login page in between?"
            raise VendorDown(
                self.access.vendor, asked.doing, why, by_hand=asked.by_hand
            ) from error

    def _sent(self, asked: Asked) -> httpx.Response:
        if not asked.sent_once:
            return self._on(self._client, asked)
        # A kept-alive connection that the vendor just closed would leave its outcome in doubt.
        with self._connections() as fresh:
            return self._on(fresh, asked)

    def _on(self, client: httpx.Client, asked: Asked) -> httpx.Response:
        address = f"{self.access.url.rstrip('/')}/{asked.path.lstrip('/')}"
        return client.request(
            asked.method,
            asked.elsewhere or (address if asked.path else address.rstrip("/")),
            params=asked.params,
            json=asked.body,
            data=asked.form,
            headers=dict(asked.headers),
        )

    def _unreached(self, asked: Asked, error: httpx.RequestError) -> VendorError:
        vendor, doing, by_hand = self.access.vendor, asked.doing, asked.by_hand
        never_sent = isinstance(
            error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout
        )
        why = _why(error)
        if asked.sent_once and never_sent:
            return NotSent(vendor, doing, why, by_hand=by_hand)
        late = isinstance(error, httpx.TimeoutException) and asked.writes and not never_sent
        wait = _STILL_WORKING if late else None
        return VendorDown(vendor, doing, why, by_hand=by_hand, retry_after=wait)

    def _refusal(self, asked: Asked, response: httpx.Response) -> VendorError:
        vendor, doing, by_hand = self.access.vendor, asked.doing, asked.by_hand
        status = response.status_code
        if busy(status, response.headers):
            later = retry_after(response.headers)
            kind = NotSent if asked.sent_once else VendorDown
            why = "it is limiting how often we may call"
            return kind(vendor, doing, why, by_hand=by_hand, retry_after=later)
        if status >= 500:
            return VendorDown(vendor, doing, f"it answered {status}", by_hand=by_hand)
        why = self.access.words(status, _json(response))
        if asked.sent_once:
            return NotSent(vendor, doing, why, by_hand=by_hand, may_pass=False)
        return VendorRejected(vendor, doing, why, by_hand=by_hand)


def busy(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer means "slower": Statuspage says 420, GitHub's second limit says 403."""
    spent = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return status in _BUSY or (status == 403 and spent)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the vendor wants to be left alone, where it says so; at most a quarter of an hour."""
    for name in ("retry-after", "ratelimit-reset", "x-ratelimit-reset"):
        wait = _wait(headers.get(name, "").strip())
        if wait is not None:
            return min(max(wait, timedelta(seconds=1)), _LONGEST_WAIT)
    return None


def _wait(said: str) -> timedelta | None:
    if said.isdigit():
        # GitHub names the moment as seconds since 1970, everybody else the distance to it.
        seconds = int(said) if int(said) < 10**8 else int(said) - int(time.time())
        return timedelta(seconds=seconds)
    try:
        return parsedate_to_datetime(said) - datetime.now(UTC)
    except (TypeError, ValueError):
        return None


def _why(error: httpx.RequestError) -> str:
    match error:
        case httpx.ConnectTimeout():
            return "no connection within 2 seconds"
        case httpx.ConnectError():
            return _unconnected(error)
        case httpx.TooManyRedirects():
            return "it redirects in a circle"
        case httpx.TimeoutException():
            return "no answer within 5 seconds"
        case _:
            return "the connection broke before the answer came"


def _unconnected(error: httpx.ConnectError) -> str:
    """What lies beneath tells a wrong name and a bad certificate from a closed door."""
    beneath: BaseException | None = error
    while beneath is not None:
        match beneath:
            case socket.gaierror():
                return "its name cannot be resolved"
            case ssl.SSLError():
                return "its certificate is not trusted, or it does not speak TLS"
        beneath = beneath.__cause__ or beneath.__context__
    return "the connection was refused"


def _json(response: httpx.Response) -> Any:
    try:
        return response.json() if response.content else None
    except ValueError:
        return None
