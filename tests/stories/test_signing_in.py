"""Somebody opens the dashboard of a running bot, signs in with Slack, and sees what is theirs to see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from bot.domain.events import ChannelOpened, Declared, Visibility
from bot.domain.incident import Incident
from bot.timeline.store import Store
from tests.living import Life
from tests.stories.walking import alive
from tests.timeline.ledgers import HandClock

TITLE = "Somebody reads the mail of others"


def private_channel(life: Life, *people: str) -> str:
    """Made by the bot, as it makes an incident's."""
    made = _slack(life, "conversations.create", name="inc-mail", is_private=True)["channel"]["id"]
    _slack(life, "conversations.invite", channel=made, users=",".join(people))
    return str(made)


def _slack(life: Life, method: str, **said: Any) -> dict[str, Any]:
    answer = httpx.post(
        f"{life.bot.ports.world}/slack/api/{method}",
        json=said,
        headers={"Authorization": "Bearer xoxb-demo"},
        trust_env=False,
    ).json()
    assert answer["ok"], answer
    return dict(answer)


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    """A bot whose dashboard is for members, with a private incident of Ana's."""
    with alive(tmp_path, TOCSIN_DASHBOARD="sign-in") as found:
        channel = private_channel(found, "U01ANA")
        found.settle()
        found.bot.stop()
        store: Store[Incident] = Store.at(
            tmp_path / "bot" / "tocsin.db", clock=HandClock(), fold=lambda one: Incident(id=one)
        )
        with store.desk() as desk:
            told = {"title": TITLE, "channel_name": "inc-mail", "visibility": Visibility.PRIVATE}
            incident = desk.declare("i1")
            incident.record(Declared(**told))
            incident.record(ChannelOpened(channel=channel, name="inc-mail", card="1.1"))
        store.close()
        found.bot.start()
        yield found


def opened(life: Life) -> httpx.Client:
    return httpx.Client(
        base_url=life.bot.ports.tocsin, follow_redirects=True, trust_env=False, timeout=20.0
    )


def follows(browser: httpx.Client, page: httpx.Response, words: str) -> httpx.Response:
    """The link that holds these words."""
    found = re.search(rf'<a [^>]*href="([^"]+)"[^>]*>(?:(?!</a>).)*{words}', page.text, re.DOTALL)
    assert found is not None, page.text
    return browser.get(urljoin(str(page.url), unescape(found[1])))


def test_a_member_signs_in_reads_what_is_private_and_signs_out(life: Life) -> None:
    with opened(life) as browser:
        asked = browser.get("/")
        assert "Who are you?" in asked.text
        front = follows(browser, asked, "Ana Lima")
        assert str(front.url) == f"{life.bot.ports.tocsin}/"
        assert TITLE in front.text
        assert TITLE in follows(browser, front, TITLE).text
        token = re.search(r'name="goodbye" value="([^"]+)"', front.text)
        assert token is not None
        after = browser.post("/sign-out", data={"goodbye": token[1]})
        assert "Who are you?" in after.text
    assert "private incident read" in life.bot.words()


def test_a_colleague_who_is_not_in_the_channel_sees_none_of_it(life: Life) -> None:
    with opened(life) as browser:
        front = follows(browser, browser.get("/"), "Ben Okafor")
        assert "Sign out" in front.text
        assert TITLE not in front.text
        assert browser.get("/incidents/i1").status_code == 404


def test_the_partner_school_stays_outside(life: Life) -> None:
    with opened(life) as browser:
        refused = follows(browser, browser.get("/"), "Ola Nord")
        assert refused.status_code == 403
        assert "another workspace" in refused.text
        assert "Who are you?" in browser.get("/").text
