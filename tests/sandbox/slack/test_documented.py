"""No error comes out of the simulator that Slack does not document for that method."""

import ast
import json
import os
from pathlib import Path

import pytest

import sandbox.slack
from sandbox.slack.api import FUNCTIONS
from sandbox.slack.documented import EVERYWHERE, METHODS, UNKNOWN_METHOD, allowed

HERE = Path(sandbox.slack.__file__).parent
# A JSON file of Slack's method reference: {method: {"errors": [...], "tier": "Tier 3: ..."}}.
REFERENCE = Path(os.environ.get("SLACK_METHOD_REFERENCE", "no reference"))
METHOD_ERRORS = {
    "conversations.create": {"name_taken", "invalid_name_specials", "restricted_action"},
    "conversations.invite": {"already_in_channel", "cant_invite_self", "is_archived"},
    "chat.postMessage": {"msg_blocks_too_long", "invalid_blocks", "not_in_channel", "no_text"},
    "chat.update": {"cant_update_message", "message_not_found", "msg_too_long"},
    "views.open": {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"},
    "views.push": {"push_limit_reached"},
    "views.update": {"hash_conflict", "not_found"},
    "pins.add": {"already_pinned"},
    "reactions.add": {"already_reacted"},
}


def test_every_documented_method_is_played_and_no_other():
    assert set(FUNCTIONS) == set(METHODS)


@pytest.mark.parametrize("method", METHOD_ERRORS)
def test_the_errors_that_the_bot_relies_on_are_in_the_table(method):
    assert METHOD_ERRORS[method] <= METHODS[method].errors


def test_an_undocumented_error_is_not_allowed():
    assert not allowed("chat.postMessage", "trigger_expired")
    assert allowed("chat.postMessage", "ratelimited")
    assert allowed("chat.shout", UNKNOWN_METHOD)


def test_every_error_written_in_the_simulator_is_in_some_table():
    known = set().union(*(m.errors for m in METHODS.values())) | EVERYWHERE | {UNKNOWN_METHOD}
    written = {
        argument.value
        for path in HERE.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "SlackError"
        for argument in call.args[:1]
        if isinstance(argument, ast.Constant)
    }
    assert written
    assert written <= known


@pytest.mark.skipif(not REFERENCE.is_file(), reason="SLACK_METHOD_REFERENCE names no file")
@pytest.mark.parametrize("method", METHODS)
def test_the_table_agrees_with_slacks_reference(method):
    reference = json.loads(REFERENCE.read_text())
    documented = set(reference[method]["errors"]) | set(reference["_common_errors"])
    assert METHODS[method].errors <= documented
    tier = reference[method]["tier"]
    expected = int(tier[5]) if tier.startswith("Tier") else 0
    assert METHODS[method].tier == expected
