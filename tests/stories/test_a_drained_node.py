"""A node is drained by the whole bot: from the words in the channel to the left-over that clears itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.living import Life
from tests.stories.walking import Room, alive, calm, paged, shown

NODE = "ip-10-20-0-10.ec2.internal"


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    with alive(tmp_path, cluster=True, patience=60.0) as life:
        yield life


@pytest.fixture
def room(life: Life) -> Room:
    room = paged(life, "lms", "Course pages are slow")
    room.click("ana", "acknowledge", on=room.card())
    return room


def test_a_node_is_drained_with_another_persons_agreement_and_uncordoned_again(
    life: Life, room: Room
) -> None:
    room.say("ana", f"remedy drain_node nodegroup-general {NODE}")
    proposal = shown(room.proposal())
    assert f"Drain the node {NODE}" in proposal
    assert "pods of more than one service run on Node group general" in proposal
    assert "19 other nodes" not in proposal, "what speaks for it is told where it is of low risk"

    room.click("ben", "approve", on=room.proposal())
    room.recover()
    assert "Recovered" in shown(room.proposal())
    assert f"the node {NODE} is cordoned" in shown(room.card())

    room.click("ana", "undo", on=room.proposal())
    room.click("ben", "approve", on=room.proposal())
    room.recover()
    calm(life, 600)
    assert f"the node {NODE} is cordoned" not in shown(room.card())


def test_the_nodes_of_the_group_are_told_where_the_name_is_wrong(room: Room) -> None:
    room.say("ana", "remedy drain_node nodegroup-general ip-10")
    assert f"is no node of nodegroup-general. There are: {NODE}" in room.whispers("ana")[-1]
