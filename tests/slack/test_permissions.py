"""The bot asks Slack for what its calls need, says why, and asks for nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.configuration.sign_in import CALLBACK
from bot.integrations.slack_sign_in import SCOPES as ASKED_OF_PEOPLE
from sandbox.slack.scopes import EVENTS

ROOT = Path(__file__).parents[2]
MANIFEST = yaml.safe_load((ROOT / "slack-manifest.yaml").read_text(encoding="utf-8"))
SCOPES = set(MANIFEST["oauth_config"]["scopes"]["bot"])
OF_PEOPLE = set(MANIFEST["oauth_config"]["scopes"]["user"])

# Which scopes a method needs: https://docs.slack.dev/reference/methods
BOTH = {"channels:manage", "groups:write"}
HISTORY = {"channels:history", "groups:history"}
NEEDS: dict[str, set[str]] = {
    "auth.test": set(),
    "bookmarks.add": {"bookmarks:write"},
    "bookmarks.list": {"bookmarks:read"},
    "chat.getPermalink": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.create": BOTH,
    "conversations.history": HISTORY,
    "conversations.invite": BOTH,
    "conversations.replies": HISTORY,
    "conversations.setPurpose": BOTH,
    "conversations.setTopic": BOTH,
    "files.completeUploadExternal": {"files:write"},
    "files.getUploadURLExternal": {"files:write"},
    "pins.add": {"pins:write"},
    "users.conversations": {"channels:read", "groups:read"},
    "users.info": {"users:read"},
    "users.lookupByEmail": {"users:read.email"},
    "views.open": set(),
    "views.publish": set(),
    "views.update": set(),
}
_METHOD = re.compile(r"(auth|bookmarks|chat|conversations|pins|users|views|files|reactions)\.\w+")
# A table of methods that are read with GET, not a call.
_NOT_CALLED = {"gateway.py"}


def called() -> set[str]:
    """Every Web API method that the bot's code names."""
    return {name for file in _files() for name in _methods(file)}


def _files() -> Iterator[Path]:
    for folder in ("bot/slack", "bot/checking"):
        yield from (f for f in (ROOT / folder).rglob("*.py") if f.name not in _NOT_CALLED)
    yield ROOT / "bot" / "serving.py"


def _methods(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if _METHOD.fullmatch(text):
                yield text


def needed() -> set[str]:
    events = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    heard = {EVENTS[event] for event in events if event in EVENTS}
    for event in events:
        if event.startswith("member_joined"):
            heard |= {"channels:read", "groups:read"}
    return {scope for name in called() for scope in NEEDS[name]} | heard | {"commands"}


def test_every_method_that_is_called_is_known_here():
    assert called() - set(NEEDS) == set()


def test_the_manifest_asks_for_exactly_what_the_calls_need():
    assert needed() == SCOPES


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_each_scope_has_its_reason(scope):
    page = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith(f"| `{scope}` |")]
    assert len(rows) == 1
    assert len(rows[0].split("|")[2].split()) >= 3


def test_the_page_names_no_scope_that_is_not_asked_for():
    page = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    scopes, _events = page.split("| Event |")
    assert set(re.findall(r"^\| `([a-z:_.]+)` \|", scopes, re.MULTILINE)) == SCOPES


def test_of_who_signs_in_the_manifest_asks_exactly_what_the_sign_in_does():
    assert set(ASKED_OF_PEOPLE.split()) == OF_PEOPLE


def test_slack_may_send_people_back_to_the_sign_in_alone():
    (back,) = MANIFEST["oauth_config"]["redirect_urls"]
    assert back == f"https://tocsin.example.com{CALLBACK}"


def test_what_is_asked_of_who_signs_in_has_its_reason():
    page = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    table = page.split("| Of who signs in |")[1]
    assert set(re.findall(r"^\| `([a-z:_.]+)` \| \w+", table, re.MULTILINE)) == OF_PEOPLE
