"""The demo's incidents lived through: a wrong move is told as one, the right one heals and is proven."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.living import Life
from tests.stories.walking import Room, alive, calm, played, postmortem, shown

PATIENCE = 60.0


@pytest.fixture
def in_aws(tmp_path: Path) -> Iterator[Life]:
    if importlib.util.find_spec("moto") is None:
        pytest.skip("moto is not installed: pip install 'tocsin[sandbox-aws]'")
    with alive(tmp_path, aws=True, cluster=True, patience=PATIENCE) as life:
        yield life


def tried(room: Room, words: str) -> str:
    """`/incident <words>`, approved by somebody else, until its verdict; the card of it."""
    before = len(room.marked("mitigation:"))
    room.say("ana", words)
    assert len(room.marked("mitigation:")) == before + 1, room.whispers("ana")[-1:]
    room.click("ben", "approve", on=room.proposal())
    room.recover()
    return shown(room.proposal())


def beneath(life: Life, room: Room, words: str) -> str:
    """The card as soon as it says so; what gave no answer at first is asked again meanwhile."""
    for _ in range(6):
        if re.search(words, card := shown(room.card())):
            return card
        calm(life, 20)
    raise AssertionError(card)


def ended(life: Life, room: Room, how: str) -> str:
    """Resolved; the postmortem as it stands in git."""
    room.say("ana", f"resolve {how}")
    calm(life, 10)
    life.until(lambda: life.world.state()["git"]["branches"], "the postmortem", 60)
    life.settle()
    return postmortem(life)


def suspected(room: Room) -> str:
    """The first suspect, with its reasons, as triage put it on record."""
    room.say("ana", "changes")
    told = room.whispers("ana")[-1]
    return told.partition("*Suspect*")[2].partition("\\n•")[0]


def facts(life: Life, part: str) -> dict[str, object]:
    found: dict[str, object] = life.world.state()["world"]["facts"][part]
    return found


def test_a_traffic_shift_that_went_too_far_is_taken_back_by_one_phase(in_aws: Life) -> None:
    room = played(in_aws, "migration-traffic-shift")
    first = suspected(room)
    assert "discovery 90/10 → 50/50" in first
    assert "by terraform-apply" in first
    assert "made by Terraform, module load-balancer" in first
    room.click("ana", "acknowledge", on=room.card())
    wrong = tried(room, "remedy restart discovery restart")
    assert "Not recovered" in wrong
    assert "still 9" in wrong
    right = tried(room, "remedy shift_traffic discovery 90/10")
    assert "Recovered" in right
    assert "50/50" in right
    assert facts(in_aws, "traffic")["discovery"] == 10
    assert "90/10" in ended(in_aws, room, "traffic is back at one tenth")
    room.click("ana", "keep-leftover")
    (pull,) = in_aws.world.state()["github"]["demo/infrastructure"]["pulls"]
    assert pull["title"] == "Keep discovery as it was set by hand: 50/50 → 90/10"
    assert "`weight = 50` → `weight = 90` of discovery-ec2" in pull["body"]
    assert "pull request" in room.ours().partition("Draft for Terraform load-balancer")[2]
    merged = {"repository": "demo/infrastructure", "number": pull["number"]}
    in_aws.world.post("/github/merge", merged)
    calm(in_aws, 400)
    assert "Left over" not in shown(room.card())


@pytest.fixture
def without_helm(tmp_path: Path) -> Iterator[Life]:
    """The bot's machine has git and env, and no helm."""
    place = tmp_path / "bin"
    place.mkdir()
    for name in ("git", "env"):
        (place / name).symlink_to(str(shutil.which(name)))
    with alive(tmp_path, cluster=True, patience=PATIENCE, PATH=str(place)) as life:
        yield life


def test_without_helm_its_history_is_read_and_the_way_by_hand_is_told(without_helm: Life) -> None:
    room = played(without_helm, "bad-helm-upgrade")
    first = suspected(room)
    assert "proctoring r47 → r48" in first
    room.say("ana", "rollback proctoring r47")
    told = room.whispers("ana")[-1]
    assert "The program helm is not installed where Tocsin runs" in told
    assert "By hand: `helm rollback proctoring 2 -n proctoring`" in told
    assert not room.marked("mitigation:")


def test_a_flag_that_fills_the_cache_is_switched_off(in_aws: Life) -> None:
    room = played(in_aws, "redis-saturation")
    card = beneath(in_aws, room, "ElastiCache Redis: memory [^•]*evictions a minute")
    assert "RDS MySQL" in card.partition("well:")[2]
    first = suspected(room)
    assert "learner-flags session_blob_v2 off → session_blob_v2 on" in first
    assert "by mei.tanaka" in first
    room.click("ana", "acknowledge", on=room.card())
    wrong = tried(room, "remedy restart identity restart")
    assert "Not recovered" in wrong
    right = tried(room, "remedy set_flag learner-flags session_blob_v2 off")
    assert "Recovered" in right
    assert facts(in_aws, "flags")["session_blob_v2"] is False
    assert "session_blob_v2" in ended(in_aws, room, "the flag is off")


def test_a_firewall_that_blocks_learners_is_proven_healed_by_the_requests_that_come_back(
    in_aws: Life,
) -> None:
    room = played(in_aws, "waf-false-positive")
    assert "requests a minute (usually" in shown(room.card())
    first = suspected(room)
    assert "waf body-size count → body-size block" in first
    assert "by rosa.vidal" in first
    room.click("ana", "acknowledge", on=room.card())
    wrong = tried(room, "rollback lms r140")
    assert "Not recovered" in wrong
    assert "requests a minute" in wrong
    right = tried(room, "remedy block_requests waf count body-size for 2h")
    assert "Recovered" in right
    assert "requests a minute (usually" in right
    assert facts(in_aws, "waf")["body_size"] == "COUNT"
    assert "body-size" in ended(in_aws, room, "the rule counts for now")


def test_a_database_that_changed_sides_is_healed_by_a_rolling_restart(in_aws: Life) -> None:
    room = played(in_aws, "rds-failover")
    card = beneath(in_aws, room, "RDS MySQL: .*(failover started|failed over) at")
    assert "of 5,000 connections" in card
    room.click("ana", "acknowledge", on=room.card())
    wrong = tried(room, "remedy scale lms 70")
    assert "Not recovered" in wrong
    right = tried(room, "remedy restart lms restart")
    assert "Recovered" in right
    assert facts(in_aws, "lms-web")["dns_cached"] == "us-east-1b"
    assert "estart" in ended(in_aws, room, "restarted")
