"""Templates that a team may rewrite."""

import pytest

from bot.domain.errors import VendorRejected
from bot.integrations.templates import JinjaTemplates


@pytest.fixture
def templates(tmp_path):
    (tmp_path / "note.md.j2").write_text(
        "# {{ title }}\n{% for each in rows %}\n- {{ each }}\n{% endfor %}\n"
    )
    (tmp_path / "broken.md.j2").write_text("fine\n{% if %}\n")
    return JinjaTemplates(tmp_path)


def test_markdown_is_not_escaped(templates):
    text = templates.render("note.md.j2", {"title": "a < b & 'c'", "rows": ["one", "two"]})
    assert text == "# a < b & 'c'\n- one\n- two\n"


def test_a_missing_value_is_an_error_that_names_it(templates):
    with pytest.raises(VendorRejected, match="'title' is undefined"):
        templates.render("note.md.j2", {"rows": []})


def test_a_missing_template_is_named(templates):
    with pytest.raises(VendorRejected, match=r"there is no other\.md\.j2"):
        templates.render("other.md.j2", {})


def test_a_broken_template_names_its_line(templates):
    with pytest.raises(VendorRejected, match="line 2") as error:
        templates.render("broken.md.j2", {})
    assert "broken.md.j2" in error.value.by_hand
