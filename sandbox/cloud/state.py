"""What the demo world remembers of AWS; the account itself is built anew from the world's facts."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(kw_only=True)
class CloudState:
    written_at: datetime | None = None
    """When somebody last changed something there, we ourselves not counted."""


def state() -> CloudState:
    return CloudState()
