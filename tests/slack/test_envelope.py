"""Slack's envelopes are taken apart into what was asked, by whom, and with which key."""

from __future__ import annotations

import pytest

from bot.slack import envelope
from bot.slack.handling import Kind
from tests.slack import bodies


def test_a_command_is_its_first_word_and_the_rest():
    asked = envelope.read(bodies.command("Note  the queue grows"))
    assert (asked.kind, asked.name, asked.text) == (Kind.COMMAND, "note", "the queue grows")


def test_a_button_carries_its_incident_and_value():
    asked = envelope.read(bodies.press({"action_id": "approve", "value": "i1 m2 abc"}))
    assert (asked.name, asked.incident, asked.value) == ("approve", "i1", "m2 abc")


def test_a_select_carries_what_was_chosen():
    chosen = {"action_id": "severity", "selected_option": {"value": "i1 SEV2"}}
    asked = envelope.read(bodies.press(chosen))
    assert (asked.incident, asked.value) == ("i1", "SEV2")


def test_checkboxes_carry_the_incident_of_their_block():
    ticked = {"selected_options": [{"value": "1"}, {"value": "3"}]}
    action = {"action_id": "tick-steps:1", "block_id": "ticks-1|1|i1", **ticked}
    asked = envelope.read(bodies.press(action))
    assert (asked.incident, asked.value, asked.block) == ("i1", "1,3", "ticks-1|1|i1")


def test_unticking_everything_still_names_the_incident():
    action = {"action_id": "tick-steps:1", "block_id": "ticks-1|1|i1", "selected_options": []}
    asked = envelope.read(bodies.press(action))
    assert (asked.incident, asked.value) == ("i1", "")


def test_two_presses_have_two_keys_and_a_retry_has_the_same():
    first = bodies.press({"action_id": "approve", "value": "i1", "action_ts": "1.1"})
    second = bodies.press({"action_id": "approve", "value": "i1", "action_ts": "1.2"})
    keys = [envelope.read(body).key for body in (first, second, dict(first))]
    assert keys[0] != keys[1]
    assert keys[0] == keys[2]


def test_a_form_brings_its_fields_by_action_id():
    values = {
        "title|new": {"title": {"type": "plain_text_input", "value": "Errors"}},
        "b": {"owner": {"type": "users_select", "selected_user": "U02BEN"}},
        "c": {"notify": {"type": "checkboxes", "selected_options": [{"value": "notify"}]}},
        "d": {"type": {"type": "static_select", "selected_option": None}},
        "e": {"due": {"type": "datepicker", "selected_date": "2026-04-01"}},
        "f": {"next": {"type": "radio_buttons", "selected_option": {"value": "30"}}},
        "g": {"why": {"type": "plain_text_input", "value": None}},
    }
    body = bodies.submission("follow-up-form", "i1 x", values)
    assert envelope.read(body).incident == "i1"
    assert envelope.chosen(body) == {
        "title": "Errors",
        "owner": "U02BEN",
        "notify": ("notify",),
        "type": "",
        "due": "2026-04-01",
        "next": "30",
        "why": "",
    }


def test_a_reaction_names_its_channel():
    item = {"type": "message", "channel": "C1", "ts": "1.0"}
    asked = envelope.read(bodies.event("reaction_added", user="U01ANA", item=item))
    assert (asked.channel, asked.subject, asked.user) == ("C1", "C1", "U01ANA")


@pytest.mark.parametrize("inner", ["message", "previous_message"])
def test_an_edit_and_a_deletion_are_by_the_author(inner):
    body = bodies.event("message", channel="C1", subtype="x", **{inner: {"user": "U02BEN"}})
    asked = envelope.read(body)
    assert (asked.name, asked.user) == ("message.x", "U02BEN")


def test_a_press_in_an_open_form_knows_the_form():
    view = {"id": "V7", "type": "modal", "callback_id": "menu"}
    asked = envelope.read(bodies.press({"action_id": "note-form", "value": "i1"}, view=view))
    assert asked.form == ("V7", "menu")


def test_a_press_in_the_home_is_in_no_form():
    asked = envelope.read(bodies.press({"action_id": "menu"}, view={"id": "V7", "type": "home"}))
    assert asked.form == ("", "")


def test_what_is_no_request_of_slacks_is_not_read():
    with pytest.raises(KeyError):
        envelope.read({"type": "url_verification"})
