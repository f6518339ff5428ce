"""Chat mark-up becomes HTML, and nothing that somebody typed becomes more than text."""

from datetime import UTC, datetime

import pytest

from sandbox.ui.render.emoji import emoji
from sandbox.ui.render.markdown import front_matter, markdown
from sandbox.ui.render.mrkdwn import mrkdwn, plain
from sandbox.ui.render.names import Names
from sandbox.ui.render.richtext import rich_text

NAMES = Names(
    people={"U01ANA": "Ana Lima"},
    channels={"C0LMS": "lms-oncall"},
    me="U01ANA",
    now=datetime(2026, 3, 10, 15, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("*bold*", "<strong>bold</strong>"),
        ("_slanted_", "<em>slanted</em>"),
        ("~gone~", "<s>gone</s>"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("`a < b`", "<code>a &lt; b</code>"),
        ("```one\ntwo```", "<pre><code>one\ntwo</code></pre>"),
        ("a\nb", "a<br>b"),
        ("&gt; quoted", "<blockquote>quoted</blockquote>"),
        ("a &amp; b &lt;c&gt;", "a &amp; b &lt;c&gt;"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("`*not bold*`", "<code>*not bold*</code>"),
        ("at 14:05:06", "at 14:05:06"),
    ],
)
def test_marks_are_drawn(typed: str, shown: str) -> None:
    assert mrkdwn(typed, NAMES) == shown


def test_a_person_is_named_and_the_reader_is_marked() -> None:
    assert mrkdwn("<@U01ANA>", NAMES) == '<span class="mention mine">@Ana Lima</span>'


def test_a_channel_is_a_link_into_the_demo_world() -> None:
    assert 'data-channel-link="C0LMS">#lms-oncall</a>' in mrkdwn("<#C0LMS>", NAMES)


def test_a_link_shows_its_label_and_is_known_to_lead_outside() -> None:
    shown = mrkdwn("<https://example.org/?a=1&amp;b=2|the page>", NAMES)
    assert 'href="https://example.org/?a=1&amp;b=2"' in shown
    assert "data-outside>the page</a>" in shown


def test_a_link_to_this_machine_does_not_lead_outside() -> None:
    assert "data-outside" not in mrkdwn("<http://127.0.0.1:8400/x|here>", NAMES)


def test_a_bare_address_becomes_a_link_without_its_full_stop() -> None:
    assert mrkdwn("see http://127.0.0.1/x.", NAMES).endswith(">http://127.0.0.1/x</a>.")


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "<javascript:alert(1)|press me>",
        "<JaVaScRiPt:alert(1)>",
        "<data:text/html,<script>|x>",
        "<vbscript:x|y>",
        "<img src=x onerror=alert(1)>",
        '<https://x.y/" onmouseover="alert(1)|x>',
        "`<b onclick=x>`",
        "```<iframe>```",
        "*<svg onload=x>*",
        "<!date^1^{date}|<script>x</script>>",
        "<@<script>>",
        "\ue0000\ue001",
    ],
)
def test_no_tag_script_or_handler_survives(typed: str) -> None:
    shown = mrkdwn(typed, NAMES)
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<svg" not in shown
    assert "<iframe" not in shown
    assert "<b " not in shown
    assert 'href="javascript' not in shown.lower()
    assert '" onmouseover="' not in shown


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        ("<!date^1773150000^{time}|x>", "13:40"),
        ("<!date^1773150000^{date_short_pretty} at {time}|x>", "today at 13:40"),
        ("<!date^1773150000^{ago}|x>", "1 h 20 min ago"),
        ("<!date^1773064800^{date_pretty}|x>", "yesterday"),
        ("<!date^1773150000^{unheard_of}|the fallback>", "the fallback"),
        ("<!date^soon^{time}|the fallback>", "the fallback"),
    ],
)
def test_dates_are_filled_in(token: str, shown: str) -> None:
    assert f">{shown}<" in f">{mrkdwn(token, NAMES).striptags()}<"


def test_a_plain_text_object_knows_emoji_and_nothing_else() -> None:
    shown = plain("*:warning:* <b>")
    assert shown.startswith("*<span")
    assert "⚠️" in shown
    assert shown.endswith("* &lt;b&gt;")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("pushpin", "📌"), ("star", "⭐"), ("rotating_light", "🚨"), ("book", "📖"), ("fire", "🔥")],
)
def test_emoji_have_their_pictures(name: str, shown: str) -> None:
    assert emoji(name) == shown


@pytest.mark.parametrize("name", ["no_such_thing", "digit_one", "latin_small_letter_a", ""])
def test_what_is_no_emoji_stays_a_word(name: str) -> None:
    assert emoji(name) is None


def test_rich_text_draws_styles_lists_and_people() -> None:
    section = {
        "type": "rich_text_section",
        "elements": [
            {"type": "text", "text": "<b>", "style": {"bold": True, "code": True}},
            {"type": "user", "user_id": "U01ANA"},
            {"type": "link", "url": "javascript:alert(1)", "text": "press"},
        ],
    }
    items = {"type": "rich_text_list", "style": "ordered", "elements": [section]}
    shown = rich_text([section, items], NAMES)
    assert "<strong><code>&lt;b&gt;</code></strong>" in shown
    assert "@Ana Lima" in shown
    assert "javascript" not in shown
    assert "<ol" in shown


def test_markdown_keeps_raw_html_and_remote_pictures_out() -> None:
    shown = markdown(
        "# Title\n<script>x</script>\n![a chart](https://x.y/z.png)\n[go](javascript:x)"
    )
    assert "<h1>Title</h1>" in shown
    assert "<script" not in shown
    assert "<img" not in shown
    assert "a chart" in shown
    assert 'href="javascript' not in shown


def test_front_matter_is_shown_apart_from_the_document() -> None:
    head, body = front_matter("---\nid: INC-1\n---\n# What happened\n")
    assert head == "id: INC-1"
    assert body == "<h1>What happened</h1>\n"


def test_a_picture_beside_the_document_is_shown_and_one_from_elsewhere_is_not() -> None:
    text = "![the curve](a.png) ![tracker](https://elsewhere.example/p.png)"
    shown = markdown(text, {"a.png": "data:image/png;base64,AAAA"})
    assert '<img src="data:image/png;base64,AAAA" alt="the curve">' in shown
    assert "elsewhere.example" not in shown
    assert "tracker" in shown
