"""What the demo world remembers of AWS; the account itself is built anew from the world's facts."""

from dataclasses import dataclass


@dataclass(kw_only=True)
class CloudState:
    writes: int = 0
    """Calls that changed something, ours not counted."""


def state() -> CloudState:
    return CloudState()
