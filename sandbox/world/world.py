"""The world's facts, and the metrics that follow from them and from what went wrong."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.core.clock import Clock
from sandbox.world import behaviour, loader
from sandbox.world.behaviour import Episode
from sandbox.world.scenario import Fault, Scenario


@dataclass(kw_only=True)
class AlertState:
    """How far an alert of the running scenario has got."""

    since: datetime | None = None
    clear_since: datetime | None = None
    incident: str | None = None
    raised_at: datetime | None = None


@dataclass(kw_only=True)
class Play:
    """The scenario being played: what has happened in it so far."""

    id: str
    started_at: datetime
    fired: int = 0
    """How many moments of the timeline are past."""
    alerts: dict[str, AlertState] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    hints_shown: int = 0
    paged_at: datetime | None = None
    won_at: datetime | None = None
    postmortems_before: int = 0
    """How many stood in git when it began."""
    slows_for_page: bool = False
    """Somebody watches: time runs at its real speed again once the page goes out."""


@dataclass(kw_only=True)
class WorldState:
    """All that a snapshot keeps of the world."""

    facts: dict[str, Any]
    scenario: Scenario
    play: Play | None = None
    episodes: list[Episode] = field(default_factory=list)
    pending: list[tuple[datetime, str, Any]] = field(default_factory=list)


class World:
    """A nested dict reached by path (`lms-web.revision`), with listeners and metrics."""

    def __init__(self, *, clock: Clock, seed: int):
        self.clock = clock
        self.seed = seed
        self.state = quiet_state()
        self._listeners: list[Callable[[str, Any], object]] = []
        self._lasting = 0

    @property
    def facts(self) -> dict[str, Any]:
        return self.state.facts

    @property
    def scenario(self) -> Scenario:
        return self.state.scenario

    @property
    def play(self) -> Play | None:
        return self.state.play

    def __getitem__(self, path: str) -> Any:
        found: Any = self.state.facts
        for part in path.split("."):
            found = found[part]
        return found

    def get(self, path: str, default: Any = None) -> Any:
        try:
            return self[path]
        except (KeyError, TypeError):
            return default

    def set(self, path: str, value: Any, after: float | None = None) -> None:
        """Write now, or `after` so many virtual seconds; listeners hear of real changes only."""
        if after:
            due = (self.clock.now() + timedelta(seconds=after), path, value)
            self.state.pending.append(due)
            self._arm(due)
            return
        if self.get(path) == value:
            return
        *parents, last = path.split(".")
        place = self.state.facts
        for part in parents:
            place = place.setdefault(part, {})
        place[last] = value
        for listener in list(self._listeners):
            listener(path, value)

    def on_change(self, callback: Callable[[str, Any], object]) -> None:
        """Call back with path and value after each change."""
        self._listeners.append(callback)

    def keep_listeners(self) -> None:
        """Those registered so far outlive a reset; later ones belong to one `start`."""
        self._lasting = len(self._listeners)

    def lookup(self, path: str) -> Any:
        """What a condition's path means: a fact, or `metric.<name>` as it is now."""
        if path.startswith(loader.METRIC_PREFIX):
            return self.metric(path.removeprefix(loader.METRIC_PREFIX))
        return self[path]

    def metric(self, name: str, at: datetime | None = None) -> float:
        """The value at any moment, past ones as they were; KeyError for an unknown metric."""
        found = loader.canonical(name, self.scenario.metrics)
        if found is None:
            raise KeyError(name)
        return behaviour.value(
            self.scenario.metrics[found],
            at or self.clock.now(),
            seed=self.seed,
            episodes=self.state.episodes,
        )

    def metric_names(self) -> list[str]:
        return list(self.scenario.metrics)

    def series(self, name: str, *, until: datetime, points: int, step: timedelta) -> list[float]:
        """`points` values, oldest first, the last one at `until`."""
        return [self.metric(name, until - step * back) for back in reversed(range(points))]

    def active_faults(self) -> list[Fault]:
        driven = {episode.fault for episode in self.state.episodes if episode.level > 0}
        return [fault for fault in self.scenario.faults if fault.id in driven]

    def evidence(self, kind: str) -> list[Any]:
        """What the active faults leave behind for an adapter to show ("logs", "diff", ...)."""
        return [fault.evidence[kind] for fault in self.active_faults() if kind in fault.evidence]

    def begin(self, scenario: Scenario) -> Play:
        """Lay a scenario over the world and start it; what went on before ends."""
        now = self.clock.now()
        for episode in self.state.episodes:
            episode.drive(now, 0.0)
        play = Play(id=scenario.id, started_at=now)
        for alert in scenario.alerts:
            play.alerts[alert.id] = AlertState()
        self.state.pending.clear()
        self.state.scenario = scenario
        self.state.play = play
        for path, value in _leaves(scenario.facts):
            self.set(path, value)
        return play

    def reset(self) -> None:
        self.state = quiet_state()
        del self._listeners[self._lasting :]

    def arm(self) -> None:
        """Set timers for the writes that are still to come."""
        for due in self.state.pending:
            self._arm(due)

    def _arm(self, due: tuple[datetime, str, Any]) -> None:
        def arrive() -> None:
            if due in self.state.pending:
                self.state.pending.remove(due)
                self.set(due[1], due[2])

        self.clock.call_at(due[0], arrive)


def quiet_state() -> WorldState:
    scenario = loader.quiet()
    return WorldState(facts=deepcopy(dict(scenario.facts)), scenario=scenario)


def _leaves(facts: Any, prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in facts.items():
        if isinstance(value, dict):
            found += _leaves(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", value))
    return found
