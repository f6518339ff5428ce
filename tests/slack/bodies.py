"""Requests in the shapes that Slack documents, as small as they can be."""

from __future__ import annotations

from typing import Any

from tests.doubles.people import TEAM

Body = dict[str, Any]


def command(text: str, *, user: str = "U01ANA", channel: str = "C0GENERAL", **more: Any) -> Body:
    return {
        "command": "/incident",
        "text": text,
        "user_id": user,
        "team_id": TEAM,
        "channel_id": channel,
        "trigger_id": "T1",
        **more,
    }


def press(action: Body, *, user: str = "U01ANA", channel: str = "", **more: Any) -> Body:
    return {
        "type": "block_actions",
        "user": {"id": user, "team_id": TEAM},
        "channel": {"id": channel} if channel else None,
        "container": {"message_ts": "1.0"},
        "trigger_id": "T1",
        "actions": [{"action_ts": "9.9", **action}],
        **more,
    }


def submission(name: str, carries: str, values: Body, *, user: str = "U01ANA") -> Body:
    view = {
        "id": "V1",
        "hash": "h",
        "callback_id": name,
        "private_metadata": carries,
        "state": {"values": values},
    }
    return {"type": "view_submission", "user": {"id": user, "team_id": TEAM}, "view": view}


def event(kind: str, *, user: str = "", channel: str = "", **more: Any) -> Body:
    inner = {"type": kind, "channel": channel, **({"user": user} if user else {}), **more}
    return {"type": "event_callback", "team_id": TEAM, "event_id": "Ev1", "event": inner}
