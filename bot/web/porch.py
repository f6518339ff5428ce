"""Where people sign in before they read: the parts of it, and who a request is from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.requests import HTTPConnection

from bot.roles import Introducer, Membership
from bot.web.sessions import Session, Sessions

_LONGEST = 500
_NEVER = ("/sign-in", "/sign-out")
"""Nobody comes back to where one comes from."""


@dataclass(frozen=True, kw_only=True)
class Porch:
    """`url` is the bot's own, as browsers reach it; `team` the workspace that people have to be of."""

    url: str
    team: str
    sessions: Sessions
    introducer: Introducer
    membership: Membership

    @property
    def secure(self) -> bool:
        return self.url.startswith("https://")

    @property
    def cookie(self) -> str:
        """With a prefix that browsers hold to: from this host alone, and encrypted."""
        return "__Host-tocsin" if self.secure else "tocsin"

    def session(self, request: HTTPConnection) -> Session | None:
        """Of somebody of the workspace whose account is not known to be switched off."""
        found = self.sessions.read(request.cookies.get(self.cookie, ""))
        if found is None or found.person.team_id != self.team:
            return None
        return None if self.membership.left(found.person.user_id) else found

    def sign_in(self, then: str) -> str:
        """The address to begin at. In full: cookies are for one name of a host."""
        return f"{self.url}/sign-in?{urlencode({'next': local(then)})}"


def local(then: str) -> str:
    """A path of ours, or the front page: whoever made a link sends nobody elsewhere by it."""
    strange = any(each <= " " or each == "\\" or each > "~" for each in then)
    if strange or len(then) > _LONGEST or not then.startswith("/") or then.startswith("//"):
        return "/"
    parts = urlsplit(then)
    if parts.scheme or parts.netloc or parts.path.startswith(_NEVER):
        return "/"
    return then


def asked_for(request: HTTPConnection) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
