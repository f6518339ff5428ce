"""Searching runbooks from a terminal."""

from __future__ import annotations

import json
from pathlib import Path

from bot.runbook_command import run

RUNBOOKS = Path(__file__).parent / "fixtures" / "runbooks"


def test_json_has_the_match_and_ranked_places(capsys):
    assert run("PostgresDeadlocks", RUNBOOKS, True) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["match"] == "confident"
    assert set(said["results"][0]) == {"path", "section", "title", "score", "reason"}
    assert said["results"][0]["path"] == "platform/database.md"
    assert said["results"][0]["section"] == "postgresdeadlocks"


def test_no_fit_is_not_an_error(capsys):
    assert run("kafka partitions under-replicated", RUNBOOKS, True) == 0
    assert json.loads(capsys.readouterr().out)["match"] == "none"


def test_a_person_reads_path_score_and_reason(capsys):
    assert run("LmsHigh5xx", RUNBOOKS, False) == 0
    said = capsys.readouterr().out
    assert "This runbook fits." in said
    assert "services/LmsHigh5xx.md" in said
    assert "is named after the alert LmsHigh5xx" in said


def test_a_person_is_told_when_nothing_fits(capsys):
    run("kafka partitions under-replicated", RUNBOOKS, False)
    assert capsys.readouterr().out.startswith("No runbook fits.")


def test_a_missing_directory_is_named_plainly(capsys, tmp_path):
    assert run("anything", tmp_path / "nowhere", False) == 2
    assert "There is no directory" in capsys.readouterr().err


def test_several_directories_may_be_given(capsys):
    assert run("KubeNodeDiskFull", [RUNBOOKS / "services", RUNBOOKS / "platform"], True) == 0
    assert json.loads(capsys.readouterr().out)["results"][0]["path"] == "KubeNodeDiskFull.md"


def test_a_changed_file_is_found_by_its_new_words(capsys, tmp_path):
    (tmp_path / "a.md").write_text("# Tape robot jammed\n")
    run("tape robot jammed", tmp_path, True)
    assert json.loads(capsys.readouterr().out)["match"] == "confident"
    (tmp_path / "a.md").write_text("# Elevator out of order\n")
    run("tape robot jammed", tmp_path, True)
    assert json.loads(capsys.readouterr().out)["match"] == "none"
