"""A release in two clusters: one approval, the real helm in the first, and in the other when that is through."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.demo import Ports, of_cluster
from tests.cluster.control_plane import folder
from tests.living import Life, World, free_port, without_objectives
from tests.stories.walking import Room, alive, calm, played, shown

SCENARIO = "bad-helm-upgrade"
_FIRST = "      kubeconfig_variable: KUBECONFIG_PRODUCTION\n"
_MORE = "      more:\n        eu: {kubeconfig_variable: KUBECONFIG_PRODUCTION_EU}\n"
_RELEASE = "    tocsin.dev/helm-release: proctoring\n"


@dataclass(frozen=True)
class Two:
    """The demo world of the stories, and another one that is only a cluster of it."""

    life: Life
    eu: World

    def calm(self, seconds: float) -> None:
        self.eu.advance(seconds)
        calm(self.life, seconds)


@pytest.fixture(params=["helm3", "helm4"])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Two]:
    program = folder() / request.param
    if not program.is_file():
        if os.environ.get("TOCSIN_NO_SKIPS"):
            pytest.fail(f"no real helm here: {request.param} is missing")
        pytest.skip(f"{request.param} is not built; run make cluster-tools")
    place = tmp_path / "bin"
    place.mkdir()
    (place / "helm").symlink_to(program)
    written(without_objectives(tmp_path))
    # Nobody hears what this one has to tell: it is here for its cluster.
    ports = Ports(bot=free_port(), sandbox=free_port())
    eu = World(ports=ports, folder=tmp_path / "eu")
    known = {
        "PATH": f"{place}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "KUBECONFIG_PRODUCTION_EU": of_cluster(ports, tmp_path / "eu")["KUBECONFIG_PRODUCTION"],
    }
    eu.start()
    try:
        # Each counts its own revisions: r48 is the third here and the fourth there.
        for tag in ("r45", "r48"):
            eu.post("/world", {"set": {"proctoring.revision": tag}})
        with alive(tmp_path, cluster=True, patience=60, **known) as life:
            yield Two(life, eu)
    finally:
        eu.stop()


def written(catalog: Path) -> None:
    """Production has a further cluster, and the exams run in it too."""
    for name, before, more in (
        ("environments.yaml", _FIRST, _MORE),
        ("services/proctoring.yaml", _RELEASE, "    tocsin.dev/more-clusters: eu\n"),
    ):
        text = (catalog / name).read_text()
        assert before in text
        (catalog / name).write_text(text.replace(before, before + more, 1))


def revision(world: World) -> str:
    return str(world.state()["world"]["facts"]["proctoring"]["revision"])


def proposed(two: Two) -> Room:
    room = played(two.life, SCENARIO)
    room.click("ana", "acknowledge", on=room.card())
    room.say("ana", "rollback proctoring r47")
    return room


def watched(two: Two, room: Room, cards: int) -> None:
    """Time passes until there is a card for so many of the row."""
    for _ in range(14):
        two.calm(30)
        if len(room.marked("mitigation:")) >= cards:
            return
    raise AssertionError(shown(room.proposal()))


def test_the_second_cluster_follows_the_first_under_one_approval(two: Two) -> None:
    room = proposed(two)
    card = shown(room.proposal())
    assert "Roll proctoring back to r47 in 2 clusters, one after the other" in card
    assert "when that is through and users are no worse, eu: r48 → r47" in card

    room.approve("ben", room.proposal())
    two.calm(60)
    assert (revision(two.life.world), revision(two.eu)) == ("r47", "r48")
    watched(two, room, 2)
    first, second = room.marked("mitigation:")
    assert "Through: the next follows" in shown(first)
    assert "Roll proctoring back to r47 in eu (2 of 2)" in shown(second)

    two.calm(60)
    room.recover()
    assert "Recovered" in shown(room.proposal())
    assert (revision(two.life.world), revision(two.eu)) == ("r47", "r47")


def test_an_upgrade_in_the_second_cluster_meanwhile_is_not_run_over(two: Two) -> None:
    room = proposed(two)
    room.approve("ben", room.proposal())
    two.calm(30)
    two.eu.post("/world", {"set": {"proctoring.revision": "r49"}})
    watched(two, room, 2)

    assert "It ran r48 when this was proposed; now it runs r49." in room.ours()
    assert (revision(two.life.world), revision(two.eu)) == ("r47", "r49")

    # The first one runs it already: the other is named alone.
    room.say("ana", "rollback proctoring eu:r47")
    assert "Roll proctoring back to r47 in eu" in shown(room.proposal())
    room.approve("ben", room.proposal())
    two.calm(90)
    assert revision(two.eu) == "r47"
