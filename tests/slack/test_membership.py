"""Whose private channels are whose, while Slack answers and while it does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.domain.errors import VendorDown, VendorError
from bot.slack.gateway import SlackRefused
from bot.slack.membership import Memberships

AWAY = VendorDown("Slack", "call it", "no answer in time")


@dataclass
class Slack:
    """Answers as the gateway does, two channels a page, and counts."""

    rooms: list[str] = field(default_factory=lambda: ["G1", "G2", "G3"])
    deleted: bool = False
    refuses: VendorError | None = None
    asked: list[str] = field(default_factory=list)

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        self.asked.append(method)
        if self.refuses is not None:
            raise self.refuses
        if method == "users.info":
            return {"user": {"id": arguments["user"], "deleted": self.deleted}}
        assert arguments["types"] == "private_channel"
        first = int(arguments.get("cursor") or 0)
        more = str(first + 2) if first + 2 < len(self.rooms) else ""
        channels = [{"id": each} for each in self.rooms[first : first + 2]]
        return {"channels": channels, "response_metadata": {"next_cursor": more}}


@dataclass
class Hand:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
def now() -> Hand:
    return Hand()


@pytest.fixture
def members(slack: Slack, now: Hand) -> Memberships:
    return Memberships(slack, now)  # type: ignore[arg-type]


def test_all_of_somebodys_private_channels_are_read(members: Memberships) -> None:
    assert members.private_channels("U1") == {"G1", "G2", "G3"}


def test_who_leaves_a_channel_is_out_within_a_minute(
    members: Memberships, slack: Slack, now: Hand
) -> None:
    assert "G1" in members.private_channels("U1")
    slack.rooms.remove("G1")
    now.at = 61
    assert "G1" not in members.private_channels("U1")


def test_within_the_minute_slack_is_not_asked_again(members: Memberships, slack: Slack) -> None:
    members.private_channels("U1")
    asked = len(slack.asked)
    members.private_channels("U1")
    assert len(slack.asked) == asked
    members.private_channels("U2")
    assert len(slack.asked) > asked


@pytest.mark.parametrize("refusal", [AWAY, SlackRefused("users.conversations", "user_not_found")])
def test_while_slack_cannot_say_nobody_is_in_any(
    members: Memberships, slack: Slack, now: Hand, refusal: VendorError
) -> None:
    members.private_channels("U1")
    slack.refuses, now.at = refusal, 61
    assert members.private_channels("U1") == frozenset()


def test_slack_that_failed_is_left_alone_for_half_a_minute(
    members: Memberships, slack: Slack, now: Hand
) -> None:
    """Or every page of everybody would wait for it to answer."""
    slack.refuses = AWAY
    for user in ("U1", "U2", "U1"):
        assert members.private_channels(user) == frozenset()
        assert not members.left(user)
    assert len(slack.asked) == 1
    slack.refuses, now.at = None, 31
    assert members.private_channels("U1")


def test_an_account_that_was_switched_off_has_left(
    members: Memberships, slack: Slack, now: Hand
) -> None:
    assert not members.left("U1")
    slack.deleted, now.at = True, 601
    assert members.left("U1")


def test_an_account_that_slack_does_not_know_has_left(members: Memberships, slack: Slack) -> None:
    slack.refuses = SlackRefused("users.info", "user_not_found")
    assert members.left("U1")


def test_who_had_left_does_not_come_back_because_slack_is_silent(
    members: Memberships, slack: Slack, now: Hand
) -> None:
    slack.deleted = True
    assert members.left("U1")
    slack.refuses, now.at = AWAY, 601
    assert members.left("U1")
