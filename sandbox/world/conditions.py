"""Conditions over the world, read from YAML and never evaluated as code."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Union

Lookup = Callable[[str], Any]

COMPARISON = re.compile(r"^(?P<path>[\w.-]+)\s*(?P<op>==|!=|>=|<=|>|<)\s*(?P<value>.+)$")
ORDER = {">", "<", ">=", "<="}


class BadCondition(ValueError):
    """A condition that cannot be understood; the text says which and why."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`path op value`: the only thing that looks at the world."""

    path: str
    op: str
    value: Any

    def holds(self, lookup: Lookup) -> bool:
        found = lookup(self.path)
        match self.op:
            case "==":
                return bool(found == self.value)
            case "!=":
                return bool(found != self.value)
            case ">":
                return bool(found > self.value)
            case "<":
                return bool(found < self.value)
            case ">=":
                return bool(found >= self.value)
            case _:
                return bool(found <= self.value)

    def __str__(self) -> str:
        return f"{self.path} {self.op} {self.value}"


@dataclass(frozen=True, kw_only=True)
class All:
    parts: tuple["Condition", ...]

    def holds(self, lookup: Lookup) -> bool:
        return all(part.holds(lookup) for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class AnyOf:
    parts: tuple["Condition", ...]

    def holds(self, lookup: Lookup) -> bool:
        return any(part.holds(lookup) for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class Not:
    part: "Condition"

    def holds(self, lookup: Lookup) -> bool:
        return not self.part.holds(lookup)


Condition = Union[Comparison, All, AnyOf, Not]  # noqa: UP007 - the names refer to each other


def parse(written: Any) -> Condition:
    """A string is a comparison, a list means all, `{any: [...]}` and `{not: ...}` what they say."""
    match written:
        case str():
            return _comparison(written)
        case list() if written:
            return All(parts=tuple(parse(each) for each in written))
        case {"any": list() as options, **rest} if not rest and options:
            return AnyOf(parts=tuple(parse(each) for each in options))
        case {"not": inner, **rest} if not rest:
            return Not(part=parse(inner))
        case _:
            raise BadCondition(f"not a condition: {written!r}")


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Every comparison in it, for checks at load time."""
    match condition:
        case Comparison():
            yield condition
        case Not(part=part):
            yield from comparisons(part)
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from comparisons(part)


def _comparison(text: str) -> Comparison:
    found = COMPARISON.match(text.strip())
    if found is None:
        raise BadCondition(f"expected `path op value`, got {text!r}")
    value = _scalar(found["value"].strip())
    if found["op"] in ORDER and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise BadCondition(f"{found['op']} needs a number: {text!r}")
    return Comparison(path=found["path"], op=found["op"], value=value)


def _scalar(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        return text.strip("'\"")
    return int(number) if number.is_integer() and "." not in text else number
