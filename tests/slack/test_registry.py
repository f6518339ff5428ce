"""Everything that can be pressed has somebody who answers, and nobody waits for nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from bot.slack.actions import Act
from bot.slack.cards.help import GROUPS
from bot.slack.handling import Kind
from bot.slack.registry import MODULES, book

ROOT = Path(__file__).parents[2]
SLACK = ROOT / "bot" / "slack"
ANSWERING = {Kind.BUTTON, Kind.FORM, Kind.OPENER, Kind.SHORTCUT}
# Chosen inside Slack itself: there is no card with a button for a shortcut.
SHORTCUTS = {Act.DECLARE_FROM_MESSAGE, Act.NOTE_MESSAGE}


def used_in(folder: str) -> set[Act]:
    """The Acts that the files of this folder name in their code."""
    found: set[Act] = set()
    for file in (SLACK / folder).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Attribute(value=ast.Name(id="Act"), attr=name):
                    found.add(Act[name])
    return found


@pytest.fixture(scope="module")
def manifest() -> dict:
    return yaml.safe_load((ROOT / "slack-manifest.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("act", Act)
def test_every_act_is_answered(act):
    assert any(book().find(kind, act) for kind in ANSWERING)


def test_every_act_is_on_a_card_or_a_form():
    shown = used_in("cards") | used_in(".") | SHORTCUTS
    assert set(Act) - shown == set()


def test_every_handler_file_is_in_the_registry():
    files = {f.stem for f in (SLACK / "handlers").glob("*.py")} - {"__init__"}
    assert {module.__name__.rsplit(".", 1)[1] for module in MODULES} == files


def test_nobody_answers_twice_to_the_same_thing():
    seen = [(h.kind, h.name) for h in book().entries]
    assert sorted(seen) == sorted(set(seen))


def test_the_subcommands_of_the_issue_are_there():
    wanted = (
        "list status update severity role ack note did runbook rollback statuspage mitigated"
        " resolve reopen timeline catchup postmortem follow-up help declare factor leftovers"
        " freeze-mitigations unfreeze-mitigations decide"
    )
    assert set(wanted.split()) <= {h.name for h in book().commands()}


# What needs no words can be done by pressing, too: the lists are the App Home, the state is the card.
PRESSED = {
    "ack": Act.ACKNOWLEDGE,
    "catchup": Act.CATCH_UP,
    "changes": Act.CHANGES,
    "decide": Act.DECIDE_FORM,
    "declare": Act.DECLARE_FORM,
    "did": Act.DID_FORM,
    "factor": Act.FACTOR_FORM,
    "follow-up": Act.FOLLOW_UP_FORM,
    "help": Act.HELP,
    "leftovers": Act.CLEAR_LEFTOVER,
    "mitigated": Act.MITIGATED_FORM,
    "note": Act.NOTE_FORM,
    "postmortem": Act.POSTMORTEM,
    "remedy": Act.REMEDIES,
    "reopen": Act.REOPEN_FORM,
    "resolve": Act.RESOLVE_FORM,
    "role": Act.ROLE_FORM,
    "rollback": Act.ROLLBACK_FORM,
    "runbook": Act.RUNBOOK_FORM,
    "service": Act.SERVICE_FORM,
    "severity": Act.SEVERITY,
    "since": Act.START,
    "statuspage": Act.STATUSPAGE_FORM,
    "suspects": Act.SUSPECTS_FORM,
    "timeline": Act.TIMELINE,
    "update": Act.UPDATE_FORM,
}
SHOWN_ALREADY = {"list", "status", "slo"}
# The kill switch asks for its reason in words.
WORDS_ONLY = {"freeze-mitigations", "unfreeze-mitigations"}


def test_every_subcommand_can_be_pressed_as_well():
    named = {h.name for h in book().commands() if h.usage}
    assert named == {*PRESSED, *SHOWN_ALREADY, *WORDS_ONLY}
    assert set(PRESSED.values()) <= used_in("cards")


def test_every_command_of_the_help_is_in_one_group():
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(h.name for h in book().commands() if h.usage)


def test_usages_begin_with_the_command_they_explain():
    wrong = [h.usage for h in book().commands() if h.usage and h.usage.split()[0] != h.name]
    assert wrong == []


def test_the_manifest_offers_the_shortcuts_that_are_answered(manifest):
    offered = {s["callback_id"] for s in manifest["features"]["shortcuts"]}
    answered = {h.name for h in book().entries if h.kind is Kind.SHORTCUT}
    assert offered == {"declare", "declare_from_message", *answered}
    assert all(
        book().find(Kind.OPENER, name) or book().find(Kind.SHORTCUT, name) for name in offered
    )


def test_the_manifest_subscribes_to_the_events_that_are_answered(manifest):
    subscribed = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    answered = {h.name.split(".")[0] for h in book().entries if h.kind is Kind.EVENT}
    assert {name.split(".")[0] for name in subscribed} == answered | {"app_mention"}


def test_the_manifest_has_the_one_command(manifest):
    assert [c["command"] for c in manifest["features"]["slash_commands"]] == ["/incident"]
