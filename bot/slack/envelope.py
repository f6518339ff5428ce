"""Takes Slack's envelopes apart: what kind of request it is, its key, and the Ask inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.actions import brought
from bot.slack.handling import Kind

Body = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One request of Slack's, before we know who asked. `name` is what a handler answers to."""

    kind: Kind
    name: str
    key: str
    user: str
    team: str
    body: Body
    channel: str = ""
    text: str = ""
    trigger: str = ""

    @property
    def subject(self) -> str:
        """What is handled in order: a person's own requests, and the events of a channel."""
        return self.channel if self.kind is Kind.EVENT and self.channel else self.user

    @property
    def incident(self) -> str:
        """The incident that the button or the form carries."""
        return brought(self.carried)[0]

    @property
    def value(self) -> str:
        return brought(self.carried)[1]

    @property
    def block(self) -> str:
        """The block of what was pressed: a checklist keeps in it what was ticked before."""
        return str(self.body["actions"][0].get("block_id", "")) if self._pressed else ""

    @property
    def label(self) -> str:
        """What the pressed button, or the chosen option, reads."""
        action = self.body["actions"][0] if self._pressed else {}
        shown = (action.get("selected_option") or {}).get("text") or action.get("text") or {}
        return str(shown.get("text", ""))

    @property
    def whispered(self) -> bool:
        """Pressed in a message that only this person sees."""
        return self._pressed and bool(self.body.get("container", {}).get("is_ephemeral"))

    @property
    def form(self) -> tuple[str, str]:
        """The open form that a button was pressed in, by id and name; empty anywhere else."""
        view = self.body.get("view") or {}
        if not self._pressed or view.get("type") != "modal":
            return "", ""
        return str(view["id"]), str(view.get("callback_id", ""))

    @property
    def _pressed(self) -> bool:
        return self.kind is Kind.BUTTON

    @property
    def carried(self) -> str:
        match self.kind:
            case Kind.BUTTON:
                return _carried_by(self.body["actions"][0])
            case Kind.FORM:
                return str(self.body["view"].get("private_metadata", ""))
            case _:
                return ""


def read(body: Body) -> Envelope:
    """Any request that the bot asked Slack for. KeyError where Slack's shape is not as documented."""
    if "command" in body:
        return _command(body)
    match body.get("type"):
        case "block_actions":
            return _press(body)
        case "view_submission":
            return _submission(body)
        case "shortcut" | "message_action":
            return _shortcut(body)
        case "event_callback":
            return _event(body)
    raise KeyError(f"type {body.get('type')!r}")


def _command(body: Body) -> Envelope:
    word, _, rest = str(body.get("text", "")).strip().partition(" ")
    return Envelope(
        kind=Kind.COMMAND,
        name=word.lower(),
        key=f"command:{body['trigger_id']}",
        user=body["user_id"],
        team=body.get("team_id", ""),
        channel=body.get("channel_id", ""),
        text=rest.strip(),
        trigger=body["trigger_id"],
        body=body,
    )


def _press(body: Body) -> Envelope:
    action = body["actions"][0]
    place = body.get("container", {})
    where = place.get("message_ts") or place.get("view_id", "")
    return Envelope(
        kind=Kind.BUTTON,
        name=str(action["action_id"]),
        key=f"press:{action['action_ts']}:{body['user']['id']}:{where}:{action['action_id']}",
        user=body["user"]["id"],
        team=body["user"].get("team_id", ""),
        channel=(body.get("channel") or {}).get("id", ""),
        trigger=body.get("trigger_id", ""),
        body=body,
    )


def _submission(body: Body) -> Envelope:
    view = body["view"]
    return Envelope(
        kind=Kind.FORM,
        name=str(view["callback_id"]),
        key=f"form:{view['id']}:{view.get('hash', '')}:{body['user']['id']}",
        user=body["user"]["id"],
        team=body["user"].get("team_id", ""),
        trigger=body.get("trigger_id", ""),
        body=body,
    )


def _shortcut(body: Body) -> Envelope:
    return Envelope(
        kind=Kind.SHORTCUT,
        name=str(body["callback_id"]),
        key=f"shortcut:{body.get('action_ts', body['trigger_id'])}:{body['user']['id']}",
        user=body["user"]["id"],
        team=body["user"].get("team_id", ""),
        channel=(body.get("channel") or {}).get("id", ""),
        trigger=body["trigger_id"],
        body=body,
    )


def _event(body: Body) -> Envelope:
    event = body["event"]
    item = event.get("item") or {}
    name = str(event["type"])
    if event.get("subtype"):
        name = f"{name}.{event['subtype']}"
    return Envelope(
        kind=Kind.EVENT,
        name=name,
        key=f"event:{body['event_id']}",
        user=_who(event),
        team=str(event.get("user_team") or ""),
        channel=str(event.get("channel") or item.get("channel", "")),
        text=str(event.get("text", "")),
        body=body,
    )


def _who(event: Body) -> str:
    """Of an edit or a deletion Slack names only the author, inside the message it was about."""
    inner = event.get("message") or event.get("previous_message") or {}
    return str(event.get("user") or inner.get("user", ""))


def chosen(body: Body) -> dict[str, str | tuple[str, ...]]:
    """A form's (or message's) answers by action id."""
    state = (body.get("view") or body).get("state") or {}
    return {
        action.split(":", 1)[0]: _answer(element)
        for block in (state.get("values") or {}).values()
        for action, element in block.items()
    }


def _answer(element: Mapping[str, Any]) -> str | tuple[str, ...]:
    if "selected_options" in element:
        return tuple(option["value"] for option in element["selected_options"] or ())
    if "selected_option" in element:
        return str((element["selected_option"] or {}).get("value", ""))
    for name in ("value", "selected_user", "selected_conversation", "selected_date"):
        if name in element:
            return str(element[name] or "")
    if "selected_time" in element or "selected_date_time" in element:
        return str(element.get("selected_time") or element.get("selected_date_time") or "")
    return ""


def _carried_by(action: Mapping[str, Any]) -> str:
    if "selected_options" in action:
        ticked = ",".join(option["value"] for option in action["selected_options"] or ())
        return f"{action.get('block_id', '').split('|')[-1]} {ticked}".strip()
    option = action.get("selected_option") or {}
    if option:
        return str(option.get("value", ""))
    if "selected_user" in action:
        return f"{action.get('block_id', '').split('|')[-1]} {action['selected_user'] or ''}"
    return str(action.get("value", ""))


def packed(body: Body) -> bytes:
    """As it is stored in the inbox."""
    return json.dumps(body, separators=(",", ":")).encode()


def unpacked(stored: bytes) -> Body:
    found = json.loads(stored)
    if not isinstance(found, dict):
        raise TypeError("not a JSON object")
    return found
