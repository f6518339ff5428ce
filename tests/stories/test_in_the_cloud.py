"""Mitigations in AWS by the whole bot: from the words in the channel to what the account shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud import KEYS, ROLE, Cloud, aws, aws_process
from tests.living import Life
from tests.mitigations.test_block_requests import Wall
from tests.stories.walking import Room, alive, calm, form, paged, shown

__all__ = ["aws", "aws_process"]


@pytest.fixture
def wall(aws: Cloud) -> Wall:
    return Wall(aws)


@pytest.fixture
def life(tmp_path: Path, aws: Cloud, wall: Wall) -> Iterator[Life]:
    role = {"AWS_PRODUCTION_ROLE_ARN": ROLE, "AWS_PRODUCTION_ENDPOINT": aws.url}
    with alive(tmp_path, **KEYS, **role) as life:
        yield life


def blocked(life: Life) -> Room:
    room = paged(life, "lms", "Sign-ins answer 403")
    room.click("ana", "acknowledge", on=room.card())
    return room


def test_a_firewall_rule_counts_for_a_while_and_blocks_again_by_itself(
    aws: Cloud, wall: Wall, life: Life
) -> None:
    room = blocked(life)
    room.say("ana", "remedy block_requests waf count bot-control for 2h")
    assert "until: `no end` → `2h after it starts`" in shown(room.proposal())
    assert wall.rule("bot-control")["OverrideAction"] == {"None": {}}
    room.click("ben", "approve", on=room.proposal())
    calm(life, 30)
    assert wall.rule("bot-control")["OverrideAction"] == {"Count": {}}
    assert "Left over" in shown(room.card())
    calm(life, 2 * 3600 + 60)
    assert wall.rule("bot-control")["OverrideAction"] == {"None": {}}
    calm(life, 600)
    assert "Left over" not in shown(room.card())
    changes = aws.calls("UpdateWebACL")
    assert len(changes) == 2
    (session,) = {each["session"] for each in changes}
    assert session in shown(room.card())


def test_what_could_help_in_the_account_is_offered_in_the_form(life: Life) -> None:
    room = blocked(life)
    room.say("ana", "remedy")
    offered = str(form(life, "ana"))
    assert "Fail over" in offered
    assert "waf" in offered


def test_a_lock_that_was_taken_by_somebody_else_wants_a_new_plan(wall: Wall, life: Life) -> None:
    room = blocked(life)
    room.say("ana", "remedy block_requests waf count bot-control for 2h")
    wall.touched(Description="edited in the console")
    room.click("ben", "approve", on=room.proposal())
    calm(life, 30)
    assert wall.rule("bot-control")["OverrideAction"] == {"None": {}}
    assert "Nothing was" in shown(room.proposal())
