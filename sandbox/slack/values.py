"""What people have filled in and chosen, in the shapes of Slack's `state.values`."""

from __future__ import annotations

from typing import Any

from sandbox.slack.state import Values
from sandbox.slack.validate.blocks import elements_of

# Element type -> the name of what was chosen, and the name of what stood there at first.
_PLAIN: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", "initial_files"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
}
_OPTION: dict[str, tuple[str, str]] = {
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
}
_KEPT = {**_PLAIN, **{kind: names for kind, names in _OPTION.items() if kind != "overflow"}}
_LISTS = ("files", "selected_options", "selected_users", "selected_conversations")


class NoSuchChoice(ValueError):
    """The person asked for something that the element does not offer."""


def chosen_name(kind: str) -> str:
    """Where an element of this type keeps its choice; empty for a button."""
    return {**_PLAIN, **_OPTION}.get(kind, ("", ""))[0]


def current(blocks: list[dict[str, Any]], values: Values) -> Values:
    """Every element's state: what was filled in, else what stood there at first."""
    found: Values = {}
    for block in blocks:
        for element in elements_of(block):
            names = _KEPT.get(element.get("type", ""))
            if names is None:
                continue
            block_id, action_id = block.get("block_id", ""), element.get("action_id", "")
            kept = values.get(block_id, {}).get(action_id)
            found.setdefault(block_id, {})[action_id] = kept or _initial(element, *names)
    return found


def _initial(element: dict[str, Any], chosen: str, initial: str) -> dict[str, Any]:
    empty: Any = [] if chosen in _LISTS else None
    return {"type": element["type"], chosen: element.get(initial, empty)}


def options_of(element: dict[str, Any]) -> list[dict[str, Any]]:
    groups = element.get("option_groups") or []
    grouped = [option for group in groups for option in group.get("options", [])]
    return [*(element.get("options") or []), *grouped]


def filled(
    element: dict[str, Any], wanted: Any, *, offered: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """The state of an element after somebody typed or picked `wanted`.

    Options are named by value or by label; `offered` stands in for an external select's.
    """
    kind = element["type"]
    if isinstance(wanted, dict) and wanted.get("type") == kind:
        return wanted
    chosen = chosen_name(kind)
    if kind in _OPTION:
        choices = options_of(element) if offered is None else offered
        if chosen == "selected_options":
            many = wanted if isinstance(wanted, list) else [] if wanted is None else [wanted]
            return {"type": kind, chosen: [_pick(choices, w) for w in many]}
        return {"type": kind, chosen: None if wanted is None else _pick(choices, wanted)}
    if chosen.endswith("s") and kind.startswith("multi_") and not isinstance(wanted, list):
        wanted = [wanted]
    if kind == "datetimepicker" and wanted is not None:
        wanted = int(wanted)
    if kind == "number_input" and wanted is not None:
        wanted = str(wanted)
    return {"type": kind, chosen: None if wanted == "" else wanted}


def _pick(choices: list[dict[str, Any]], wanted: Any) -> dict[str, Any]:
    if isinstance(wanted, dict):
        return wanted
    for option in choices:
        if str(wanted) in (option.get("value"), option["text"]["text"]):
            return option
    raise NoSuchChoice(f"{wanted!r} is not among {[c.get('value') for c in choices]}")


def is_empty(state: dict[str, Any]) -> bool:
    return all(value in (None, "", []) for name, value in state.items() if name != "type")
