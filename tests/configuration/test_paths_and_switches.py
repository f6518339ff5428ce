"""Paths and switches: a relative path is from where the bot was started, for git runs elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Shown, load, survey


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "catalog").mkdir()
    (tmp_path / "notes.git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_folder_for_everything_is_absolute(here: Path) -> None:
    assert load({}).data_dir == here / "var"
    assert load({"TOCSIN_DATA_DIR": ".demo/bot"}).data_dir == here / ".demo" / "bot"


@pytest.mark.parametrize("name", ["POSTMORTEM_REPO", "TERRAFORM_REPO"])
def test_a_repository_on_this_disk_is_found_from_everywhere(here: Path, name: str) -> None:
    config = load({name: "notes.git"})
    kept = {"POSTMORTEM_REPO": config.postmortem_repo, "TERRAFORM_REPO": config.terraform_repo}
    assert kept[name] == str(here / "notes.git")


@pytest.mark.parametrize(
    "address", ["https://git.example/notes.git", "git@git.example:acme/notes.git"]
)
def test_an_address_stays_as_it_was_written(here: Path, address: str) -> None:
    assert load({"POSTMORTEM_REPO": address}).postmortem_repo == address


@pytest.mark.parametrize(
    ("written", "shown"),
    [("", Shown.OFF), ("off", Shown.OFF), ("open", Shown.OPEN), ("on", Shown.OPEN)],
)
def test_the_dashboard_is_shown_only_where_somebody_said_so(
    here: Path, written: str, shown: Shown
) -> None:
    config = load({"TOCSIN_DASHBOARD": written})
    assert config.dashboard is shown
    assert config.sign_in is None


def test_a_switch_with_a_word_that_nobody_knows_is_a_problem(here: Path) -> None:
    (problem,) = survey({"TOCSIN_DASHBOARD": "yes"}).problems
    assert (problem.where, problem.fix) == ("TOCSIN_DASHBOARD", "Write off, sign-in or open.")
