"""Linting a postmortem from a terminal."""

from __future__ import annotations

import json

from bot.lint_command import run


def test_findings_fail_the_run_and_name_line_reason_and_rewrite(capsys, tmp_path):
    file = tmp_path / "review.md"
    file.write_text("# Review\n\nThe pod failed to start.\nThe reviewer missed the index.\n")
    assert run(file, True) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert set(found[0]) == {"line", "sentence", "category", "reason", "rewrite", "severity"}
    assert (found[0]["line"], found[0]["category"]) == (4, "person-failed")


def test_a_clean_file_passes(capsys, tmp_path):
    file = tmp_path / "review.md"
    file.write_text("The pod failed to start.\n")
    assert run(file, True) == 0
    assert json.loads(capsys.readouterr().out) == {"findings": []}


def test_a_person_reads_what_to_write_instead(capsys, tmp_path):
    file = tmp_path / "review.md"
    file.write_text("Human error took the site down.\n")
    assert run(file, False) == 1
    said = capsys.readouterr().out
    assert f"{file}:1: warn human-error" in said
    assert "instead: Describe the condition" in said


def test_a_file_that_is_not_there_is_named_plainly(capsys, tmp_path):
    assert run(tmp_path / "nowhere.md", False) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_directory_or_a_binary_file_cannot_be_read(capsys, tmp_path):
    (tmp_path / "x.bin").write_bytes(b"\xff\xfe\x00")
    assert run(tmp_path / "x.bin", True) == 2
    assert run(tmp_path, True) == 2
    assert "not UTF-8" in capsys.readouterr().err
