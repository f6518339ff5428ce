"""Limits of the interactive elements, and where each may stand."""

from __future__ import annotations

from typing import Any

from sandbox.slack.validate.composition import (
    ACTION_ID,
    CONFIRM,
    DISPATCH,
    OPTION,
    OPTION_GROUP,
    RICH_OPTION,
    URL,
    text,
)
from sandbox.slack.validate.rules import (
    Check,
    anything,
    complain,
    flag,
    integer,
    listing,
    matching,
    one_of,
    shape,
    string,
)

_PLACEHOLDER = text(150, plain=True)
_DATE = matching(r"\d{4}-\d{2}-\d{2}", "must be a valid date")
_TIME = matching(r"\d{2}:\d{2}", "must be a valid time")
_ID = string(40)
_INPUT: dict[str, Check] = {
    "action_id": ACTION_ID,
    "placeholder": _PLACEHOLDER,
    "focus_on_load": flag,
}
_PICK = {**_INPUT, "confirm": CONFIRM}
_TYPED = {**_INPUT, "dispatch_action_config": DISPATCH}
_MANY = {"max_selected_items": integer(1, 100)}
_HOOK = {"response_url_enabled": flag}


def _one_list_of_options(rule: Check) -> Check:
    def check(value: Any, pointer: str, problems: list[str]) -> None:
        rule(value, pointer, problems)
        if ("options" in value) == ("option_groups" in value):
            complain(problems, "must provide either options or option_groups", pointer)

    return check


def _static(initial: dict[str, Check]) -> Check:
    groups = {
        "options": listing(OPTION, most=100),
        "option_groups": listing(OPTION_GROUP, most=100),
    }
    return _one_list_of_options(shape({}, {**_PICK, **groups, **initial}))


def _choices(initial: dict[str, Check]) -> Check:
    return shape(
        {"options": listing(RICH_OPTION, most=10)},
        {"action_id": ACTION_ID, "confirm": CONFIRM, "focus_on_load": flag, **initial},
    )


def _picker(initial: str, rule: Check) -> Check:
    return shape({}, {**_PICK, initial: rule})


_FILTER = shape(
    {},
    {
        "include": listing(one_of("im", "mpim", "private", "public"), most=4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
)
_BUTTON = shape(
    {"text": text(75, plain=True)},
    {
        "action_id": ACTION_ID,
        "value": string(2000),
        "url": URL,
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)
_CONVERSATION = {"default_to_current_conversation": flag, "filter": _FILTER}

ELEMENTS: dict[str, Check] = {
    "button": _BUTTON,
    "overflow": shape(
        {"options": listing(OPTION, most=5)}, {"action_id": ACTION_ID, "confirm": CONFIRM}
    ),
    "static_select": _static({"initial_option": OPTION}),
    "multi_static_select": _static({"initial_options": listing(OPTION, most=100), **_MANY}),
    "external_select": shape(
        {}, {**_PICK, "initial_option": OPTION, "min_query_length": integer(0, 100)}
    ),
    "multi_external_select": shape(
        {},
        {
            **_PICK,
            **_MANY,
            "initial_options": listing(OPTION, most=100),
            "min_query_length": integer(0, 100),
        },
    ),
    "users_select": _picker("initial_user", _ID),
    "multi_users_select": shape({}, {**_PICK, **_MANY, "initial_users": listing(_ID, most=100)}),
    "conversations_select": shape(
        {}, {**_PICK, **_HOOK, **_CONVERSATION, "initial_conversation": _ID}
    ),
    "multi_conversations_select": shape(
        {},
        {**_PICK, **_MANY, **_CONVERSATION, "initial_conversations": listing(_ID, most=100)},
    ),
    "channels_select": shape({}, {**_PICK, **_HOOK, "initial_channel": _ID}),
    "multi_channels_select": shape(
        {}, {**_PICK, **_MANY, "initial_channels": listing(_ID, most=100)}
    ),
    "datepicker": _picker("initial_date", _DATE),
    "timepicker": shape({}, {**_PICK, "initial_time": _TIME, "timezone": string(100)}),
    "datetimepicker": shape(
        {},
        {
            "action_id": ACTION_ID,
            "confirm": CONFIRM,
            "focus_on_load": flag,
            "initial_date_time": integer(0, 9_999_999_999),
        },
    ),
    "checkboxes": _choices({"initial_options": listing(RICH_OPTION, most=10)}),
    "radio_buttons": _choices({"initial_option": RICH_OPTION}),
    "plain_text_input": shape(
        {},
        {
            **_TYPED,
            "initial_value": string(3000, 0),
            "multiline": flag,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
    ),
    "rich_text_input": shape({}, {**_TYPED, "initial_value": anything}),
    "email_text_input": shape({}, {**_TYPED, "initial_value": string(3000, 0)}),
    "url_text_input": shape({}, {**_TYPED, "initial_value": string(3000, 0)}),
    "number_input": shape(
        {"is_decimal_allowed": flag},
        {
            **_TYPED,
            "initial_value": string(100),
            "min_value": string(100),
            "max_value": string(100),
        },
    ),
    "file_input": shape(
        {},
        {
            "action_id": ACTION_ID,
            "filetypes": listing(string(20), most=100),
            "max_files": integer(1, 10),
        },
    ),
    "workflow_button": shape(
        {"text": text(75, plain=True), "workflow": anything},
        {
            "action_id": ACTION_ID,
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        },
    ),
    "image": shape({"alt_text": string(2000)}, {"image_url": URL, "slack_file": anything}),
    "icon_button": shape({"text": text(75, plain=True), "icon": string(40)}, dict(_PICK)),
    "feedback_buttons": anything,
}

_SELECTS = frozenset(
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
)
_PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
_BOXES = frozenset({"checkboxes", "radio_buttons"})
_SINGLE = frozenset(k for k in _SELECTS if not k.startswith("multi_"))

IN_ACTIONS = frozenset({"button", "overflow", "workflow_button"}) | _SINGLE | _PICKERS | _BOXES
IN_SECTION = (
    frozenset({"button", "overflow", "image", "workflow_button"})
    | _SELECTS
    | frozenset({"datepicker", "timepicker"})
    | _BOXES
)
IN_INPUT = (
    _SELECTS
    | _PICKERS
    | _BOXES
    | frozenset(
        {
            "plain_text_input",
            "rich_text_input",
            "email_text_input",
            "url_text_input",
            "number_input",
            "file_input",
        }
    )
)
IN_CONTEXT_ACTIONS = frozenset({"feedback_buttons", "icon_button"})
