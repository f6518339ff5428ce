"""Keeps the world on disk, so that a demo that was stopped goes on where it was."""

import asyncio
import hashlib
import os
import pickle
from pathlib import Path
from typing import Any

from sandbox.core.simulation import Simulation

FILE = "world.pickle"
LOG = "traffic.jsonl"
EVERY = 1.0
"""Real seconds between two looks whether something changed."""

STATES = (
    "slack", "pagerduty", "argocd", "newrelic", "statuspage", "jira", "github", "git", "registry",
    "kubernetes", "aws",
)  # fmt: skip


def forget(folder: Path) -> None:
    """Start anew: nothing of an earlier run is read."""
    for name in (FILE, LOG):
        (folder / name).unlink(missing_ok=True)


def resume(sim: Simulation, folder: Path) -> bool:
    """Take up an earlier run; False when there is none, or one of another version."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = _read(folder / FILE)
    if kept is None:
        forget(folder)
        sim.traffic.keep_in(folder / LOG)
        return False
    sim.traffic.keep_in(folder / LOG)
    for name in STATES:
        setattr(sim, name, kept["states"][name])
    sim.world.state = kept["world"]
    sim.serials = kept["serials"]
    sim.generation = kept["generation"]
    sim.faults.rules = kept["faults"]
    sim.changes.seq = kept["seq"]
    sim.clock.reset(kept["now"])
    sim.clock.speed, sim.clock.paused = kept["speed"], kept["paused"]
    return True


def save(sim: Simulation, folder: Path) -> None:
    """Write the log's news and the whole state; a crash leaves the earlier state whole."""
    folder.mkdir(parents=True, exist_ok=True)
    sim.traffic.save()
    kept = {
        "code": _fingerprint(),
        "states": {name: getattr(sim, name) for name in STATES},
        "world": sim.world.state,
        "serials": sim.serials,
        "generation": sim.generation,
        "faults": sim.faults.rules,
        "seq": sim.changes.seq,
        "now": sim.clock.now(),
        "speed": sim.clock.speed,
        "paused": sim.clock.paused,
    }
    fresh = folder / f"{FILE}.new"
    fresh.write_bytes(pickle.dumps(kept))
    os.replace(fresh, folder / FILE)


async def keep(sim: Simulation, folder: Path) -> None:
    """Save whenever something changed, at most once a second, until cancelled."""
    seen: Any = None
    while True:
        await asyncio.sleep(EVERY)
        now = (sim.changes.seq, sim.traffic.last, sim.clock.version, len(sim.faults.rules))
        if now != seen:
            seen = now
            save(sim, folder)


def _read(file: Path) -> dict[str, Any] | None:
    if not file.exists():
        return None
    try:
        kept: dict[str, Any] = pickle.loads(file.read_bytes())
    except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, TypeError, KeyError):
        # Another version's classes: its world cannot be read, and a demo may start anew.
        return None
    return kept if kept.get("code") == _fingerprint() else None


def _fingerprint() -> str:
    """Changes with any line of the sandbox, because the pickled classes may have."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
