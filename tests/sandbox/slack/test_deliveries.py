"""Deliveries are signed, retried and given up the way Slack does it."""

import asyncio

from starlette.responses import Response


def failing(times: int, **headers: str):
    left = iter([500] * times)

    def reply(said: object) -> Response:
        return Response(status_code=next(left, 200), headers=headers)

    return reply


def tries(demo) -> list[tuple[str | None, str | None]]:
    names = ("x-slack-retry-num", "x-slack-retry-reason")
    return [(h.get(names[0]), h.get(names[1])) for h in demo.bot.headers]


def test_every_delivery_carries_a_signature_that_holds(demo):
    demo.act("message", as_="ana", channel="incidents", text="hi")
    demo.act("command", as_="ana", channel="incidents", text="/incident list")
    demo.settle()
    assert len(demo.bot.heard) == 2
    assert demo.bot.forged == 0


def test_an_event_is_tried_three_times_more(demo):
    demo.bot.replies["event.message"] = failing(9)
    demo.act("message", as_="ana", channel="incidents", text="hi")
    demo.settle()
    demo.move(0.1)
    demo.move(61)
    demo.move(301)
    demo.move(3600)
    assert tries(demo) == [
        (None, None),
        ("1", "http_error"),
        ("2", "http_error"),
        ("3", "http_error"),
    ]
    assert len({each["event_id"] for each in demo.bot.heard}) == 1
    assert demo.sim.slack.owed == {}


def test_an_event_that_is_accepted_is_not_sent_again(demo):
    demo.bot.replies["event.message"] = failing(1)
    demo.act("message", as_="ana", channel="incidents", text="hi")
    demo.settle()
    demo.move(600)
    assert tries(demo) == [(None, None), ("1", "http_error")]


def test_the_bot_may_wave_off_retries(demo):
    demo.bot.replies["event.message"] = failing(9, **{"x-slack-no-retry": "1"})
    demo.act("message", as_="ana", channel="incidents", text="hi")
    demo.settle()
    demo.move(600)
    assert tries(demo) == [(None, None)]


def test_a_command_that_takes_over_three_seconds_times_out(demo):
    async def slow(said: object) -> None:
        await asyncio.sleep(3.3)

    demo.bot.replies["command"] = slow
    answer = demo.act("command", as_="ana", channel="incidents", text="/incident x")
    assert answer["error"] == "operation_timeout"
    assert 2900 <= answer["ms"] < 3300
    assert "operation_timeout" in demo.sim.slack.ephemerals[0].text


def response_url(demo) -> str:
    demo.act("command", as_="ana", channel="incidents", text="/incident x")
    return str(demo.bot.of("command")[-1]["response_url"])


def test_a_response_url_works_five_times(demo):
    url = response_url(demo)
    answers = [demo.http.post(url, json={"text": f"{n}"}).status_code for n in range(6)]
    assert answers == [200] * 5 + [404]
    assert [e.text for e in demo.sim.slack.ephemerals] == list("01234")


def test_a_response_url_ends_after_thirty_minutes(demo):
    url = response_url(demo)
    demo.move(31 * 60)
    answer = demo.http.post(url, json={"text": "late"})
    assert (answer.status_code, answer.json()["error"]) == (404, "expired_url")


def test_a_response_url_replaces_the_message_that_was_clicked(demo):
    text = {"type": "plain_text", "text": "Go"}
    row = {"type": "actions", "elements": [{"type": "button", "action_id": "go", "text": text}]}
    sent = demo.slack.chat_postMessage(channel="C0LMS", text="card", blocks=[row])
    demo.act("click", as_="ana", channel="lms-oncall", action_id="go")
    url = demo.bot.of("block_actions")[0]["response_url"]
    demo.http.post(url, json={"replace_original": True, "text": "done"})
    assert demo.sim.slack.channels["C0LMS"].messages[sent["ts"]].text == "done"


def test_an_ephemeral_is_replaced_and_removed_through_its_own_url(demo):
    text = {"type": "plain_text", "text": "Go"}
    row = {"type": "actions", "elements": [{"type": "button", "action_id": "go", "text": text}]}
    demo.slack.chat_postEphemeral(channel="C0LMS", user="U01ANA", text="psst", blocks=[row])
    demo.act("click", as_="ana", channel="lms-oncall", action_id="go")
    heard = demo.bot.of("block_actions")[0]
    assert heard["container"]["is_ephemeral"] is True
    assert "message" not in heard
    demo.http.post(heard["response_url"], json={"replace_original": True, "text": "new"})
    assert [e.text for e in demo.sim.slack.ephemerals] == ["new"]
    demo.http.post(heard["response_url"], json={"delete_original": True})
    assert demo.sim.slack.ephemerals == []


def test_another_persons_ephemeral_cannot_be_clicked(demo):
    text = {"type": "plain_text", "text": "Go"}
    row = {"type": "actions", "elements": [{"type": "button", "action_id": "go", "text": text}]}
    demo.slack.chat_postEphemeral(channel="C0LMS", user="U01ANA", text="psst", blocks=[row])
    answer = demo.act("click", as_="ben", channel="lms-oncall", action_id="go")
    assert answer["error"] == "element_not_found"
