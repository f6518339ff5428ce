"""Machine text and human edits in one file."""

from bot.integrations.marked_regions import index_with, merged, regions

DRAFT = """---
id: i0demo
status: draft
tags: []
---
# LMS error rate

<!-- tocsin:begin summary -->
It began at 14:00.
<!-- tocsin:end summary -->

## What was hard

_Write here._

<!-- tocsin:begin timeline -->
- 14:00 a page
<!-- tocsin:end timeline -->
"""
NEWER = DRAFT.replace("It began at 14:00.", "It began at 13:58.").replace("a page", "two pages")


def test_a_new_file_is_the_draft():
    assert merged("", DRAFT) == DRAFT


def test_the_same_draft_again_changes_nothing():
    assert merged(DRAFT, DRAFT, base=DRAFT) == DRAFT


def test_regions_are_replaced_and_everything_else_is_kept():
    edited = DRAFT.replace("_Write here._", "Nobody could read the logs.")
    text = merged(edited, NEWER, base=DRAFT)
    assert "It began at 13:58." in text
    assert "two pages" in text
    assert "Nobody could read the logs." in text
    assert "_Write here._" not in text


def test_what_was_written_inside_a_region_is_replaced():
    edited = DRAFT.replace("- 14:00 a page", "- 14:00 a page\n- 14:01 my line")
    assert "my line" not in merged(edited, DRAFT, base=DRAFT)


def test_a_region_that_is_new_comes_at_the_end():
    extra = DRAFT + "\n<!-- tocsin:begin proof -->\n11.4% → 0.2%\n<!-- tocsin:end proof -->\n"
    text = merged(DRAFT, extra, base=DRAFT)
    assert regions(text)["proof"] == "11.4% → 0.2%"
    assert text.index("proof") > text.index("timeline")


def test_a_file_without_marks_belongs_to_its_authors():
    assert merged("# Ours, thank you\n", DRAFT) == "# Ours, thank you\n"


def test_an_unclosed_mark_is_no_region():
    assert regions("<!-- tocsin:begin summary -->\nlost") == {}


def test_front_matter_that_a_person_changed_is_kept_and_the_rest_is_renewed():
    edited = DRAFT.replace("status: draft", "status: reviewed").replace(
        "tags: []", "tags:\n  - database\nreviewer: ana"
    )
    newer = NEWER.replace("id: i0demo", "id: i0demo\nttr_s: 1200")
    text = merged(edited, newer, base=DRAFT)
    front = text.split("---\n")[1]
    assert front == (
        "id: i0demo\nttr_s: 1200\nstatus: reviewed\ntags:\n  - database\nreviewer: ana\n"
    )


def test_front_matter_that_nobody_changed_follows_the_draft():
    newer = NEWER.replace("status: draft", "status: review")
    assert "status: review\n" in merged(DRAFT, newer, base=DRAFT)


def test_an_index_gets_one_line_for_each_file_newest_first():
    first = index_with("", "- 2026-03-09 [One](2026/i1-one.md)", "postmortems/2026/i1-one.md")
    both = index_with(first, "- 2026-03-10 [Two](2026/i2-two.md)", "postmortems/2026/i2-two.md")
    again = index_with(both, "- 2026-03-10 [Three](2026/i2-two.md)", "postmortems/2026/i2-two.md")
    assert regions(again)["index"].splitlines() == [
        "- 2026-03-10 [Three](2026/i2-two.md)",
        "- 2026-03-09 [One](2026/i1-one.md)",
    ]


def test_what_people_wrote_around_the_index_is_kept():
    text = index_with("# Read me\n\nHello.\n", "- a", "postmortems/2026/a.md")
    assert text.startswith("# Read me\n\nHello.\n")
