"""The demo world plays a Helm release well enough for the real helm, version 3 and version 4, to roll it back."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.control_plane import folder
from tests.living import Life
from tests.stories.walking import Room, alive, calm, played, shown

SCENARIO = "bad-helm-upgrade"


@pytest.fixture(params=["helm3", "helm4"])
def helm(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder in which this one is called helm."""
    program = folder() / request.param
    if not program.is_file():
        if os.environ.get("TOCSIN_NO_SKIPS"):
            pytest.fail(f"no real helm here: {request.param} is missing")
        pytest.skip(f"{request.param} is not built; run make cluster-tools")
    place = tmp_path / "bin"
    place.mkdir()
    (place / "helm").symlink_to(program)
    return place


@pytest.fixture
def life(helm: Path, tmp_path: Path) -> Iterator[Life]:
    path = f"{helm}{os.pathsep}{os.environ['PATH']}"
    # Its cache of what a server offers is by the server's address, and ports come again.
    with alive(tmp_path, cluster=True, patience=60, PATH=path, HOME=str(tmp_path)) as found:
        yield found


def by_hand(life: Life, helm: Path, *words: str) -> str:
    """As a person at a terminal, with the kubeconfig that `make demo` writes."""
    done = subprocess.run(
        [str(helm / "helm"), *words, "--kubeconfig", str(life.world.folder / "kubeconfig")],
        capture_output=True,
        text=True,
        env={"HOME": str(life.world.folder), "PATH": os.environ["PATH"]},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def history(life: Life, helm: Path) -> list[tuple[int, str, str, str]]:
    told = by_hand(life, helm, "history", "proctoring", "-n", "proctoring", "-o", "json")
    found: list[dict[str, Any]] = json.loads(told)
    return [(e["revision"], e["status"], e["app_version"], e["description"]) for e in found]


def deployment(life: Life) -> dict[str, Any]:
    return answered(life, "/apis/apps/v1/namespaces/proctoring/deployments/proctoring")


def settings(life: Life) -> dict[str, str]:
    found: dict[str, str] = answered(life, "/api/v1/namespaces/proctoring/configmaps/proctoring")[
        "data"
    ]
    return found


def answered(life: Life, path: str) -> dict[str, Any]:
    world = life.world
    headers = {"Authorization": "Bearer k8s-demo-token"}
    found = world.http.get(f"{world.ports.world}/kubernetes{path}", headers=headers)
    assert found.is_success, found.text
    body: dict[str, Any] = found.json()
    return body


def revision(life: Life) -> str:
    return str(life.world.state()["world"]["facts"]["proctoring"]["revision"])


def approved(room: Room, words: str) -> str:
    """`/incident <words>`, approved by somebody else, until its verdict; the card of it."""
    room.say("ana", words)
    room.click("ben", "approve", on=room.proposal())
    room.recover()
    return shown(room.proposal())


def test_a_bad_upgrade_pages_and_its_rollback_heals_it(life: Life, helm: Path) -> None:
    room = played(life, SCENARIO)
    room.click("ana", "acknowledge", on=room.card())
    room.say("ana", "rollback proctoring r47")
    asked = shown(room.proposal())
    assert "helm rollback proctoring 2 in proctoring" in asked
    assert "PARTNER_API" in asked
    room.click("ben", "approve", on=room.proposal())
    room.recover()

    assert "Recovered" in shown(room.proposal())
    assert revision(life) == "r47"
    assert settings(life)["PARTNER_API"] == "v2"
    assert history(life, helm) == [
        (1, "superseded", "r46", "Install complete"),
        (2, "superseded", "r47", "Upgrade complete"),
        (3, "superseded", "r48", "Upgrade complete"),
        (4, "deployed", "r47", "Rollback to 2"),
    ]


def test_a_restart_does_not_heal_it(life: Life) -> None:
    room = played(life, SCENARIO)
    room.click("ana", "acknowledge", on=room.card())

    assert "Not recovered" in approved(room, "remedy restart proctoring restart")
    assert revision(life) == "r48"


def test_a_rollback_by_hand_takes_effect_pod_by_pod_in_the_worlds_time(
    life: Life, helm: Path
) -> None:
    played(life, SCENARIO)
    by_hand(life, helm, "rollback", "proctoring", "2", "-n", "proctoring")
    assert revision(life) == "r48"
    rolling = deployment(life)
    assert rolling["spec"]["template"]["spec"]["containers"][0]["image"].endswith(":r47")
    assert rolling["status"]["updatedReplicas"] < rolling["spec"]["replicas"]

    calm(life, 60)

    assert revision(life) == "r47"
    newest = answered(life, "/api/v1/namespaces/proctoring/secrets")["items"][-1]
    packed = base64.b64decode(base64.b64decode(newest["data"]["release"]))
    assert json.loads(gzip.decompress(packed))["info"]["last_deployed"].startswith("2026-03-10")
