"""The stream of changes: drawn for its reader, replayed after a gap, never somebody else's."""

import json
from collections.abc import Iterator
from typing import Any

from sandbox.core.changes import REPLAY

Event = tuple[str, dict[str, Any], str]


def listen(demo: Any, person: str = "ana", *, after: int, count: int) -> list[Event]:
    """The next `count` events other than those of the strip beside the chat."""
    found: list[Event] = []
    address = f"/ui/events?as={person}"
    headers = {"last-event-id": str(after)}
    with demo.http.stream("GET", address, headers=headers) as answer:
        for event in events(answer.iter_lines()):
            if event[0] != "rail":
                found.append(event)
            if len(found) >= count:
                break
    return found


def events(lines: Iterator[str]) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif "event" in fields:
            yield fields["event"], json.loads(fields["data"]), fields.get("id", "")
            fields = {}


def test_a_message_comes_drawn_with_its_push_text(demo: Any, bot: Any) -> None:
    start = demo.sim.changes.seq
    bot.says("SEV2 *LMS*: acknowledge?", blocks=[{"type": "divider"}])
    [(name, body, _)] = listen(demo, after=start, count=1)
    assert name == "message"
    assert "<hr" in body["html"]
    assert body["toast"]["from"] == "Tocsin"
    assert body["toast"]["text"] == "SEV2 LMS: acknowledge?"


def test_what_was_missed_is_replayed_in_order(demo: Any, bot: Any) -> None:
    start = demo.sim.changes.seq
    stamps = [bot.says(f"line {n}") for n in range(3)]
    replayed = listen(demo, after=start, count=3)
    assert [body["ts"] for _, body, _ in replayed] == stamps
    again = listen(demo, after=int(replayed[0][2]), count=2)
    assert [body["ts"] for _, body, _ in again] == stamps[1:]


def test_a_message_edited_in_a_burst_is_drawn_once_as_it_is_now(demo: Any, bot: Any) -> None:
    start = demo.sim.changes.seq
    ts = bot.says("first")
    for n in range(4):
        bot.call("chat.update", channel="C0LMS", ts=ts, text=f"edit {n}")
    bot.says("the end")
    found = listen(demo, after=start, count=2)
    assert found[0][1]["ts"] == ts
    assert found[0][1]["toast"]
    assert "edit 3" in found[0][1]["html"]
    assert "the end" in found[1][1]["html"]


def test_a_deleted_message_is_told_as_gone(demo: Any, bot: Any) -> None:
    ts = bot.says("oops")
    start = demo.sim.changes.seq
    bot.call("chat.delete", channel="C0LMS", ts=ts)
    [(name, body, _)] = listen(demo, after=start, count=1)
    assert (name, body["ts"]) == ("gone", ts)


def test_another_persons_ephemeral_is_never_drawn(demo: Any, bot: Any) -> None:
    start = demo.sim.changes.seq
    bot.call("chat.postEphemeral", channel="C0LMS", user="U01ANA", text="for Ana alone")
    bot.says("for everybody")
    told = json.dumps(listen(demo, "ben", after=start, count=2))
    assert "for Ana alone" not in told
    assert "for everybody" in told
    [(_, body, _)] = listen(demo, "ana", after=start, count=1)
    assert "for Ana alone" in body["html"]


def test_a_channel_that_one_cannot_see_stays_silent(demo: Any, bot: Any) -> None:
    start = demo.sim.changes.seq
    bot.says("for the staff")
    bot.call("chat.postMessage", channel="C0INCIDENTS", text="for all")
    [(_, body, _)] = listen(demo, "gus", after=start, count=1)
    assert "for all" in body["html"]


def test_a_gap_beyond_the_buffer_asks_for_a_fresh_page(demo: Any) -> None:
    for n in range(REPLAY + 5):
        demo.sim.changes.publish("nothing", {"n": n})
    [(name, _, _)] = listen(demo, after=0, count=1)
    assert name == "reload"


def test_a_reply_brings_its_parent_up_to_date(demo: Any, bot: Any) -> None:
    ts = bot.says("the card")
    start = demo.sim.changes.seq
    bot.says("the detail", thread_ts=ts)
    found = {body["ts"]: body for _, body, _ in listen(demo, after=start, count=2)}
    assert "1 reply" in found[ts]["html"]
    assert found[ts]["toast"] is None
