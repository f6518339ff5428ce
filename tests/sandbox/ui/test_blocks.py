"""Every block and element that a bot may send is drawn, with its ids and nothing unescaped."""

from html.parser import HTMLParser
from typing import Any

import pytest

from sandbox.ui.render.names import Names
from sandbox.ui.render.pages import draw
from sandbox.ui.render.place import Place

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
VOID = {"input", "img", "br", "hr", "rect", "path", "polyline", "line", "circle", "polygon"}


def words(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(text: str, value: str) -> dict[str, Any]:
    return {"text": words(text), "value": value}


def place(**more: Any) -> Place:
    names = Names(people={"U1": "Ana"}, channels={"C1": "general"})
    return Place(names=names, id="1.0", **more)


def drawn(*blocks: dict[str, Any], **more: Any) -> str:
    return str(draw(blocks, place(**more)))


def element(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "action_id": "act", **more}


class Tags(HTMLParser):
    """Collects start tags, and complains about what does not close."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


ELEMENTS = [
    element("button", text=words("Go"), value="v"),
    element("overflow", options=[option("One", "1")]),
    element("static_select", placeholder=words("Pick"), options=[option("One", "1")]),
    element(
        "static_select", option_groups=[{"label": words("G"), "options": [option("One", "1")]}]
    ),
    element("multi_static_select", placeholder=words("Pick"), options=[option("One", "1")]),
    element("external_select", placeholder=words("Search"), min_query_length=0),
    element("users_select"),
    element("conversations_select"),
    element("channels_select"),
    element("multi_users_select"),
    element("multi_conversations_select"),
    element("checkboxes", options=[option("One", "1")]),
    element("radio_buttons", options=[option("One", "1")]),
    element("datepicker", initial_date="2026-03-10"),
    element("timepicker", initial_time="14:05"),
    element("datetimepicker", initial_date_time=1773151500),
]
INPUTS = [
    element("plain_text_input", placeholder=words("Type"), max_length=150),
    element("plain_text_input", multiline=True, initial_value="so far"),
    element("number_input", is_decimal_allowed=True),
    element("email_text_input"),
    element("url_text_input"),
    element("rich_text_input"),
]


@pytest.mark.parametrize("given", ELEMENTS, ids=lambda e: e["type"])
def test_every_interactive_element_carries_its_ids(given: dict[str, Any]) -> None:
    shown = drawn({"type": "actions", "block_id": "blk", "elements": [given]})
    tags = Tags(shown)
    assert not tags.open
    found = [a for _, a in tags.found if a.get("data-action") == "act"]
    assert found
    assert found[0]["data-block"] == "blk"
    assert found[0]["data-type"] == given["type"]


@pytest.mark.parametrize("given", [*INPUTS, *ELEMENTS[2:]], ids=lambda e: e["type"])
def test_every_input_has_a_label_and_a_place_for_its_error(given: dict[str, Any]) -> None:
    block = {"type": "input", "block_id": "b", "label": words("The label"), "element": given}
    shown = drawn(block, form=True, errors={"b": "That is wrong."})
    assert not Tags(shown).open
    assert "The label" in shown
    assert 'role="alert" data-error>That is wrong.</small>' in shown
    target = place(form=True).dom_id("b", "act")
    assert f'for="{target}"' in shown or f'aria-labelledby="{target}-label"' in shown
    assert f'id="{target}"' in shown


@pytest.mark.parametrize(
    ("block", "seen"),
    [
        ({"type": "section", "text": {"type": "mrkdwn", "text": "*x*"}}, "<strong>x</strong>"),
        ({"type": "section", "fields": [words("one"), words("two")]}, 'class="fields"'),
        ({"type": "section", "text": words("x"), "accessory": ELEMENTS[0]}, 'class="accessory"'),
        ({"type": "header", "text": words("Title")}, "Title</h3>"),
        ({"type": "divider"}, "<hr"),
        ({"type": "context", "elements": [words("small")]}, "small"),
        ({"type": "markdown", "text": "**x**"}, "<strong>x</strong>"),
        ({"type": "alert", "text": words("Careful"), "level": "warning"}, "alert warning"),
        ({"type": "table", "rows": [[{"type": "raw_text", "text": "cell"}]]}, "<td>cell</td>"),
        ({"type": "carousel"}, "carousel” is not shown"),
        (
            {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]},
            "rich",
        ),
    ],
    ids=lambda found: found["type"] if isinstance(found, dict) else "",
)
def test_every_block_is_drawn(block: dict[str, Any], seen: str) -> None:
    shown = drawn(block)
    assert not Tags(shown).open
    assert seen in shown


def test_buttons_show_their_style_and_accessible_name() -> None:
    shown = drawn(
        {
            "type": "actions",
            "elements": [
                element("button", text=words("Go"), style="primary"),
                element(
                    "button", text=words("Undo"), style="danger", accessibility_label="Undo r142"
                ),
                element("button", text=words("Odd"), style='x" onclick="y'),
            ],
        }
    )
    assert 'class="btn primary"' in shown
    assert 'aria-label="Undo r142"' in shown
    assert "onclick" not in shown


def test_a_confirm_dialog_travels_with_its_button() -> None:
    question = {"title": words("Sure?"), "text": {"type": "mrkdwn", "text": "*lms* to r141"}}
    shown = drawn(
        {"type": "actions", "elements": [element("button", text=words("Go"), confirm=question)]}
    )
    [asked] = [a["data-confirm"] for _, a in Tags(shown).found if "data-confirm" in a]
    assert asked is not None
    assert '"title": "Sure?"' in asked
    assert "<strong>lms</strong> to r141" in asked


def test_what_was_chosen_stands_before_what_it_began_with() -> None:
    select = element(
        "static_select",
        options=[option("One", "1"), option("Two", "2")],
        initial_option=option("One", "1"),
    )
    block = {"type": "actions", "block_id": "b", "elements": [select]}
    assert '<option value="1" selected>One' in drawn(block)
    values = {"b": {"act": {"type": "static_select", "selected_option": option("Two", "2")}}}
    chosen = drawn(block, values=values)
    assert '<option value="2" selected>Two' in chosen
    assert '<option value="1">One' in chosen


def test_a_datetime_is_shown_in_utc() -> None:
    shown = drawn({"type": "actions", "elements": [ELEMENTS[-1]]})
    assert 'value="2026-03-10T14:05"' in shown


def test_pictures_from_elsewhere_are_described_and_not_loaded() -> None:
    shown = drawn({"type": "image", "image_url": "https://x.y/z.png", "alt_text": "a chart"})
    assert "<img" not in shown
    assert "a chart" in shown


def test_a_picture_of_this_machine_is_shown() -> None:
    url = "http://127.0.0.1:8400/slack/files/F1"
    shown = drawn({"type": "image", "image_url": url, "alt_text": "a chart"})
    assert f'src="{url}"' in shown


def test_a_button_with_a_dangerous_address_is_only_a_button() -> None:
    bad = element("button", text=words("Go"), url="javascript:alert(1)")
    shown = drawn({"type": "actions", "elements": [bad]})
    assert "<button" in shown
    assert "javascript" not in shown


def evil(given: Any) -> Any:
    """The same thing with every text in it replaced by an attack."""
    if isinstance(given, dict):
        kept = {"type", "action_id", "block_id", "style", "element", "level"}
        return {
            key: each if key in kept and not isinstance(each, dict) else evil(each)
            for key, each in given.items()
        }
    if isinstance(given, list):
        return [evil(each) for each in given]
    return EVIL if isinstance(given, str) else given


@pytest.mark.parametrize("given", [*ELEMENTS, *INPUTS], ids=lambda e: e["type"])
def test_no_element_lets_a_tag_through(given: dict[str, Any]) -> None:
    block = {"type": "input", "label": words("x"), "hint": words("y"), "element": given}
    attacked = evil(block)
    attacked["element"]["confirm"] = {"title": words(EVIL), "text": words(EVIL)}
    tags = Tags(drawn(attacked, form=True, errors={"b0": EVIL}))
    assert not tags.open
    assert {"script", "img"}.isdisjoint(tag for tag, _ in tags.found)
    assert not [a for _, a in tags.found if any(name.startswith("on") for name in a)]


def test_ids_are_unique_on_the_page_even_when_the_bot_repeats_them() -> None:
    twice = {"type": "actions", "elements": [ELEMENTS[2]]}
    shown = drawn({**twice, "block_id": "a"}, {**twice, "block_id": "b"})
    ids = [a["id"] for _, a in Tags(shown).found if "id" in a]
    assert len(ids) == len(set(ids)) == 2


def test_the_largest_message_is_drawn_whole() -> None:
    blocks = [{"type": "section", "text": words(f"{n} " + "x" * 2990)} for n in range(50)]
    shown = drawn(*blocks)
    assert shown.count('class="b section"') == 50


def test_a_select_with_a_hundred_options_offers_them_all() -> None:
    many = element("static_select", options=[option(f"Option {n}", str(n)) for n in range(100)])
    assert drawn({"type": "actions", "elements": [many]}).count("<option") == 101
