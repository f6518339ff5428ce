"""Plays a scenario: drives faults, raises and resolves pages, notices wrong moves and the win."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sandbox.core.simulation import Simulation
from sandbox.pagerduty import incidents
from sandbox.pagerduty.state import AlertBody
from sandbox.world import loader, telling
from sandbox.world.behaviour import Episode
from sandbox.world.scenario import Alert, Fault, Scenario
from sandbox.world.world import AlertState, Play

TICK = timedelta(seconds=5)


def start(sim: Simulation) -> None:
    """Arm the tick and whatever the running scenario still has to do."""
    sim.world.on_change(lambda path, value: _changed(sim, path, value))
    sim.world.arm()
    _next_tick(sim)
    if sim.world.play is not None:
        _arm_timeline(sim, sim.world.play)


def play(sim: Simulation, wanted: str, *, speed: float | None = None) -> Play:
    """Start a scenario from its beginning; raises BadScenario for an unknown one."""
    scenario = loader.load(wanted)
    if speed is not None:
        sim.clock.set_speed(speed)
    _end_pages(sim)
    begun = sim.world.begin(scenario)
    if told := advice(scenario):
        _say(sim, begun, kind="note", text=told)
    _arm_timeline(sim, begun)
    sim.changes.publish("scenario", described(sim))
    return begun


def missing(sim: Simulation, scenario: Scenario) -> str:
    """What has to be played for it and is not; empty where it can be played."""
    if scenario.needs == "aws" and not sim.settings.aws:
        return "This one needs AWS: start with `make demo-aws`."
    return ""


def advice(scenario: Scenario) -> str:
    """What this machine lacks for its last step; empty where all is here. It can be played anyhow."""
    if scenario.needs == "helm" and shutil.which("helm") is None:
        return "helm is not installed here: what was installed can be read, rolling back needs it."
    return ""


def apply(sim: Simulation, changes: Mapping[str, Any], *, after: float = 0.0) -> None:
    for path, value in changes.items():
        sim.world.set(path, value, after=after)


def hint(sim: Simulation) -> str | None:
    """The next hint of the scenario; the last one again when all were shown."""
    begun, hints = sim.world.play, sim.world.scenario.hints
    if begun is None or not hints:
        return None
    shown = hints[min(begun.hints_shown, len(hints) - 1)]
    begun.hints_shown += 1
    _say(sim, begun, kind="hint", text=shown)
    return shown


def described(sim: Simulation) -> dict[str, Any] | None:
    """The play as the screens and the state show it; None before one was started."""
    begun, scenario = sim.world.play, sim.world.scenario
    if begun is None:
        return None
    return {
        "id": begun.id,
        "title": scenario.title,
        "story": scenario.story,
        "started_at": begun.started_at.isoformat(),
        "paged_at": begun.paged_at and begun.paged_at.isoformat(),
        "won_at": begun.won_at and begun.won_at.isoformat(),
        "events": begun.events,
        "faults": [fault.id for fault in sim.world.active_faults()],
        "alerts": {name: state.incident for name, state in begun.alerts.items()},
        "hints_left": max(0, len(scenario.hints) - begun.hints_shown),
    }


def tick(sim: Simulation) -> None:
    _drive_faults(sim)
    begun = sim.world.play
    if begun is not None:
        for alert in sim.world.scenario.alerts:
            _watch(sim, begun, alert)
        _notice_win(sim, begun)
    values = {name: sim.world.metric(name) for name in sim.world.metric_names()}
    sim.changes.publish("metrics", {"at": sim.clock.now().isoformat(), "values": values})


def _next_tick(sim: Simulation) -> None:
    # Ticks sit on whole multiples, so that a resumed world sees the same moments.
    step = TICK.total_seconds()
    passed = sim.clock.now().timestamp() // step
    due = datetime.fromtimestamp((passed + 1) * step, UTC)

    def ticked() -> None:
        _next_tick(sim)
        tick(sim)

    sim.clock.call_at(due, ticked)


def _arm_timeline(sim: Simulation, begun: Play) -> None:
    for index, moment in enumerate(sim.world.scenario.timeline):
        if index >= begun.fired:
            due = begun.started_at + timedelta(seconds=moment.at)
            sim.clock.call_at(due, partial(_happen, sim, begun, index))


def _happen(sim: Simulation, begun: Play, index: int) -> None:
    # A scenario started anew leaves the timers of the earlier one behind.
    if sim.world.play is not begun or index < begun.fired:
        return
    moment = sim.world.scenario.timeline[index]
    begun.fired = index + 1
    apply(sim, moment.set)
    if moment.told is not None:
        telling.tell(sim, moment.told)
    if moment.event:
        _say(sim, begun, kind="event", text=moment.event)


def _changed(sim: Simulation, path: str, value: Any) -> None:
    _drive_faults(sim)
    sim.changes.publish("world", {"path": path, "value": value})
    begun = sim.world.play
    if begun is None or begun.paged_at is None or begun.won_at is not None:
        return
    for move in sim.world.scenario.wrong_moves:
        if path in move.set and all(sim.world.get(p) == v for p, v in move.set.items()):
            _say(sim, begun, kind="wrong", text=move.hint)


def _drive_faults(sim: Simulation) -> None:
    for fault in sim.world.scenario.faults:
        level = _level(sim, fault) if fault.when.holds(sim.world.lookup) else 0.0
        episode = _episode(sim, fault)
        if episode.drive(sim.clock.now(), level):
            sim.changes.publish("scenario", described(sim))


def _level(sim: Simulation, fault: Fault) -> float:
    return 1.0 if fault.scale is None else float(sim.world[fault.scale]) / 100


def _episode(sim: Simulation, fault: Fault) -> Episode:
    for episode in sim.world.state.episodes:
        if episode.fault == fault.id:
            return episode
    made = Episode(fault=fault.id, effects=fault.effects, ramp=fault.ramp, recover=fault.recover)
    sim.world.state.episodes.append(made)
    return made


def _watch(sim: Simulation, begun: Play, alert: Alert) -> None:
    state, now = begun.alerts[alert.id], sim.clock.now()
    if alert.when.holds(sim.world.lookup):
        if state.incident is not None and not incidents.is_open(sim, state.incident):
            # Somebody closed the page and it is still bad: monitoring pages anew.
            state.incident, state.since = None, None
        state.clear_since = None
        state.since = state.since or now
        if state.incident is None and (now - state.since).total_seconds() >= alert.holds:
            _raise(sim, begun, alert)
        return
    state.since = None
    if state.incident is None:
        return
    state.clear_since = state.clear_since or now
    if (now - state.clear_since).total_seconds() >= alert.clears:
        incidents.clear_alerts(sim, state.incident)
        begun.alerts[alert.id] = AlertState()
        _say(sim, begun, kind="cleared", text=f"Monitoring says it is over: {alert.title}")


def _end_pages(sim: Simulation) -> None:
    """What an earlier play raised is over when another one begins."""
    earlier = sim.world.play
    for state in earlier.alerts.values() if earlier else ():
        if state.incident is not None:
            incidents.clear_alerts(sim, state.incident)


def _raise(sim: Simulation, begun: Play, alert: Alert) -> None:
    state = begun.alerts[alert.id]
    value = sim.world.metric(alert.metric) if alert.metric else None
    body = AlertBody(
        summary=alert.title,
        severity="critical" if alert.urgency == "high" else "warning",
        details={
            "condition": alert.title,
            "threshold": alert.threshold,
            "value": value and round(value, 1),
            "environment": alert.environment,
            "since": state.since and state.since.isoformat(),
            **{key: value for key, value in alert.details.items() if key != "links"},
        },
        links=list(alert.details.get("links", ())),
    )
    incident = incidents.trigger(
        sim,
        incidents.Trigger(
            service=alert.service,
            title=alert.title,
            urgency=alert.urgency,
            priority=alert.priority,
            environment=alert.environment,
            dedup_key=f"{begun.id}/{alert.id}/{sim.serial('alert')}",
            alerts=[body],
        ),
    )
    state.incident, state.raised_at = incident.id, sim.clock.now()
    if begun.slows_for_page and begun.paged_at is None and sim.clock.speed > 1:
        sim.clock.set_speed(1.0)
        sim.changes.publish("clock", {"speed": sim.clock.speed, "paused": sim.clock.paused})
    begun.paged_at = begun.paged_at or sim.clock.now()
    _say(sim, begun, kind="paged", text=f"PagerDuty pages: {alert.title}")


def _notice_win(sim: Simulation, begun: Play) -> None:
    win = sim.world.scenario.win
    if begun.paged_at is None or begun.won_at is not None or win is None:
        return
    if win.holds(sim.world.lookup):
        begun.won_at = sim.clock.now()
        _say(sim, begun, kind="won", text="The metrics are back to normal.")


def _say(sim: Simulation, begun: Play, *, kind: str, text: str) -> None:
    begun.events.append({"at": sim.clock.now().isoformat(), "kind": kind, "text": text})
    sim.changes.publish("scenario", described(sim))
