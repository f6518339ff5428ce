"""Fault rules: which exchange goes wrong, when, and how."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class Do(StrEnum):
    """What a fault does to an exchange."""

    LATENCY = "latency"
    TOO_MANY = "429"
    SERVER_ERROR = "5xx"
    DROP_RESPONSE = "drop_response"
    DROP_REQUEST = "drop_request"
    RESET = "reset"
    REFUSE = "refuse"
    BAD_JSON = "bad_json"
    DUPLICATE = "duplicate_delivery"
    REORDER = "reorder"
    CLOCK_SKEW = "clock_skew"
    BAD_SIGNATURE = "bad_signature"


ON_DELIVERY = {Do.DUPLICATE, Do.REORDER, Do.BAD_SIGNATURE}
ON_REQUEST = {Do.TOO_MANY, Do.SERVER_ERROR, Do.BAD_JSON}


class BadRule(ValueError):
    """A fault rule that cannot be understood; the text says which part."""


@dataclass(kw_only=True)
class Rule:
    """One fault. `ms`, `status`, `retry_after` and `body` refine what is done."""

    id: int
    service: str
    match: str
    do: Do
    kind: str | None = None
    times: int | None = None
    probability: float | None = None
    seed: int = 0
    after: int = 0
    ms: float | None = None
    status: int | None = None
    retry_after: float | None = None
    body: Any = None
    seen: int = 0
    used: int = 0
    dice: random.Random = field(default_factory=random.Random, repr=False)

    def covers(self, kind: str, system: str, words: Iterable[str]) -> bool:
        if self.kind is not None and self.kind != kind:
            return False
        if kind == "request" and self.do in ON_DELIVERY:
            return False
        if kind == "delivery" and self.do in ON_REQUEST:
            return False
        return fnmatchcase(system, self.service) and any(
            fnmatchcase(word, self.match) for word in words if word
        )

    def fires(self) -> bool:
        """Decide about one covered exchange, counting it."""
        self.seen += 1
        if self.seen <= self.after:
            return False
        if self.times is not None and self.used >= self.times:
            return False
        if self.probability is not None and self.dice.random() >= self.probability:
            return False
        self.used += 1
        return True

    def as_json(self) -> dict[str, Any]:
        shown = {key: value for key, value in vars(self).items() if key != "dice"}
        return {key: value for key, value in shown.items() if value is not None}


class Faults:
    """The rules in force; the first one that fires wins."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._next = 1

    def add(self, rule: dict[str, Any]) -> Rule:
        made = _parse(rule, self._next)
        self._next += 1
        self.rules.append(made)
        return made

    def clear(self) -> None:
        self.rules.clear()

    def consult(self, kind: str, system: str, *, name: str, path: str = "") -> Rule | None:
        """The fault that befalls this exchange ("request" or "delivery"), if any."""
        for rule in self.rules:
            if rule.covers(kind, system, (name, path)) and rule.fires():
                return rule
        return None


def _parse(rule: dict[str, Any], number: int) -> Rule:
    known = {"service", "match", "when", "do", "kind", "ms", "status", "retry_after", "body"}
    if unknown := sorted(set(rule) - known):
        raise BadRule(f"unknown in a fault rule: {', '.join(unknown)}")
    when = rule.get("when") or {}
    if unknown := sorted(set(when) - {"times", "probability", "seed", "after"}):
        raise BadRule(f"unknown in `when`: {', '.join(unknown)}")
    try:
        do = Do(str(rule.get("do")))
    except ValueError:
        raise BadRule(f"`do` must be one of {', '.join(Do)}") from None
    refined = {
        key: rule[key] for key in ("kind", "ms", "status", "retry_after", "body") if key in rule
    }
    made = Rule(
        id=number,
        service=str(rule.get("service", "*")),
        match=str(rule.get("match", "*")),
        do=do,
        **refined,
        **when,
    )
    made.dice.seed(made.seed)
    return made
