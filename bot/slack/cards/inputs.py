"""The form elements that only a few forms need: grouped selects, radio buttons, days and people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bot.slack.blocks import Block, choose, choose_person, option, plain


def grouped(
    action: str, placeholder: str, groups: Mapping[str, Sequence[Block]], *, value: str = ""
) -> Block:
    """A select with headings, for lists longer than a phone's screen; `value` stands there first."""
    made = choose(action, placeholder, ())
    del made["options"]
    made["option_groups"] = [
        {"label": plain(label, 75), "options": list(options)[:100]}
        for label, options in list(groups.items())[:100]
        if options
    ]
    every = [each for options in groups.values() for each in options]
    return _starting(made, every, value)


def select(action: str, placeholder: str, options: Sequence[Block], *, value: str = "") -> Block:
    """`value` stands there first, where it is among the options."""
    return _starting(choose(action, placeholder, options), options, value)


def radio(action: str, options: Sequence[Block], *, value: str = "") -> Block:
    made: Block = {"type": "radio_buttons", "action_id": action, "options": list(options)[:10]}
    return _starting(made, list(options)[:10], value)


def _starting(made: Block, options: Sequence[Block], value: str) -> Block:
    chosen = next((each for each in options if each["value"] == value), None) if value else None
    if chosen is not None:
        made["initial_option"] = chosen
    return made


def day(action: str, initial: date) -> Block:
    return {"type": "datepicker", "action_id": action, "initial_date": initial.isoformat()}


def person(action: str, placeholder: str, *, user: str = "") -> Block:
    made = choose_person(action, placeholder)
    if user:
        made["initial_user"] = user
    return made


def words(names: Mapping[str, str]) -> list[Block]:
    """Options from value → label."""
    return [option(label, value) for value, label in names.items()]
