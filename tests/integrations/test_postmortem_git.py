"""Postmortems in a real git repository."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.errors import Refused, VendorRejected
from bot.domain.review import Draft, Picture
from bot.integrations.postmortem_git import PostmortemRepository
from tests.integrations.worlds import OPEN, SHUT

TEXT = """# LMS error rate

<!-- tocsin:begin summary -->
It began at 14:00.
<!-- tocsin:end summary -->

## What was hard

_Write here._
"""
DRAFT = Draft(
    incident="i0demo",
    path="postmortems/2026/i0demo-lms-error-rate.md",
    branch="postmortem/i0demo",
    text=TEXT,
    index_line="- 2026-03-10 [LMS error rate](2026/i0demo-lms-error-rate.md)",
    message="Postmortem of i0demo",
)


def git(place: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@demo.example")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def origin(tmp_path):
    """A bare repository with one commit on main."""
    place, first = tmp_path / "origin.git", tmp_path / "first"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(place))
    git(tmp_path, "clone", "--quiet", str(place), str(first))
    (first / "README.md").write_text("# Reviews\n")
    git(first, "checkout", "--quiet", "-B", "main")
    git(first, "add", ".")
    git(first, "commit", "--quiet", "-m", "Begin")
    git(first, "push", "--quiet", "origin", "main")
    return place


@pytest.fixture
def ana(origin, tmp_path):
    """Somebody else's clone."""
    place = tmp_path / "ana"
    git(tmp_path, "clone", "--quiet", str(origin), str(place))
    return place


@pytest.fixture
def archive(origin, tmp_path):
    return PostmortemRepository(str(origin), tmp_path / "data" / "postmortems", gate=OPEN)


def shown(origin: Path, path: str = DRAFT.path, branch: str = DRAFT.branch) -> str:
    return git(origin, "show", f"{branch}:{path}")


def commits(origin: Path, branch: str = DRAFT.branch) -> int:
    return int(git(origin, "rev-list", "--count", branch))


def edit(ana: Path, old: str, new: str, *, to: str = DRAFT.branch) -> None:
    """Ana edits the draft in her clone and pushes."""
    git(ana, "fetch", "--quiet", "origin")
    git(ana, "checkout", "--quiet", "-B", DRAFT.branch, f"origin/{DRAFT.branch}")
    place = ana / DRAFT.path
    place.write_text(place.read_text().replace(old, new))
    git(ana, "commit", "--quiet", "--all", "-m", "Write it down")
    git(ana, "push", "--quiet", "origin", f"HEAD:refs/heads/{to}")


def test_a_draft_is_a_commit_on_its_own_branch(origin, archive):
    published = archive.publish(DRAFT)
    assert published.changed
    assert published.commit == git(origin, "rev-parse", DRAFT.branch).strip()
    assert shown(origin) == TEXT
    assert git(origin, "log", "-1", "--format=%an", DRAFT.branch).strip() == "Tocsin"
    assert git(origin, "show", "main:README.md") == "# Reviews\n"


def test_the_index_names_it(origin, archive):
    archive.publish(DRAFT)
    assert DRAFT.index_line in shown(origin, "postmortems/README.md")


def test_the_same_draft_twice_is_one_commit(origin, archive):
    first = archive.publish(DRAFT)
    second = archive.publish(DRAFT)
    assert (second.changed, second.commit) == (False, first.commit)
    assert commits(origin) == 2


def test_a_human_edit_outside_the_marks_survives_a_newer_draft(origin, archive, ana):
    archive.publish(DRAFT)
    edit(ana, "_Write here._", "Nobody could read the logs.")
    newer = replace(DRAFT, text=TEXT.replace("14:00", "13:58"))
    published = archive.publish(newer)
    assert "It began at 13:58." in shown(origin)
    assert "Nobody could read the logs." in shown(origin)
    assert published.text == shown(origin)
    assert commits(origin) == 4


