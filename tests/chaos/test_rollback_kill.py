"""SIGKILL around the one request that changes production: sent at most once, and told as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.living import Life, wait_for
from tests.stories.walking import Room, bad_deploy, shown

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(150)]

ROLLBACK, PATCH = "applications.rollback", "applications.patch"
CHOICES = {"stuck-verify", "undo", "stuck-leave"}


@dataclass(frozen=True, kw_only=True)
class Instant:
    """When the bot dies: once Argo CD has this request (nothing: once the click is taken).

    `carried_out` is None where it dies so shortly before the request that both may happen: what
    was recorded as started is never sent a second time.
    """

    at: str = ""
    answered: bool = False
    fault: dict[str, Any] | None = None
    carried_out: bool | None = True


INSTANTS = {
    "the approval is taken": Instant(carried_out=None),
    "auto-sync is being switched off": Instant(at=PATCH, fault={"do": "latency", "ms": 1500}),
    "auto-sync was switched off": Instant(at=PATCH, answered=True, carried_out=None),
    "the request is on its way": Instant(at=ROLLBACK, fault={"do": "latency", "ms": 1500}),
    "the request was carried out": Instant(at=ROLLBACK, answered=True),
    "the answer is lost": Instant(
        at=ROLLBACK, answered=True, fault={"do": "drop_response", "ms": 1000}
    ),
    "the request is lost": Instant(
        at=ROLLBACK, fault={"do": "drop_request", "ms": 1000}, carried_out=False
    ),
}


@pytest.mark.parametrize("instant", INSTANTS)
def test_a_rollback_is_sent_once_whenever_the_bot_dies(life: Life, instant: str) -> None:
    case = INSTANTS[instant]
    room = bad_deploy(life)
    proposal = room.propose("ana")
    if case.fault:
        life.world.fault(service="argocd", match=case.at, when={"times": 1}, **case.fault)
    life.world.act("click", "ana", channel=room.id, action_id="approve", ts=proposal["ts"])
    wait_for(lambda: _reached(life, case), f"the moment when {instant}")
    life.bot.kill()
    life.bot.start()
    told = _verdict(room)
    requests = life.world.log(system="argocd", name=ROLLBACK)
    done = [one for one in requests if one["status"] == 200]
    assert len(requests) <= 1, requests
    assert case.carried_out in (None, bool(done))
    assert told == ("Recovered" if done else "Stuck")
    if not done:
        assert _buttons(room) >= CHOICES, shown(room.proposal())


def _reached(life: Life, case: Instant) -> bool:
    if not case.at:
        return True
    found = life.world.log(system="argocd", name=case.at)
    return any(one["status"] is not None or not case.answered for one in found)


def _verdict(room: Room) -> str:
    """What the change's card says in the end."""
    for _ in range(20):
        room.life.settle(30)
        card = shown(room.proposal())
        for word in ("Recovered", "Stuck", "Not recovered"):
            if word in card:
                return word
        room.life.world.advance(75)
    return shown(room.proposal())


def _buttons(room: Room) -> set[str]:
    blocks = room.proposal()["blocks"]
    rows = (block["elements"] for block in blocks if block["type"] == "actions")
    return {button["action_id"].split(":")[0] for row in rows for button in row}
