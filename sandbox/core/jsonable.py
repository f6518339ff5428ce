"""Turns any system's state into JSON for the control API."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any


def jsonable(value: Any) -> Any:
    """Dataclasses become objects, times ISO strings, sets sorted lists; bytes their length."""
    match value:
        case None | bool() | int() | float() | str():
            return value.value if isinstance(value, Enum) else value
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes() | bytearray():
            return {"bytes": len(value)}
        case Enum():
            return jsonable(value.value)
        case Mapping():
            return {_key(key): jsonable(each) for key, each in value.items()}
        case set() | frozenset():
            return sorted((jsonable(each) for each in value), key=str)
        case Path():
            return str(value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {each.name: jsonable(getattr(value, each.name)) for each in fields(value)}
        case _ if hasattr(value, "__iter__"):
            return [jsonable(each) for each in value]
        case _:
            return str(value)


def _key(key: Any) -> str:
    match key:
        case str():
            return key
        case tuple():
            return "/".join(map(str, key))
        case _:
            return str(key)
