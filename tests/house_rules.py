"""The rules of the house as functions over source: each yields what breaks it, in one line."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE_LINES, FUNCTION_LINES, PARAMETERS = 350, 40, 5
COMMANDS = "commands"
CORE = {"flow", "mitigations", "integrations"}
EVERYBODY = {
    "config",
    "configuration",
    "domain",
    "engine",
    "flow",
    "integrations",
    "mitigations",
    "reactions",
    "roles",
    "meters",
    "clouds",
    "slack",
    "timeline",
    "tools",
    "web",
    "wiring",
}
MAY: Mapping[str, set[str]] = {
    "domain": set(),
    "roles": {"domain"},
    "meters": {"domain"},
    "clouds": {"domain"},
    "tools": {"roles", "clouds", "meters", "domain"},
    "reactions": {"domain"},
    "timeline": {"reactions", "domain"},
    "engine": {"timeline", "reactions", "tools", "domain"},
    **{each: {"reactions", "tools", "roles", "clouds", "meters", "domain"} for each in CORE},
    "slack": {"flow", "tools", "reactions", "domain"},
    "web": {"flow", "tools", "reactions", "domain"},
    "configuration": {"domain"},
    "config": {"configuration", "domain"},
    COMMANDS: EVERYBODY - {"slack", "web"},
    "wiring": EVERYBODY | {COMMANDS},
    "app": EVERYBODY | {COMMANDS},
}
# What several neighbours stand on: how HTTP fails, what manifests say, a plan's place and its room.
SHARED = {
    *("http", "git_program", "manifests", "marked_regions", "clock", "templates"),
    *("own_plan", "own_run", "room", "row"),
}
# The table, widened for single files; each needs its reason.
ALSO = {
    # Pages are on the disk before they are acknowledged: the door writes to the inbox itself.
    "bot.web.webhooks": {"timeline", "integrations"},
    # The same for changes that others tell of.
    "bot.web.changes": {"timeline", "integrations"},
    # Who introduces people, and who knows their channels, are roles.
    "bot.web.porch": {"roles"},
    # The types of what the running bot shows of itself in readyz.
    "bot.web.house": {"timeline", "engine"},
}
BOUNDARIES = {
    "bot.engine.engine": "what a reaction did wrong is judged and logged there",
    "bot.engine.sidebyside": "carries a call's failure to the caller of together()",
    "bot.timeline.writer": "carries a unit's failure to the caller who wrote it",
    "bot.slack.app": "a responder is told that something went wrong",
    "bot.web.app": "a request that failed is answered",
}
# SDKs that cost too much to load at the start, each with the one file that may do it later.
HEAVY = {
    "bot.integrations.aws.sdk": {"boto3", "botocore"},
    "bot.integrations.slack_id_token": {"authlib", "joserfc"},
}
# The names by which SQLAlchemy calls a column type of ours.
SQLALCHEMY = {"process_bind_param", "process_result_value"}
SECRET_READERS = {"bot.config"}
Source = tuple[str, str]
Checker = Callable[[str, ast.Module], Iterator[str]]


def layer(module: str) -> str:
    """`bot.flow.alert` is `flow`; the faces of the command line are one layer."""
    first, _, rest = module.partition(".")
    if first != "bot":
        return first
    part = rest.partition(".")[0]
    face = part.endswith("_command") or part in {"check", "checking"}
    if part in {"serving", "demo", "code_hosts", "vendors"}:
        return "wiring"
    return COMMANDS if face else part


def imported(module: str, tree: ast.Module) -> list[str]:
    """The modules that it names, relative ones made absolute."""
    found: list[str] = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found += [name.name for name in names]
            case ast.ImportFrom(module=name, level=level, names=names):
                base = module.split(".")[:-level] if level else []
                source = ".".join([*base, *([name] if name else [])])
                found.append(source)
                found += [f"{source}.{each.name}" for each in names]
    return found


def layers(module: str, tree: ast.Module) -> Iterator[str]:
    mine = layer(module)
    if mine not in MAY:
        if module.startswith("bot."):
            yield f"{module}: belongs to no layer of the table"
        return
    for other in imported(module, tree):
        if not other.startswith("bot.") or layer(other) in {mine, ""}:
            continue
        allowed = MAY[mine] | ALSO.get(module, set())
        if layer(other) in MAY and layer(other) not in allowed:
            yield f"{module}: {mine} may not know {layer(other)} ({other})"


def siblings(module: str, tree: ast.Module) -> Iterator[str]:
    """Mitigations never know each other; vendors only their own parts."""
    mine = layer(module)
    if mine not in {"mitigations", "integrations"}:
        return
    for other in imported(module, tree):
        parts = other.split(".")
        if not other.startswith(f"bot.{mine}.") or parts[2] in SHARED:
            continue
        if _vendor(parts[2]) != _vendor(module.split(".")[2]):
            yield f"{module}: knows its neighbour {other}"


def _vendor(name: str) -> str:
    return name.split("_")[0]


def pure(module: str, tree: ast.Module) -> Iterator[str]:
    if layer(module) != "domain":
        return
    for other in imported(module, tree):
        top = other.split(".")[0]
        if top != "bot" and top not in sys.stdlib_module_names:
            yield f"{module}: the domain stands on the standard library alone, not on {top}"
        if top in {"os", "socket", "subprocess", "threading", "asyncio", "urllib"}:
            yield f"{module}: the domain does no I/O ({top})"
    for node in ast.walk(tree):
        said = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        if said in {"datetime.now", "datetime.utcnow", "date.today", "time.time"}:
            yield f"{module}: the domain has no clock ({said})"


def environment(module: str, tree: ast.Module) -> Iterator[str]:
    if module in SECRET_READERS or not module.startswith("bot"):
        return
    for node in ast.walk(tree):
        said = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        named = isinstance(node, ast.ImportFrom) and node.module == "os"
        taken = {each.name for each in node.names} if isinstance(node, ast.ImportFrom) else set()
        if said in {"os.environ", "os.getenv"} or (named and taken & {"environ", "getenv"}):
            yield f"{module}: reads the environment, which only config.py does"


def inner_imports(module: str, tree: ast.Module) -> Iterator[str]:
    """A heavy SDK is loaded when it is first needed, by the one file that knows it."""
    heavy = HEAVY.get(module, set())
    for function in _functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                if {each.split(".")[0] for each in _packages(node)} <= heavy:
                    continue
                yield f"{module}:{node.lineno}: import inside a function"


def _packages(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    return [node.module or ""]


def broad_except(module: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler) or module in BOUNDARIES:
            continue
        caught = ast.unparse(node.type) if node.type else "everything"
        if caught in {"everything", "Exception", "BaseException"}:
            yield f"{module}:{node.lineno}: catches {caught}"


def sizes(module: str, tree: ast.Module) -> Iterator[str]:
    for function in _functions(tree):
        lines = (function.end_lineno or 0) - function.lineno + 1
        if lines >= FUNCTION_LINES:
            yield f"{module}: {function.name} has {lines} lines"
        positional = [a.arg for a in function.args.posonlyargs + function.args.args]
        if len([a for a in positional if a not in {"self", "cls"}]) > PARAMETERS:
            yield f"{module}: {function.name} takes too many positional parameters"


def documented(module: str, tree: ast.Module) -> Iterator[str]:
    if not ast.get_docstring(tree):
        yield f"{module}: does not say why it exists"


def names(module: str, tree: ast.Module) -> Iterator[str]:
    bad = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
    if bad & set(module.split(".")):
        yield f"{module}: a name that says nothing"
    for function in _functions(tree):
        if function.name.startswith(("get_", "handle_", "process_")) and (
            function.name not in SQLALCHEMY
        ):
            yield f"{module}: {function.name}"


def apart(module: str, tree: ast.Module) -> Iterator[str]:
    mine, other = ("bot", "sandbox") if module.startswith("bot") else ("sandbox", "bot")
    if not module.startswith(mine):
        return
    for each in imported(module, tree):
        if each.split(".")[0] == other:
            yield f"{module}: {mine} imports {each}"


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def cycles(sources: Iterable[Source]) -> list[str]:
    """Modules that need each other at import time; one line per loop."""
    trees = {name: ast.parse(text) for name, text in sources}
    needs = {
        name: {_module(each, trees) for each in imported(name, tree)} - {name, ""}
        for name, tree in trees.items()
    }
    found: list[str] = []
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            found.append(" → ".join([*path[path.index(name) :], name]))
        elif name not in done:
            for each in sorted(needs[name]):
                walk(each, (*path, name))
            done.add(name)

    for name in sorted(needs):
        walk(name, ())
    return found


def _module(name: str, known: Mapping[str, object]) -> str:
    """`from bot.domain.facts import Fact` needs the module `bot.domain.facts`."""
    return name if name in known else ""


def mocks(module: str, tree: ast.Module) -> Iterator[str]:
    """Our own code is never replaced in a test; a file's directory or its variables may be set."""
    for each in imported(module, tree):
        if each.startswith("unittest.mock"):
            yield f"{module}: imports {each}"
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="setattr", value=ast.Name(id=who)), args=args):
                target = ast.unparse(args[0]).strip("'\"") if args else ""
                if who in {"monkeypatch", "mp"} and target.split(".")[0] == "bot":
                    yield f"{module}:{node.lineno}: replaces {target}"


def of(folder: str, *more: str) -> list[Source]:
    """Every module below these folders, by its dotted name."""
    found: list[Source] = []
    for path in sorted(p for each in (folder, *more) for p in (ROOT / each).rglob("*.py")):
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append((name, path.read_text(encoding="utf-8")))
    return found


def broken(checker: Checker, sources: Iterable[Source]) -> list[str]:
    return [said for name, text in sources for said in checker(name, ast.parse(text))]
