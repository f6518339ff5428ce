"""A rollback to a release whose image was cleaned up is seen before anybody approves it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.living import Life, World
from tests.stories.walking import Room, alive, bad_deploy, calm, form, mark, paged, sent, shown

ROLLBACK = "applications.rollback"
HOST = "registry.demo.example"


def lose(world: World, image: str) -> None:
    world.post("/registry/knobs", {"remove": image})


def opened(room: Room, person: str) -> str:
    """The rollback form, once it is filled."""

    def filled() -> Any:
        body = json.dumps(form(room.life, person), ensure_ascii=False)
        return body if "back to" in body and "Propose the rollback" in body else ""

    room.click(person, "rollback-form", on=room.card())
    return str(room.life.until(filled, "the revisions"))


def test_a_release_whose_image_is_gone_is_passed_over_for_the_next_older_one(life: Life) -> None:
    room = bad_deploy(life)
    lose(life.world, "lms:r141")
    offered = opened(room, "ana")
    assert f"lms:r141 is gone from {HOST}: it would not start" in offered
    room.submit("ana")
    proposal = room.only("mitigation:")
    assert "Roll lms back to r140" in shown(proposal)
    assert f"lms:r140 exists in {HOST}" in shown(proposal)


def test_who_wants_it_all_the_same_is_told_loudly_and_needs_another_person(life: Life) -> None:
    room = bad_deploy(life)
    lose(life.world, "lms:r141")
    proposal = room.propose("ana", "lms r141")
    said = shown(proposal)
    assert f"🚫 *lms:r141 is gone from {HOST}: the rollback would not start*" in said
    assert "High risk" in said
    before = mark(life)
    room.approve("ana", proposal)
    assert "may not approve your own request" in room.whispers("ana")[-1]
    assert sent(life, "argocd", ROLLBACK, after=before) == []


def test_an_image_that_goes_between_proposal_and_approval_voids_it(life: Life) -> None:
    room = bad_deploy(life)
    proposal = room.propose("ana")
    assert f"lms:r141 exists in {HOST}" in shown(proposal)
    lose(life.world, "lms:r141")
    before = mark(life)
    room.approve("ana", proposal)
    calm(life, 3)
    assert "Void: the world moved" in shown(room.proposal())
    assert f"lms:r141 is gone from {HOST}" in shown(room.proposal())
    assert sent(life, "argocd", ROLLBACK, after=before) == []


def test_a_registry_that_fails_between_proposal_and_approval_changes_nothing(life: Life) -> None:
    room = bad_deploy(life)
    proposal = room.propose("ana")
    life.world.fault(service="registry", match="*", do="5xx", status=502)
    room.approve("ana", proposal)
    room.recover()
    assert "Recovered" in shown(room.proposal())
    assert len(sent(life, "argocd", ROLLBACK)) == 1


def test_a_registry_that_refuses_us_is_said_and_stands_in_nobodys_way(tmp_path: Path) -> None:
    with alive(tmp_path, REGISTRY_PASSWORD="wrong") as life:
        room = paged(life, "payments", "Card payments fail")
        proposal = shown(room.propose("ana"))
        assert "could not be asked" in proposal
        assert f"{HOST}: it refuses our user name and password" in proposal
        room.approve("ben", room.proposal())
        room.recover()
        assert "Recovered" in shown(room.proposal())
