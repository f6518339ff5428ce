"""Ids that look like Slack's and never repeat, not even after a reset."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.core.simulation import Simulation

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def new_id(sim: Simulation, prefix: str) -> str:
    return f"{prefix}0{_base36(sim.serial('slack')).rjust(8, '0')}"


def block_id(sim: Simulation) -> str:
    """What Slack makes up for a block that has none."""
    return _base36(100_000 + sim.serial("slack.block")).lower()


def view_hash(sim: Simulation) -> str:
    return f"{int(sim.clock.now().timestamp())}.{block_id(sim)}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits
