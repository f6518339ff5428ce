"""The small vocabulary that the tables of Slack's limits are written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

# A check looks at a value at a json-pointer and adds what is wrong, in Slack's words.
Check = Callable[[Any, str, list[str]], None]


def complain(problems: list[str], what: str, pointer: str) -> None:
    problems.append(f"{what} [json-pointer:{pointer}]")


def anything(value: Any, pointer: str, problems: list[str]) -> None:
    """No rule that this sandbox plays."""


def flag(value: Any, pointer: str, problems: list[str]) -> None:
    if not isinstance(value, bool):
        complain(problems, "must be a valid boolean", pointer)


def string(most: int, least: int = 1) -> Check:
    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, str):
            complain(problems, "must provide a string", pointer)
        elif len(value) < least:
            complain(problems, f"must be more than {least - 1} characters", pointer)
        elif len(value) > most:
            complain(problems, f"must be less than {most + 1} characters", pointer)

    return check


def matching(pattern: str, complaint: str) -> Check:
    compiled = re.compile(pattern)

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            complain(problems, complaint, pointer)

    return check


def integer(least: int, most: int) -> Check:
    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            complain(problems, "must be a valid integer", pointer)
        elif not least <= value <= most:
            complain(problems, f"must be between {least} and {most}", pointer)

    return check


def one_of(*allowed: str) -> Check:
    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if value not in allowed:
            complain(problems, f"must be one of {', '.join(allowed)}", pointer)

    return check


def listing(item: Check, *, most: int, least: int = 1) -> Check:
    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, list):
            complain(problems, "must be a valid array", pointer)
            return
        if len(value) > most:
            complain(problems, f"no more than {most} items allowed", pointer)
        if len(value) < least:
            complain(problems, f"no fewer than {least} items allowed", pointer)
        for index, entry in enumerate(value[:most]):
            item(entry, f"{pointer}/{index}", problems)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    known = {**required, **optional}

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            complain(problems, "must be a valid object", pointer)
            return
        for name in required:
            if name not in value:
                complain(problems, f"missing required field: {name}", pointer)
        for name, part in value.items():
            # An explicit null is what clients send for "not set".
            if name == "type" or (part is None and name not in required):
                continue
            if name not in known:
                complain(problems, f"invalid additional property: {name}", pointer)
            else:
                known[name](part, f"{pointer}/{name}", problems)

    return check


def typed(kinds: Mapping[str, Check], allowed: frozenset[str] | None = None) -> Check:
    """Picks the rule by the value's own `type`."""

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            complain(problems, "must be a valid object", pointer)
            return
        kind = value.get("type")
        if kind is None:
            complain(problems, "missing required field: type", pointer)
        elif kind not in kinds or (allowed is not None and kind not in allowed):
            complain(problems, f"unsupported type: {kind}", f"{pointer}/type")
        else:
            kinds[kind](value, pointer, problems)

    return check
