"""Tells the bot what happened: Events API deliveries with Slack's three retries."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.slack.deliveries import Parcel, send
from sandbox.slack.ids import new_id
from sandbox.slack.scopes import kind, workspace_grant
from sandbox.slack.state import APP, BOT_USER, TEAM, Channel, OwedEvent

if TYPE_CHECKING:
    from sandbox.core.delivery import Answer
    from sandbox.core.simulation import Simulation

# At once, after a minute, after five: https://docs.slack.dev/apis/events-api#retries
RETRIES = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
_TYPES = {"public": "channel", "private": "group", "im": "im"}
_SUBSCRIBED = {"public": "message.channels", "private": "message.groups", "im": "message.im"}


def tell(sim: Simulation, event: dict[str, Any], *, channel: Channel | None = None) -> None:
    """Deliver an event, if the app subscribed to it and the bot can see where it happened."""
    if channel is not None and BOT_USER not in channel.members:
        return
    if event["type"] == "message" and channel is not None:
        conversation = kind(channel)
        event = {**event, "channel_type": _TYPES[conversation]}
        subscription = _SUBSCRIBED[conversation]
    else:
        subscription = event["type"]
    if not workspace_grant(sim).hears(subscription):
        return
    event_id = new_id(sim, "Ev")
    owed = OwedEvent(event_id=event_id, body=_envelope(sim, event, event_id, channel))
    sim.slack.owed[event_id] = owed
    sim.spawn(_deliver(sim, owed), f"slack event {event['type']}")


def resume(sim: Simulation) -> None:
    """Arm the retries that an earlier run still owed."""
    for owed in sim.slack.owed.values():
        _arm(sim, owed, datetime.fromtimestamp(owed.due, UTC))


def _envelope(
    sim: Simulation, event: dict[str, Any], event_id: str, channel: Channel | None
) -> dict[str, Any]:
    stamped = {"event_ts": event.get("ts") or sim.slack.new_ts(sim.clock.now()), **event}
    return {
        "token": "demo-verification-token",
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": stamped,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(float(stamped["event_ts"])),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.is_shared),
        "event_context": f"4-{event_id}",
    }


async def _deliver(sim: Simulation, owed: OwedEvent) -> None:
    if owed.event_id not in sim.slack.owed:
        return  # a reset came between: that world is gone
    headers = {"content-type": "application/json"}
    if owed.retry:
        headers |= {"x-slack-retry-num": str(owed.retry), "x-slack-retry-reason": owed.reason}
    parcel = Parcel(
        name=f"event.{owed.body['event']['type']}",
        body=json.dumps(owed.body).encode(),
        headers=headers,
        shown={**owed.body, "retry": owed.retry},
        key=owed.event_id,
    )
    answer = await send(sim, parcel)
    reason = _refused(answer)
    if owed.event_id not in sim.slack.owed:
        return
    if reason is None or owed.retry >= len(RETRIES) or _told_to_stop(answer):
        sim.slack.owed.pop(owed.event_id, None)
        return
    wait = RETRIES[owed.retry]
    owed.retry += 1
    owed.reason = reason
    _arm(sim, owed, sim.clock.now() + wait)


def _arm(sim: Simulation, owed: OwedEvent, when: datetime) -> None:
    owed.due = when.timestamp()
    sim.clock.call_at(when, lambda: sim.spawn(_deliver(sim, owed), "slack event retry"))


def _refused(answer: Answer) -> str | None:
    match answer:
        case _ if answer.error == "timeout":
            return "http_timeout"
        case _ if answer.status is None:
            return "connection_failed"
        case _ if 200 <= answer.status < 300:
            return None
        case _:
            return "http_error"


def _told_to_stop(answer: Answer) -> bool:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return headers.get("x-slack-no-retry") == "1"
