"""Which facts each reaction can record, read from the source: the chain that may not bite itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Reaction:
    name: str
    facts: frozenset[str]
    records: frozenset[str]
    waits: bool


@dataclass
class House:
    """Functions of the flow by module and name; rules of the incident by name alone."""

    facts: frozenset[str]
    functions: dict[tuple[str, str], Function] = field(default_factory=dict)
    imports: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[tuple[str, str], ast.expr] = field(default_factory=dict)
    rules: dict[str, list[Function]] = field(default_factory=dict)

    def read(self, module: str, text: str, *, rules: bool = False) -> None:
        tree = ast.parse(text)
        self.imports[module] = {
            (name.asname or name.name): node.module
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module
            for name in node.names
        }
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.functions[module, node.name] = node
                    if rules:
                        self.rules.setdefault(node.name, []).append(node)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.constants[module, name] = value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self.constants[module, name] = value

    def reactions(self) -> Iterator[Reaction]:
        for (module, _name), function in self.functions.items():
            for mark in function.decorator_list:
                match mark:
                    case ast.Call(func=ast.Name(id="reacts_to"), args=args, keywords=keywords):
                        name = next(k.value.value for k in keywords if k.arg == "name")  # type: ignore[attr-defined]
                        seen: set[str] = set()
                        waits = self._waits(function)
                        records = frozenset(self._records(module, function, seen))
                        yield Reaction(name, self._named(module, args), records, waits)

    def _named(self, module: str, args: list[ast.expr]) -> frozenset[str]:
        found: set[str] = set()
        for arg in args:
            match arg:
                case ast.Starred(value=ast.Name(id=name)):
                    where = self.imports[module].get(name, module)
                    held = self.constants[where, name]
                    found |= self._named(module, list(getattr(held, "elts", [])))
                case ast.Name(id=name):
                    found.add(name)
                case ast.Attribute(attr=name):
                    found.add(name)
        return frozenset(found)

    def _waits(self, function: Function) -> bool:
        return any(
            isinstance(node, ast.Call) and ast.unparse(node.func) == "Later"
            for node in ast.walk(function)
        )

    def _records(self, module: str, function: Function, seen: set[str]) -> Iterator[str]:
        """Every fact made on the way: what is made in a reaction is made to be recorded."""
        if f"{module}.{function.name}" in seen:
            return
        seen.add(f"{module}.{function.name}")
        for node in ast.walk(function):
            if not isinstance(node, ast.Call):
                continue
            match node.func:
                case ast.Name(id=name) if name in self.facts:
                    yield name
                case ast.Attribute(attr=name) if name in self.facts:
                    yield name
                case ast.Name(id=name):
                    where = self.imports[module].get(name, module)
                    if (where, name) in self.functions:
                        yield from self._records(where, self.functions[where, name], seen)
                case ast.Attribute(attr=name, value=ast.Name(id="incident" | "self" | "house")):
                    for rule in self.rules.get(name, []):
                        yield from self._records("rules", rule, seen)


def loops(reactions: list[Reaction]) -> list[str]:
    """Reactions that could wake themselves again at once, with nobody waiting in between."""
    answers: Mapping[str, list[Reaction]] = {
        one.name: [other for other in reactions if one.records & other.facts] for one in reactions
    }
    found: set[str] = set()

    def walk(one: Reaction, path: tuple[Reaction, ...]) -> None:
        if one in path:
            loop = path[path.index(one) :]
            if not any(each.waits for each in loop):
                start = min(range(len(loop)), key=lambda n: loop[n].name)
                found.add(" → ".join(each.name for each in loop[start:] + loop[:start]))
            return
        for other in answers[one.name]:
            walk(other, (*path, one))

    for one in reactions:
        walk(one, ())
    return sorted(found)
