"""Facts to exact JSON text and back; what this program does not know is kept, not dropped."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.domain.facts import Fact, Unrecognised, Withheld, kinds

REDACTED = "[redacted]"


class Codec:
    """Knows the facts by their stored names; each adapter is built when first needed."""

    def __init__(self) -> None:
        self._kinds: dict[str, type[Fact]] = {}
        self._adapters: dict[type[Fact], TypeAdapter[Fact]] = {}

    def encode(self, fact: Fact) -> str:
        """The text that is hashed and stored. Defaults are written too: a default may change."""
        if not fact.stored:
            raise TypeError(f"{type(fact).__name__} has no stored name: it cannot be recorded")
        return self._adapter(type(fact)).dump_json(fact).decode()

    def decode(self, name: str, body: str | None) -> Fact:
        if body is None:
            return Withheld(name=name)
        kind = self._kind(name)
        if kind is None:
            return Unrecognised(name=name, body=body)
        try:
            return self._adapter(kind).validate_json(body)
        except ValidationError:
            return Unrecognised(name=name, body=body)

    def without(self, name: str, body: str, fields: tuple[str, ...]) -> str | None:
        """`body` with these dotted fields blanked; None where nothing readable would be left."""
        if not fields:
            return None
        tree = json.loads(body)
        for path in fields:
            _blank(tree, path)
        left = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
        return None if isinstance(self.decode(name, left), Unrecognised) else left

    def _kind(self, name: str) -> type[Fact] | None:
        if name not in self._kinds:
            self._kinds = {kind.stored: kind for kind in kinds()}
        return self._kinds.get(name)

    def _adapter(self, kind: type[Fact]) -> TypeAdapter[Fact]:
        if kind not in self._adapters:
            self._adapters[kind] = TypeAdapter(kind)
        return self._adapters[kind]


def _blank(tree: Any, path: str) -> None:
    *above, last = path.split(".")
    for step in above:
        tree = tree[int(step)] if isinstance(tree, list) else tree[step]
    at: Any = int(last) if isinstance(tree, list) else last
    tree[at] = REDACTED if isinstance(tree[at], str) else None
