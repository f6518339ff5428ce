"""The dashboard behind a sign-in that the demo world plays over HTTP, and browsers that keep cookies."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from starlette.applications import Starlette

from bot.integrations.slack_sign_in import App, SlackSignIn
from bot.tools import Gate
from bot.web.porch import Porch
from bot.web.sessions import Sessions
from tests.doubles.house import House
from tests.doubles.people import TEAM
from tests.web.doors import Doors, tools_of

URL = "https://tocsin.example"
SECRET = "0123456789abcdef0123456789abcdef"


@dataclass
class Members:
    """Who is in which private channel; `down` is a Slack that does not answer, so nobody is in any."""

    inside: dict[str, set[str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    down: bool = False

    def private_channels(self, user_id: str) -> frozenset[str]:
        return frozenset() if self.down else frozenset(self.inside.get(user_id, set()))

    def left(self, user_id: str) -> bool:
        return user_id in self.gone


@dataclass
class Hand:
    """A clock that a test moves."""

    at: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Browser:
    """Runs nothing, keeps cookies, and follows only what it is told to."""

    app: Starlette
    slack: httpx.Client
    url: str = URL
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return asyncio.run(self._asked("GET", path, headers=headers))

    def post(self, path: str, **form: str) -> httpx.Response:
        return asyncio.run(self._asked("POST", path, data=form))

    async def _asked(self, method: str, path: str, **more: Any) -> httpx.Response:
        door = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(
            transport=door, base_url=self.url, cookies=self.cookies
        ) as client:
            answer = await client.request(method, path, **more)
            self.cookies = client.cookies
            return answer

    def asked_by_slack(self, then: str = "/") -> str:
        """Begins; the address of Slack's page."""
        answer = self.get(f"/sign-in?next={then}")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def chooses(self, page: str, person: str) -> str:
        """On Slack's page; the path that it sends back to."""
        back = self.slack.get(page, params={**_query(page), "as": person})
        assert back.status_code == 302, back.text
        assert back.headers["location"].startswith(f"{self.url}/sign-in/callback?")
        return back.headers["location"].removeprefix(self.url)

    def signs_in(self, person: str = "ana", then: str = "/") -> httpx.Response:
        return self.get(self.chooses(self.asked_by_slack(then), person))

    def goodbye(self) -> str:
        """What the form for signing out brings."""
        found = re.search(r'name="goodbye" value="([^"]+)"', self.get("/").text)
        assert found is not None
        return found[1]


def _query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@dataclass
class Place:
    """A dashboard with a porch; `opens` gives each visitor a browser of their own."""

    house: House
    demo: Any
    members: Members = field(default_factory=Members)
    now: Hand = field(default_factory=Hand)
    secrets: list[str] = field(default_factory=lambda: [SECRET])
    team: str = TEAM
    url: str = URL
    app: dict[str, str] = field(default_factory=dict)
    real: Callable[[], float] | None = None
    opened: list[Any] = field(default_factory=list)

    def close(self) -> None:
        for each in self.opened:
            each.close()

    def browser(self, *, members_only: bool = True) -> Browser:
        doors = Doors(tools_of(self.house), members_only=members_only, porch=self.porch())
        slack = self.demo.http
        return Browser(app=doors.app(), slack=slack, url=self.url)

    def porch(self) -> Porch:
        return Porch(
            url=self.url,
            team=self.team,
            sessions=Sessions(self.secrets, now=self.now),
            introducer=self.introducer(),
            membership=self.members,
        )

    def introducer(self) -> SlackSignIn:
        settings = self.demo.sim.settings
        ours = {
            "client_id": settings.slack_client_id,
            "client_secret": settings.slack_client_secret,
            "callback": f"{self.url}/sign-in/callback",
            **self.app,
        }
        more = {"now": self.real} if self.real else {}
        api = f"{self.demo.http.base_url}".rstrip("/") + "/slack/api/"
        made = SlackSignIn(api, App(**ours), gate=Gate(observe=False), **more)
        self.opened.append(made)
        return made
