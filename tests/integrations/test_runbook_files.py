"""Reading Markdown nobody prepared for a bot."""

from __future__ import annotations

from pathlib import Path

from bot.integrations.runbook_files import parse_runbook, read_runbooks, slug
from bot.integrations.runbook_library import RunbookLibrary

RUNBOOKS = Path(__file__).parent.parent / "fixtures" / "runbooks"


def test_paths_are_relative_to_the_directory_that_was_given():
    paths = {book.path for book in read_runbooks([RUNBOOKS])}
    assert "services/LmsHigh5xx.md" in paths


def test_several_directories_are_read_together():
    found = read_runbooks([RUNBOOKS / "services", RUNBOOKS / "platform"])
    assert {"LmsHigh5xx.md", "database.md"} <= {book.path for book in found}


def test_broken_front_matter_keeps_the_body_and_names_the_problem():
    book = next(b for b in read_runbooks([RUNBOOKS]) if b.path.endswith("broken-front-matter.md"))
    assert book.title == "Cache warm-up after a restart"
    assert "not valid YAML" in book.problem


def test_a_file_without_front_matter_takes_title_and_alert_from_its_heading():
    book = parse_runbook("x/disk.md", "# NodeDiskFull\n\ntext\n")
    assert (book.title, book.alerts) == ("NodeDiskFull", ("NodeDiskFull",))


def test_a_heading_inside_a_code_block_is_no_section():
    book = parse_runbook("a.md", "# A\n```\n# not a heading\n```\n## B\n")
    assert [one.title for one in book.sections] == ["A", "B"]


def test_equal_headings_get_different_anchors():
    book = parse_runbook("a.md", "## Fix\n## Fix\n")
    assert [one.anchor for one in book.sections] == ["fix", "fix-1"]


def test_anchors_are_those_of_the_code_host():
    assert slug("Roll back: r142 & then?") == "roll-back-r142--then"


def test_hidden_directories_are_left_out(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.md").write_text("# X")
    (tmp_path / "a.md").write_text("# A")
    assert [book.path for book in read_runbooks([tmp_path])] == ["a.md"]


def test_bytes_that_are_no_utf8_do_not_stop_the_reading(tmp_path):
    (tmp_path / "a.md").write_bytes(b"# Caf\xe9 down\n")
    assert read_runbooks([tmp_path])[0].title.startswith("Caf")


def test_a_library_lists_every_runbook_by_its_path(tmp_path):
    for name in ("b.md", "a.md"):
        (tmp_path / name).write_text(f"---\nowner: team-{name[0]}\n---\n# {name}\n")
    listed = RunbookLibrary([tmp_path]).all()
    assert [(each.path, each.front["owner"]) for each in listed] == [
        ("a.md", "team-a"),
        ("b.md", "team-b"),
    ]
