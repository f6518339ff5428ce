"""The manifest that people paste into Slack is complete and within Slack's limits."""

from typing import Any

import pytest
import yaml

from sandbox.core.simulation import Settings
from sandbox.slack.scopes import EVENTS, granted


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    path = Settings().slack_manifest
    assert path is not None
    return yaml.safe_load(path.read_text())


def test_texts_are_within_the_limits(manifest):
    shown = manifest["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    (command,) = manifest["features"]["slash_commands"]
    assert len(command["command"]) <= 32
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000
    for shortcut in manifest["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150


def test_the_ways_in_are_the_ones_the_bot_answers(manifest):
    found = {s["callback_id"]: s["type"] for s in manifest["features"]["shortcuts"]}
    assert found == {
        "declare": "global",
        "note_message": "message",
        "declare_from_message": "message",
    }
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert manifest["settings"]["socket_mode_enabled"] is False


def test_every_event_has_the_scope_it_needs():
    grant = granted(Settings().slack_manifest)
    deaf = [event for event in EVENTS if event in grant.events and not grant.hears(event)]
    assert deaf == []


def test_one_address_receives_everything(manifest):
    settings = manifest["settings"]
    addresses = {
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
        settings["interactivity"]["message_menu_options_url"],
        *(c["url"] for c in manifest["features"]["slash_commands"]),
    }
    assert addresses == {"https://tocsin.example.com/slack/events"}
