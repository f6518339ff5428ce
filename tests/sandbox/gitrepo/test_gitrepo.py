"""The real bare repository that the postmortems go to."""

import os
import subprocess
from pathlib import Path

import pytest

from sandbox.gitrepo import Bare

IDENTITY = ["-c", "user.name=Tocsin", "-c", "user.email=tocsin@demo.example"]


@pytest.fixture
def world(start, tmp_path):
    return start(data_dir=tmp_path / "world")


def git(folder, *arguments):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", *IDENTITY, *arguments]
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True, env=environment
    ).stdout


def write_postmortem(world, folder):
    git(folder, "clone", "--quiet", world.sim.git.path, "clone")
    clone = folder / "clone"
    git(clone, "checkout", "--quiet", "-b", "postmortem/inc-1")
    (clone / "postmortems").mkdir()
    (clone / "postmortems" / "inc-1.md").write_text("# What happened\n\nA column was missing.\n")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", "Postmortem of inc-1")
    git(clone, "push", "--quiet", "origin", "postmortem/inc-1")


def test_a_fresh_repository_has_main_with_a_readme(world, tmp_path):
    git(tmp_path, "clone", "--quiet", f"file://{world.sim.git.path}", "fresh")
    assert (tmp_path / "fresh" / "README.md").read_text().startswith("# Postmortems")
    assert world.get("/state")["git"]["branches"]["main"]["files"] == ["README.md"]


def test_a_pushed_branch_is_seen_with_its_files(world, tmp_path):
    write_postmortem(world, tmp_path)
    branch = world.get("/state")["git"]["branches"]["postmortem/inc-1"]
    assert branch["files"] == ["README.md", "postmortems/inc-1.md"]
    asked = {"ref": "postmortem/inc-1", "path": "postmortems/inc-1.md"}
    assert "A column was missing." in world.http.get("/git/file", params=asked).json()["text"]


def test_a_pull_request_knows_the_branch_and_takes_comments_on_its_lines(world, tmp_path):
    def github(method, path, **options):
        headers = {"Authorization": "Bearer gh-demo-token"}
        url = f"/github/repos/demo/postmortems{path}"
        return world.http.request(method, url, headers=headers, **options)

    pull = {"title": "Postmortem of inc-1", "head": "postmortem/inc-1", "base": "main"}
    assert github("POST", "/pulls", json=pull).status_code == 422
    write_postmortem(world, tmp_path)
    made = github("POST", "/pulls", json=pull)
    assert made.status_code == 201
    number = made.json()["number"]
    changed = github("GET", f"/pulls/{number}/files").json()
    assert [(one["filename"], one["status"]) for one in changed] == [
        ("postmortems/inc-1.md", "added")
    ]
    review = {
        "event": "COMMENT",
        "body": "Wording",
        "comments": [{"path": "postmortems/inc-1.md", "line": 3, "body": "Good as it is."}],
    }
    assert github("POST", f"/pulls/{number}/reviews", json=review).status_code == 200
    assert len(github("GET", f"/pulls/{number}/comments").json()) == 1


def test_a_reset_begins_the_repository_anew(world, tmp_path):
    write_postmortem(world, tmp_path)
    world.post("/reset")
    assert list(world.get("/state")["git"]["branches"]) == ["main"]


def test_a_picture_is_part_of_a_branch_and_no_text_of_its_comparison(world, tmp_path):
    write_postmortem(world, tmp_path)
    clone = tmp_path / "clone"
    (clone / "postmortems" / "inc-1.png").write_bytes(b"\x89PNG\x00\xff")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", "The curve")
    git(clone, "push", "--quiet", "origin", "postmortem/inc-1")
    branch = "postmortem/inc-1"
    bare = Bare(path=Path(world.sim.git.path))
    assert bare.content(branch, "postmortems/inc-1.png") == b"\x89PNG\x00\xff"
    assert [path for path, _old, _new in bare.changed("main", branch)] == ["postmortems/inc-1.md"]