def test_a_human_edit_inside_the_marks_is_replaced(origin, archive, ana):
    archive.publish(DRAFT)
    edit(ana, "It began at 14:00.", "It began at teatime.")
    archive.publish(DRAFT)
    assert "It began at 14:00." in shown(origin)


def test_a_push_that_lost_the_race_is_made_again(origin, archive, ana):
    archive.publish(DRAFT)
    edit(ana, "_Write here._", "Written in between.", to="side")
    hook = origin / "hooks" / "pre-receive"
    hook.write_text(
        "#!/bin/sh\nrm -f hooks/pre-receive\n"
        f"env -u GIT_QUARANTINE_PATH git update-ref refs/heads/{DRAFT.branch} refs/heads/side\n"
    )
    hook.chmod(0o755)
    archive.publish(replace(DRAFT, text=TEXT.replace("14:00", "13:58")))
    assert not hook.exists()
    assert "Written in between." in shown(origin)
    assert "13:58" in shown(origin)


@pytest.mark.parametrize("left", ["half a file", "a lock", "another repository"])
def test_a_working_copy_that_a_crash_left_is_thrown_away(origin, archive, tmp_path, left):
    archive.publish(DRAFT)
    place = tmp_path / "data" / "postmortems"
    match left:
        case "half a file":
            (place / "postmortems" / "README.md").write_text("half")
        case "a lock":
            (place / ".git" / "index.lock").write_text("")
        case _:
            git(place, "remote", "set-url", "origin", str(tmp_path / "elsewhere"))
    published = archive.publish(replace(DRAFT, text=TEXT.replace("14:00", "13:58")))
    assert published.changed
    assert DRAFT.index_line in shown(origin, "postmortems/README.md")


def test_an_empty_repository_is_begun(tmp_path):
    place = tmp_path / "empty.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(place))
    archive = PostmortemRepository(str(place), tmp_path / "data", gate=OPEN)
    assert archive.publish(DRAFT).changed
    assert shown(place) == TEXT


def test_two_incidents_do_not_see_each_other(origin, archive):
    archive.publish(DRAFT)
    other = replace(DRAFT, branch="postmortem/i1", path="postmortems/2026/i1-cms.md")
    archive.publish(other)
    assert git(origin, "ls-tree", "-r", "--name-only", "postmortem/i1").split() == [
        "README.md",
        "postmortems/2026/i1-cms.md",
        "postmortems/README.md",
    ]


def test_a_repository_that_is_not_there_is_said_without_its_password(tmp_path):
    address = f"file://user:hunter2@{tmp_path}/nowhere.git"
    archive = PostmortemRepository(address, tmp_path / "data", gate=OPEN)
    with pytest.raises(VendorRejected, match="could not clone") as error:
        archive.publish(DRAFT)
    assert "hunter2" not in str(error.value)
    assert archive.health.failed == 1


def test_in_observe_mode_nothing_is_written(origin, tmp_path):
    archive = PostmortemRepository(str(origin), tmp_path / "data", gate=SHUT)
    with pytest.raises(Refused, match="observe mode"):
        archive.publish(DRAFT)
    assert DRAFT.branch not in git(origin, "branch", "--list")


PICTURE = Picture(path="postmortems/2026/i0demo-lms-availability.png", content=b"\x89PNG one")


def test_a_picture_lies_beside_the_text_that_shows_it(archive, origin):
    archive.publish(replace(DRAFT, pictures=(PICTURE,)))
    found = subprocess.run(
        ["git", "show", f"{DRAFT.branch}:{PICTURE.path}"],
        cwd=origin,
        check=True,
        capture_output=True,
    )
    assert found.stdout == PICTURE.content


def test_the_same_picture_makes_no_second_commit_and_another_one_does(archive):
    drawn = replace(DRAFT, pictures=(PICTURE,))
    assert archive.publish(drawn).changed
    assert not archive.publish(drawn).changed
    assert archive.publish(replace(DRAFT, pictures=(replace(PICTURE, content=b"two"),))).changed
