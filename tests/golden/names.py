"""Collects every name that reaches the disk: facts, reactions, boards and kinds of input."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import bot.domain
from bot.domain.facts import Fact, kinds

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).parent / "stored_names.txt"
_MARKS = {"reacts_to": "reaction", "keeps": "board"}


def stored_names() -> list[str]:
    """One line each, sorted; a name that two parts claim is listed twice."""
    return sorted([*_facts(), *_owed(), *_inputs()])


def twice(lines: list[str]) -> list[str]:
    return [line for line, number in Counter(lines).items() if number > 1]


def fact_kinds() -> list[type[Fact]]:
    """Every fact that the bot itself can store, by its stored name."""
    for module in walk_packages(bot.domain.__path__, "bot.domain."):
        import_module(module.name)
    ours = (kind for kind in kinds() if kind.__module__.startswith("bot."))
    return sorted(ours, key=lambda kind: kind.stored)


def _facts() -> Iterator[str]:
    yield from (f"fact {kind.stored}" for kind in fact_kinds())


def _owed() -> Iterator[str]:
    """Read from the source, so that nothing has to be wired to know them."""
    for call in _calls():
        mark = _MARKS.get(_called(call))
        for argument in call.keywords:
            if mark and argument.arg == "name" and isinstance(argument.value, ast.Constant):
                yield f"{mark} {argument.value.value}"


def _inputs() -> Iterator[str]:
    """Kinds given to the inbox: the first argument of `store` and `store_async`."""
    found = set()
    for call in _calls():
        match call:
            case ast.Call(
                func=ast.Attribute(attr="store" | "store_async"),
                args=[ast.Constant(value=str(kind)), *_],
            ):
                found.add(f"input {kind}")
    yield from found


def _calls() -> Iterator[ast.Call]:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield node


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""
