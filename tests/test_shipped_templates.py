"""Holds the shipped templates to what they promise, also when little is known."""

from pathlib import Path

import frontmatter
import pytest

from bot.checking.samples import sample
from bot.integrations.templates import JinjaTemplates

ROOT = Path(__file__).parent.parent
REGIONS = (
    "summary",
    "impact",
    "timeline",
    "detection",
    "factors",
    "trigger",
    "response",
    "recovery",
    "questions",
    "actions",
    "runbooks",
    "similar",
    "external",
)


def rendered(name: str, **changed: object) -> str:
    return JinjaTemplates(ROOT / "templates").render(name, {**sample(name), **changed})


def test_a_postmortem_has_front_matter_and_every_marked_region():
    text = rendered("postmortem.md.j2")
    front, content = frontmatter.parse(text)
    assert front["services"] == ["lms"]
    assert front["mitigated_at"] is None
    for region in REGIONS:
        assert content.count(f"<!-- tocsin:begin {region} -->") == 1
        assert content.count(f"<!-- tocsin:end {region} -->") == 1


def test_a_postmortem_about_which_nothing_is_known_still_renders():
    nothing = dict.fromkeys(sample("postmortem.md.j2"), "")
    text = rendered("postmortem.md.j2", **nothing | {"facts": {"title": "T"}})
    assert "_Nothing was recorded._" in text
    assert text.count("tocsin:begin") == len(REGIONS)


def test_every_line_of_a_postmortems_timeline_is_a_line():
    entries = [{"at": "14:05", "text": "One.", "link": "https://e.example"}]
    entries.append({"at": "14:06", "text": "Two.", "link": ""})
    text = rendered("postmortem.md.j2", timeline=entries)
    assert "- **14:05** One. ([evidence](https://e.example))\n- **14:06** Two.\n<!-- " in text


@pytest.mark.parametrize("status", ["investigating", "identified", "monitoring"])
def test_an_open_public_update_says_when_the_next_one_comes(status):
    paragraphs = rendered(f"statuspage/{status}.md.j2").strip().split("\n\n")
    assert paragraphs[-1] == "We will write again by 14:50 UTC."
    assert len(paragraphs) >= 2


@pytest.mark.parametrize("status", ["investigating", "identified", "monitoring", "resolved"])
def test_a_public_update_is_written_even_when_only_its_title_is_known(status):
    nothing = dict.fromkeys(sample(f"statuspage/{status}.md.j2"), "")
    text = rendered(f"statuspage/{status}.md.j2", **nothing | {"affected": []})
    assert len(text.strip()) > 60
    assert "  " not in text
    assert " ." not in text


def test_a_closing_public_update_promises_nothing_more():
    text = rendered("statuspage/resolved.md.j2")
    assert "next" not in text
    assert "14:05 UTC to 14:22 UTC" in text


def test_an_internal_update_answers_its_five_questions():
    text = rendered("internal-update.md.j2")
    for question in ("Impact", "Since the last update", "Doing now", "Risk", "Next update"):
        assert f"*{question}:*" in text


def test_a_follow_up_says_who_when_and_what_done_means():
    text = rendered("follow-up.md.j2")
    for answer in ("LMS on-call", "2026-04-09", "does not start"):
        assert answer in text
