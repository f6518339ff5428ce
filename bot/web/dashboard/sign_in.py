"""The way in: to Slack, back from it with who one is, and out again. Nothing else is written here."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.domain.errors import VendorDown, VendorError
from bot.web.dashboard.drawing import HEADERS, Entrance, page
from bot.web.dashboard.eyes import ANYBODY, Eyes
from bot.web.house import House
from bot.web.porch import Porch, asked_for, local
from bot.web.reading import body_of
from bot.web.sessions import ATTEMPT_LASTS, LASTS, Attempt, Session

log = structlog.get_logger()

_LARGEST = 4096
_NOBODY = "Nobody was signed in."


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Somebody who may read, signed in or not."""

    eyes: Eyes
    entrance: Entrance
    still: Callable[[], bool]


def reader_of(house: House, request: Request) -> Reader | None:
    """None for whom it is not shown to. In a thread: it may ask Slack."""
    porch = house.porch
    session = porch.session(request) if porch is not None else None
    if porch is None or session is None:
        if house.members_only:
            return None
        link = porch.sign_in(asked_for(request)) if porch is not None else ""
        return Reader(eyes=ANYBODY, entrance=Entrance(sign_in=link), still=lambda: True)
    return _reader(porch, session)


def _reader(porch: Porch, session: Session) -> Reader:
    return Reader(
        eyes=Eyes(person=session.person, channels=porch.membership.private_channels),
        entrance=Entrance(name=session.person.name, goodbye=porch.sessions.goodbye(session)),
        still=lambda: porch.sessions.still(session),
    )


def to_sign_in(house: House, request: Request) -> Response:
    porch = house.porch
    if porch is None:
        return page("starting.html", status=503, unready=house.unready())
    return _sent(porch.sign_in(asked_for(request)))


def door(house: House) -> list[BaseRoute]:
    def begin(request: Request) -> Response:
        porch = _open(house)
        return _begun(porch, request) if porch else _shut(house)

    def back(request: Request) -> Response:
        porch = _open(house)
        return _back(porch, request) if porch else _shut(house)

    async def out(request: Request) -> Response:
        porch = _open(house)
        if porch is None:
            return await run_in_threadpool(_shut, house)
        return await _out(porch, request)

    return [
        Route("/sign-in", begin),
        Route("/sign-in/callback", back),
        Route("/sign-out", out, methods=["POST"]),
    ]


def _open(house: House) -> Porch | None:
    return house.porch if house.dashboard else None


def _shut(house: House) -> Response:
    if house.dashboard and house.members_only:
        return page("starting.html", status=503, unready=house.unready())
    return _failed(
        404,
        "There is no sign-in here",
        f"It is not set up, or the bot is still starting. {_NOBODY}",
        "docs/dashboard.md says what it takes.",
    )


def _begun(porch: Porch, request: Request) -> Response:
    """With a cookie of its own for each attempt: tabs that come back together do not disturb."""
    then = local(request.query_params.get("next", "/"))
    attempt = Attempt(state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24), then=then)
    try:
        address = porch.introducer.address(state=attempt.state, nonce=attempt.nonce)
    except VendorError as failed:
        return _vendor_failed(porch, failed, then)
    answer = _sent(address)
    answer.set_cookie(
        _attempt_cookie(attempt.state),
        porch.sessions.begun(attempt),
        max_age=ATTEMPT_LASTS,
        path="/sign-in",
        secure=porch.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def _back(porch: Porch, request: Request) -> Response:
    said = request.query_params
    state = said.get("state", "")
    attempt = porch.sessions.attempt(request.cookies.get(_attempt_cookie(state), ""))
    if attempt is None or not hmac.compare_digest(attempt.state.encode(), state.encode()):
        return _failed(
            400,
            "This sign-in was not begun here",
            f"It was begun in another browser, or more than ten minutes ago. {_NOBODY}",
            again=porch.sign_in("/"),
        )
    answer = _arrived(porch, attempt, code=said.get("code", ""), error=said.get("error", ""))
    answer.delete_cookie(_attempt_cookie(state), path="/sign-in")
    return answer


def _arrived(porch: Porch, attempt: Attempt, *, code: str, error: str) -> Response:
    if error or not code:
        log.info("sign-in not finished", why="declined" if error == "access_denied" else "no code")
        return _failed(
            403,
            "Slack did not say who you are",
            f"It was declined there. {_NOBODY}",
            again=porch.sign_in(attempt.then),
        )
    try:
        person = porch.introducer.introduced(code, nonce=attempt.nonce)
    except VendorError as failed:
        return _vendor_failed(porch, failed, attempt.then)
    if person.team_id != porch.team:
        log.warning("sign-in refused", why="another workspace", user=person.user_id)
        return _failed(
            403,
            "This is for another workspace",
            f"Slack says that you are of a workspace other than the bot's. {_NOBODY}",
            "Choose the right workspace in Slack, at the top right.",
            again=porch.sign_in(attempt.then),
        )
    log.info("signed in", user=person.user_id, team=person.team_id)
    answer = _sent(f"{porch.url}{attempt.then}")
    answer.set_cookie(
        porch.cookie,
        porch.sessions.opened(person),
        max_age=LASTS,
        path="/",
        secure=porch.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


async def _out(porch: Porch, request: Request) -> Response:
    """A form of ours alone ends a session; who is not signed in is out already."""
    body = await body_of(request, largest=_LARGEST) or b""
    session = porch.sessions.read(request.cookies.get(porch.cookie, ""))
    if session is not None:
        fields = dict(parse_qsl(body.decode("ascii", "replace")))
        if not porch.sessions.says_goodbye(session, fields.get("goodbye", "")):
            return _failed(
                403,
                "You are still signed in",
                "What asked to sign you out was not a page of this dashboard.",
                "Press “Sign out” on the front page.",
            )
        log.info("signed out", user=session.person.user_id, team=session.person.team_id)
    answer = _sent(f"{porch.url}/")
    answer.delete_cookie(
        porch.cookie, path="/", secure=porch.secure, httponly=True, samesite="lax"
    )
    return answer


def _vendor_failed(porch: Porch, failed: VendorError, then: str) -> Response:
    log.warning("sign-in failed", doing=failed.doing, why=failed.why)
    down = isinstance(failed, VendorDown)
    return _failed(
        503 if down else 502,
        "Slack could not be asked who you are" if down else "Slack did not say who you are",
        f"Tocsin could not {failed.doing}: {failed.why}. {_NOBODY}",
        "Try again in a moment. Incidents go on in Slack and are not touched by this."
        if down
        else "Begin again. If it stays, whoever runs the bot finds more with python app.py check.",
        again=porch.sign_in(then),
    )


def _failed(status: int, title: str, what: str, do: str = "", again: str = "") -> Response:
    return page("sign_in.html", status=status, title=title, what=what, do=do, again=again)


def _sent(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303, headers=HEADERS)


def _attempt_cookie(state: str) -> str:
    """A name that holds nothing of what somebody else may have written into the address."""
    return f"tocsin-{''.join(each for each in state[:12] if each.isascii() and each.isalnum())}"
