"""Slack's requests at the door: what is stored, and what is only acknowledged."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.reactions import Lane
from bot.slack.app import Door
from bot.slack.blocks import View
from bot.slack.envelope import Envelope
from bot.slack.gateway import Gateway
from bot.slack.handling import Handles
from bot.slack.registry import book

SECRET, OURSELVES = "8f742231b10e8888abcd99yyyzzz85a5", "U0TOCSIN"


class Knocking:
    """Sends one signed request through Bolt; `kept` are the names of what was stored."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def event(self, kind: str, user: str, **more: Any) -> int:
        event = {"type": kind, "channel": "C0LMS", "user": user, **more}
        body = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event}
        return asyncio.run(self._send(json.dumps(body), "application/json"))

    def command(self, text: str) -> int:
        words = text.replace(" ", "+")
        body = f"command=%2Fincident&text={words}&trigger_id=1.2&user_id=U1&team_id=T1"
        return asyncio.run(self._send(body, "application/x-www-form-urlencoded"))

    async def _send(self, body: str, kind: str) -> int:
        loop = asyncio.get_running_loop()
        door = Door(
            gateway=Gateway(token="xoxb-1", api_url="http://127.0.0.1:9/", loop=loop),
            book=book(),
            command="/incident",
            signing_secret=SECRET,
            bot_token="xoxb-1",
            bot_user=OURSELVES,
            bot_id="B0TOCSIN",
            store=self._keep,
            open_form=_no_form,
        )
        sent = str(int(time.time()))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=sent, body=body)
        headers = {"x-slack-request-timestamp": sent, "x-slack-signature": str(signature)}
        asked = AsyncBoltRequest(body=body, headers={**headers, "content-type": kind})
        return (await door.app().async_dispatch(asked)).status

    async def _keep(self, asked: Envelope, _body: bytes, _lane: Lane) -> bool:
        self.kept.append(asked.name)
        return True


async def _no_form(_opener: Handles, _asked: Envelope) -> View | None:
    return None


@pytest.fixture
def knocking() -> Knocking:
    return Knocking()


def test_a_command_is_stored(knocking: Knocking) -> None:
    assert knocking.command("learners cannot log in") == 200
    assert knocking.kept == ["learners"]


def test_a_person_who_joins_is_stored(knocking: Knocking) -> None:
    assert knocking.event("member_joined_channel", "U1") == 200
    assert knocking.kept == ["member_joined_channel"]


def test_that_we_joined_our_own_channel_is_acknowledged_and_not_stored(
    knocking: Knocking,
) -> None:
    assert knocking.event("member_joined_channel", OURSELVES) == 200
    assert knocking.kept == []


def test_an_ordinary_message_is_acknowledged_and_not_stored(knocking: Knocking) -> None:
    assert knocking.event("message", "U1", text="coffee?") == 200
    assert knocking.kept == []


def test_an_edited_message_and_a_mention_are_stored(knocking: Knocking) -> None:
    knocking.event("message", "U1", subtype="message_changed", message={"user": "U1"})
    knocking.event("app_mention", "U1", text="<@U0TOCSIN> status")
    assert knocking.kept == ["message.message_changed", "app_mention"]


def test_an_edit_of_our_own_card_is_acknowledged_and_not_stored(knocking: Knocking) -> None:
    edited = {"user": OURSELVES, "text": "card"}
    assert knocking.event("message", "", subtype="message_changed", message=edited) == 200
    assert knocking.kept == []
