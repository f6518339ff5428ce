"""Reads scenarios and resolves every path and metric in them, so that a typo fails at load."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import yaml

from sandbox.world.behaviour import Effect, Metric
from sandbox.world.conditions import ORDER, BadCondition, Condition, comparisons, parse
from sandbox.world.scenario import Alert, Fault, Moment, Move, Scenario

FOLDER = Path(__file__).parent.parent / "scenarios"
QUIET = "quiet"
"""The world of a normal day: what every scenario is laid over."""

KNOWN = {
    "needs", "tour", "watch",
    "id", "title", "story", "world", "timeline", "metrics", "faults", "alerts",
    "wrong_moves", "solution", "win", "hints",
}  # fmt: skip
METRIC_PREFIX = "metric."


class BadScenario(ValueError):
    """Everything that is wrong with a scenario file, a line each."""

    def __init__(self, where: str, problems: list[str]):
        super().__init__("\n".join(f"{where}: {problem}" for problem in problems))
        self.problems = problems


def quiet(folder: Path = FOLDER) -> Scenario:
    return read(_yaml(folder / f"{QUIET}.yaml"), base=None, where=QUIET)


def load(wanted: str, folder: Path = FOLDER) -> Scenario:
    file = folder / f"{wanted}.yaml"
    if wanted not in names(folder):
        known = ", ".join(names(folder))
        raise BadScenario(wanted, [f"there is no such scenario; there are: {known}"])
    return read(_yaml(file), base=quiet(folder), where=file.name)


def names(folder: Path = FOLDER) -> list[str]:
    return sorted(file.stem for file in folder.glob("*.yaml") if file.stem != QUIET)


def read(written: Mapping[str, Any], *, base: Scenario | None, where: str) -> Scenario:
    """From YAML's structures; raises BadScenario with every problem at once."""
    return _Reading(written, base).scenario(where)


def canonical(name: str, metrics: Mapping[str, Any]) -> str | None:
    """A metric's name by how a condition writes it: dots may be written as underscores."""
    if name in metrics:
        return name
    return next((each for each in metrics if each.replace(".", "_") == name), None)


class _Reading:
    """One pass over one file, collecting problems as it goes."""

    def __init__(self, written: Mapping[str, Any], base: Scenario | None):
        self.written = written
        self.problems: list[str] = []
        self.facts: dict[str, Any] = deepcopy(dict(base.facts)) if base else {}
        self.metrics: dict[str, Metric] = dict(base.metrics) if base else {}

    def scenario(self, where: str) -> Scenario:
        for key in sorted(set(self.written) - KNOWN):
            self.problems.append(f"unknown key `{key}`")
        _merge(self.facts, self.written.get("world", {}))
        for name, given in self.written.get("metrics", {}).items():
            self._try(f"metric {name}", partial(self._metric, name, given))
        parts: dict[str, Any] = {
            "timeline": self._each("timeline", self._moment),
            "faults": self._each("faults", self._fault),
            "alerts": self._each("alerts", self._alert),
            "wrong_moves": self._each("wrong_moves", self._move),
            "watch": self._each("watch", self._name),
        }
        solution = self.written.get("solution")
        parts["solution"] = (
            self._try("solution", lambda: self._move(solution)) if solution else None
        )
        win = self.written.get("win")
        parts["win"] = self._try("win", lambda: self._condition(win)) if win else None
        if self.problems:
            raise BadScenario(where, self.problems)
        return Scenario(
            id=str(self.written["id"]),
            title=str(self.written["title"]),
            story=str(self.written.get("story", "")),
            facts=self.facts,
            metrics=self.metrics,
            hints=tuple(self.written.get("hints", ())),
            tour=dict(self.written.get("tour", {})),
            needs=str(self.written.get("needs", "")),
            **parts,
        )

    def _each(self, key: str, one: Callable[[Any], Any]) -> tuple[Any, ...]:
        made = []
        for index, given in enumerate(self.written.get(key, ())):
            made.append(self._try(f"{key}[{index}]", partial(one, given)))
        return tuple(made)

    def _try(self, where: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except (BadCondition, TypeError, KeyError) as wrong:
            what = f"missing {wrong}" if isinstance(wrong, KeyError) else str(wrong)
            self.problems.append(f"{where}: {what}")
            return None

    def _metric(self, name: str, given: Mapping[str, Any]) -> None:
        renamed = {"min": "minimum", "max": "maximum"}
        self.metrics[name] = Metric(
            name=name, **{renamed.get(key, key): value for key, value in given.items()}
        )

    def _moment(self, given: Mapping[str, Any]) -> Moment:
        made = Moment(**given)
        if made.told is not None and not {"service", "summary"} <= set(made.told):
            raise BadCondition("`told` needs a `service` and a `summary`")
        self._paths(made.set)
        return made

    def _move(self, given: Mapping[str, Any]) -> Move:
        made = Move(**given)
        self._paths(made.set)
        return made

    def _fault(self, given: Mapping[str, Any]) -> Fault:
        effects = {self._name(name): Effect(**what) for name, what in given["effects"].items()}
        if "scale" in given:
            self._paths({given["scale"]: None})
        return Fault(**{**given, "when": self._condition(given["when"]), "effects": effects})

    def _alert(self, given: Mapping[str, Any]) -> Alert:
        condition = self._condition(given["when"])
        first = next(iter(comparisons(condition)))
        if first.path.startswith(METRIC_PREFIX) and "metric" not in given:
            name = self._name(first.path.removeprefix(METRIC_PREFIX))
            given = {**given, "metric": name, "threshold": first.value}
        renamed = {"for": "holds"}
        return Alert(
            **{renamed.get(key, key): value for key, value in given.items() if key != "when"},
            when=condition,
        )

    def _condition(self, written: Any) -> Condition:
        condition = parse(written)
        for each in comparisons(condition):
            if each.path.startswith(METRIC_PREFIX):
                self._name(each.path.removeprefix(METRIC_PREFIX))
                continue
            found = self._paths({each.path: None})
            if each.op in ORDER and not isinstance(found, int | float):
                raise BadCondition(f"`{each.path}` is {found!r}, which has no order ({each})")
        return condition

    def _name(self, name: str) -> str:
        found = canonical(name, self.metrics)
        if found is None:
            raise BadCondition(f"there is no metric `{name}`")
        return found

    def _paths(self, moves: Mapping[str, Any]) -> Any:
        """The last path's value; each must exist in the world from the beginning."""
        found: Any = None
        for path in moves:
            found = self.facts
            for part in path.split("."):
                if not isinstance(found, Mapping) or part not in found:
                    raise BadCondition(f"there is no `{path}` in the world")
                found = found[part]
        return found


def _merge(into: dict[str, Any], extra: Mapping[str, Any]) -> None:
    for key, value in extra.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = deepcopy(value)


def _yaml(file: Path) -> Any:
    return deepcopy(_parsed(file.read_text(encoding="utf-8")))


@lru_cache(maxsize=32)
def _parsed(text: str) -> Any:
    return yaml.safe_load(text)
