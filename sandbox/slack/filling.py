"""Fills in forms as a client does: finds the field, checks it, keeps what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sandbox.slack import deliveries, payloads
from sandbox.slack.aiming import CannotAct
from sandbox.slack.payloads import Actor, Target
from sandbox.slack.state import View
from sandbox.slack.validate.blocks import elements_of
from sandbox.slack.values import NoSuchChoice, chosen_name, current, filled, is_empty

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation

_REQUIRED = "Please complete this required field."
_FORMS = {
    "email_text_input": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "Please enter a valid email address."),
    "url_text_input": (r"https?://\S+", "Please enter a valid URL."),
    "number_input": (r"-?\d+(\.\d+)?", "Please enter a number."),
}


async def fill(sim: Simulation, actor: Actor, view: View, wanted: Mapping[str, Any]) -> None:
    """Type each value into the field that its key names."""
    for key, value in wanted.items():
        target = _field(view, key)
        state = await choose(sim, actor, target, value)
        keep(actor, target, state)


async def choose(sim: Simulation, actor: Actor, target: Target, wanted: Any) -> dict[str, Any]:
    """The element's new state; an external select asks the bot for its options first."""
    kind = target.element["type"]
    offered = None
    if kind in ("external_select", "multi_external_select"):
        many = wanted if isinstance(wanted, list) else [wanted]
        offered = []
        for query in many:
            if isinstance(query, str):
                offered += await suggested(sim, actor, target, query)
    try:
        return filled(target.element, _ids(sim, kind, wanted), offered=offered)
    except NoSuchChoice as no:
        raise CannotAct("no_such_option", str(no)) from None


def keep(actor: Actor, target: Target, state: dict[str, Any]) -> None:
    if chosen_name(target.element["type"]):
        kept = target.holder.values_of(actor.person.id).setdefault(target.block["block_id"], {})
        kept[target.element["action_id"]] = state


async def suggested(
    sim: Simulation, actor: Actor, target: Target, query: str
) -> list[dict[str, Any]]:
    payload = payloads.block_suggestion(sim, actor, target, query)
    answer = await deliveries.interaction(sim, payload)
    error = deliveries.failure(answer)
    if error:
        raise CannotAct(error, "the bot offered no options", status=answer.status)
    body = deliveries.said(answer)
    if not isinstance(body, dict):
        raise CannotAct("dispatch_failed", "the answer holds no options")
    grouped = [o for g in body.get("option_groups") or [] for o in g.get("options", [])]
    options = [*(body.get("options") or []), *grouped]
    if len(options) > 100:
        raise CannotAct("dispatch_failed", "more than 100 options")
    return options


def _ids(sim: Simulation, kind: str, wanted: Any) -> Any:
    """People and channels may be named by handle and name."""
    if isinstance(wanted, list):
        return [_ids(sim, kind, each) for each in wanted]
    if not isinstance(wanted, str):
        return wanted
    if "users_select" in kind:
        person = sim.slack.person(wanted)
        return person.id if person else wanted
    if "conversations_select" in kind or "channels_select" in kind:
        channel = sim.slack.channel(wanted)
        return channel.id if channel else wanted
    return wanted


def _field(view: View, key: str) -> Target:
    for block in view.body["blocks"]:
        label = (block.get("label") or {}).get("text", "")
        for element in elements_of(block):
            names = (block.get("block_id"), element.get("action_id"), label)
            if key in names or key.lower() == label.lower().rstrip(" *:"):
                return Target(holder=view, block=block, element=element)
    known = [b.get("block_id") for b in view.body["blocks"] if b.get("type") == "input"]
    raise CannotAct("no_such_field", f"{key!r} is not among {known}")


def complaints(view: View) -> dict[str, str]:
    """What the client itself refuses before anything is sent, by block."""
    state = current(view.body["blocks"], view.values)
    found = {}
    for block in view.body["blocks"]:
        if block.get("type") != "input":
            continue
        element = block["element"]
        kept = state.get(block["block_id"], {}).get(element["action_id"], {})
        if is_empty(kept):
            if not block.get("optional"):
                found[block["block_id"]] = _REQUIRED
        else:
            for wrong in _wrong(element, kept):
                found[block["block_id"]] = wrong
    return found


def _wrong(element: dict[str, Any], kept: dict[str, Any]) -> Iterator[str]:
    value = kept.get(chosen_name(element["type"]))
    pattern, complaint = _FORMS.get(element["type"], (None, ""))
    if pattern and not re.fullmatch(pattern, str(value)):
        yield complaint
        return
    if element["type"] == "plain_text_input":
        most, least = element.get("max_length", 3000), element.get("min_length", 0)
        if len(str(value)) > most:
            yield f"This entry is too long (max {most} characters)."
        if len(str(value)) < least:
            yield f"This entry is too short (min {least} characters)."
    if isinstance(value, list) and len(value) > element.get("max_selected_items", 100):
        yield f"Please select no more than {element['max_selected_items']} items."
    if element["type"] == "number_input":
        yield from _out_of_range(element, float(value))


def _out_of_range(element: dict[str, Any], value: float) -> Iterator[str]:
    if "min_value" in element and value < float(element["min_value"]):
        yield f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and value > float(element["max_value"]):
        yield f"Please enter a number of at most {element['max_value']}."
