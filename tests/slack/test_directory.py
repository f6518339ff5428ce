"""Who is who across vendors, while Slack answers, knows nobody, or does not answer."""

from __future__ import annotations

import pytest

from bot.domain.catalog import Catalog
from bot.domain.errors import VendorDown
from bot.slack.directory import SlackDirectory
from bot.slack.gateway import SlackRefused
from bot.slack.people import People
from tests.doubles.people import ANA, TEAM
from tests.slack.workspace import Workspace

AWAY = VendorDown("Slack", "call it", "no answer in time")


@pytest.fixture
def slack() -> Workspace:
    return Workspace()


@pytest.fixture
def directory(slack: Workspace) -> SlackDirectory:
    """Without a people.yaml: everybody is found by their address."""
    return SlackDirectory(Catalog(), People(slack, TEAM))  # type: ignore[arg-type]


def test_a_colleague_is_found_by_their_address(directory: SlackDirectory) -> None:
    assert directory.by_email("ana@demo.example") == ANA
    assert directory.email(ANA) == "ana@demo.example"


def test_an_address_that_slack_does_not_know_is_nobody(
    slack: Workspace, directory: SlackDirectory
) -> None:
    slack.refuses["users.lookupByEmail"] = SlackRefused("users.lookupByEmail", "users_not_found")
    assert directory.by_email("nobody@demo.example") is None


def test_a_workspace_that_hides_addresses_has_none(
    slack: Workspace, directory: SlackDirectory
) -> None:
    slack.refuses["users.info"] = SlackRefused("users.info", "missing_scope")
    slack.refuses["users.lookupByEmail"] = SlackRefused("users.lookupByEmail", "missing_scope")
    assert directory.email(ANA) == ""
    assert directory.by_email("ana@demo.example") is None


@pytest.mark.parametrize("method", ["users.info", "users.lookupByEmail"])
def test_that_slack_does_not_answer_is_not_that_it_knows_nobody(
    slack: Workspace, directory: SlackDirectory, method: str
) -> None:
    slack.refuses[method] = AWAY
    with pytest.raises(VendorDown):
        directory.email(ANA) if method == "users.info" else directory.by_email("ana@demo.example")
    slack.refuses.clear()
    assert directory.email(ANA) == "ana@demo.example"
    assert directory.by_email("ana@demo.example") == ANA
