"""What CI jobs write about a change in their own words."""

import pytest

from bot.domain.change import ChangeKind, ChangeStatus
from bot.domain.change_words import LONGEST, kind_of, link, one_line, words_of

SHA = "9fceb02d0ae598e95dc970b74767f19372d61af8"


def test_version_commit_image_and_author_are_found_by_their_usual_names():
    said = words_of({"version": "r142", "git_sha": SHA, "image": "lms:r142", "user": "kenji"})
    assert (said.after, said.author) == ("r142", "kenji")
    assert said.refs == ("r142", SHA, "lms:r142")


@pytest.mark.parametrize("name", ["commitSha", "commit-sha", "Commit SHA", "COMMIT_SHA"])
def test_one_name_in_several_spellings_is_one_name(name):
    assert words_of({name: SHA}).refs == (SHA,)


def test_without_a_version_the_commit_is_what_was_put_in_place():
    said = words_of({"commit": SHA})
    assert (said.after, said.refs) == (SHA[:12], (SHA,))


def test_numbers_are_versions_and_nested_things_are_none():
    assert words_of({"version": 142}).after == "142"
    assert words_of({"version": {"id": 142}, "user": True, "env": None}) == words_of({})


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("success", ChangeStatus.DONE),
        ("In Progress", ChangeStatus.RUNNING),
        ("FAILURE", ChangeStatus.FAILED),
        ("purple", ChangeStatus.UNKNOWN),
    ],
)
def test_how_it_ended_is_read_from_the_usual_words(said, status):
    assert words_of({"result": said}).status is status


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Deployed lms r142", ChangeKind.DEPLOY),
        ("Merged #1842 to main", ChangeKind.DEPLOY),
        ("Release 12 with a migration and a flag", ChangeKind.DEPLOY),
        ("Feature flag session_blob_v2 switched on", ChangeKind.FLAG),
        ("Ran migrations of the LMS", ChangeKind.MIGRATION),
        ("Database settings changed", ChangeKind.CONFIG),
        ("terraform apply in production", ChangeKind.INFRA),
        ("Scaled lms-web to 60", ChangeKind.SCALE),
        ("Purged the CDN", ChangeKind.PURGE),
        ("Restarted the workers", ChangeKind.RESTART),
        ("Firewall rule body-size blocks", ChangeKind.WAF),
    ],
)
def test_the_kind_is_a_deploy_unless_the_words_speak_of_something_else(text, kind):
    assert kind_of(text) is kind


def test_a_text_is_one_line_of_bounded_length():
    assert one_line("a\n  b\tc") == "a b c"
    assert len(one_line("x" * 5000)) == LONGEST
    assert one_line(None) == ""


def test_only_what_can_be_shown_as_a_link_is_one():
    assert link("https://ci.example/1") == "https://ci.example/1"
    assert [link(bad) for bad in ("javascript:x", "https://a|b", "https://a>b", None, 7)] == [
        ""
    ] * 5
