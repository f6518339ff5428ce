"""The bot's side of the workspace, and a browser to look at the other side with."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import browser


@dataclass(frozen=True, kw_only=True)
class Bot:
    """Calls Slack's methods as the bot does."""

    demo: Any

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        headers = {"authorization": "Bearer xoxb-demo"}
        answer = self.demo.http.post(f"/slack/api/{method}", json=arguments, headers=headers)
        found: dict[str, Any] = answer.json()
        assert found["ok"], found
        return found

    def says(self, text: str, channel: str = "C0LMS", **more: Any) -> str:
        return str(self.call("chat.postMessage", channel=channel, text=text, **more)["ts"])

    def heard(self) -> list[dict[str, Any]]:
        """Commands and interactions that the bot was sent, oldest first."""
        self.demo.settle()
        sent = []
        for each in self.demo.receiver.received:
            if each.headers["content-type"].startswith("application/x-www-form-urlencoded"):
                fields = {k: v[0] for k, v in parse_qs(each.body.decode()).items()}
                sent.append(json.loads(fields["payload"]) if "payload" in fields else fields)
        return sent

    def pressed(self, page: Page) -> list[dict[str, Any]]:
        """Every interaction with a block, once there is one; a second one had time to come."""
        return self._once(page, lambda each: each.get("type") == "block_actions")

    def commanded(self, page: Page) -> dict[str, Any]:
        """The newest slash command, once it was sent."""
        return self._once(page, lambda each: "command" in each)[-1]

    def _once(self, page: Page, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        for _ in range(100):
            if any(wanted(each) for each in self.heard()):
                break
            page.wait_for_timeout(100)
        page.wait_for_timeout(100)
        return [each for each in self.heard() if wanted(each)]


@pytest.fixture
def bot(demo: Any) -> Bot:
    return Bot(demo=demo)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ended with its module: while it lives, no other test of this process can run a loop."""
    with browser() as opened:
        yield opened


@dataclass(kw_only=True)
class Window:
    """One person's browser window; anything on its console is a complaint."""

    page: Page
    complaints: list[str]


@pytest.fixture
def window(chromium: Browser, demo: Any) -> Iterator[Any]:
    opened: list[Any] = []

    def look(person: str = "ana", *, channel: str = "C0LMS", width: int = 1440) -> Window:
        context = chromium.new_context(viewport={"width": width, "height": 900})
        page = context.new_page()
        seen = Window(page=page, complaints=[])
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: seen.complaints.append(said.text) if said.type == "error" else None,
        )
        page.goto(f"{demo.sim.settings.url}/?as={person}&channel={channel}")
        page.wait_for_selector("html[data-ready]")
        opened.append((context, seen))
        return seen

    yield look
    for context, seen in opened:
        context.close()
        assert seen.complaints == []
