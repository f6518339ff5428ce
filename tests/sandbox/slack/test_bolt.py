"""A real Bolt app lives in the played workspace without knowing the difference."""

from typing import Any

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FORM = {
    "type": "modal",
    "callback_id": "declare",
    "title": {"type": "plain_text", "text": "Declare"},
    "submit": {"type": "plain_text", "text": "Declare"},
    "blocks": [
        {
            "type": "input",
            "block_id": "what",
            "label": {"type": "plain_text", "text": "What is wrong"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}
CARD = [
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "ack",
                "text": {"type": "plain_text", "text": "Acknowledge"},
            }
        ],
    }
]


def bolt(port: int) -> Starlette:
    client = AsyncWebClient(token="xoxb-demo", base_url=f"http://127.0.0.1:{port}/slack/api/")
    app = AsyncApp(client=client, signing_secret="demo-signing-secret")

    @app.command("/incident")
    async def declare(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.view("declare")
    async def declared(ack: Any, view: Any, client: Any) -> None:
        await ack()
        made = await client.conversations_create(name="inc-1")
        text = view["state"]["values"]["what"]["text"]["value"]
        await client.chat_postMessage(channel=made["channel"]["id"], text=text, blocks=CARD)

    @app.action("ack")
    async def acknowledged(ack: Any, respond: Any, body: Any) -> None:
        await ack()
        await respond(text=f"Acknowledged by {body['user']['name']}", replace_original=True)

    @app.event("reaction_added")
    async def pinned(event: Any, client: Any) -> None:
        item = event["item"]
        await client.chat_postMessage(channel=item["channel"], text="Noted", thread_ts=item["ts"])

    @app.event("message")
    async def ignored() -> None:
        pass

    @app.event("member_joined_channel")
    async def welcomed() -> None:
        pass

    handler = AsyncSlackRequestHandler(app)

    async def receive(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])


def test_an_incident_is_declared_acknowledged_and_noted_by_a_bolt_app(start):
    demo = start(bot_app=bolt)
    assert demo.act("command", as_="ana", channel="incidents", text="/incident")["ok"]
    demo.settle()
    assert demo.act("submit", as_="ana", values={"What is wrong": "LMS is slow"})["ok"]
    demo.settle()
    channel = demo.sim.slack.channel("inc-1")
    card = demo.last(channel.id)
    assert card.text == "LMS is slow"
    assert demo.act("click", as_="ben", channel="inc-1", text="Acknowledge")["ok"]
    demo.settle()
    assert channel.messages[card.ts].text == "Acknowledged by ben"
    demo.act("react", as_="ben", channel="inc-1", ts=card.ts, name="pushpin")
    demo.settle()
    assert [m.text for m in channel.thread(card.ts)] == ["Noted"]
    assert demo.sim.slack.owed == {}


def test_a_forged_signature_is_turned_away_by_bolt(start):
    demo = start(bot_app=bolt)
    rule = {"service": "slack", "match": "command", "when": {"times": 1}, "do": "bad_signature"}
    demo.http.post("/_sandbox/faults", json={"rule": rule})
    answer = demo.act("command", as_="ana", channel="incidents", text="/incident")
    assert (answer["status"], answer["error"]) == (401, "dispatch_failed")
