"""A group of machines as a mitigation sees it: how many it has, may have, and who decides that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """As it is now. `lowest` and `highest` are the group's own limits."""

    name: str
    what: str
    """In words: "the Auto Scaling group", "the node group"."""
    lowest: int
    highest: int
    wanted: int
    ready: int | None = None
    """In service; None where nobody could say."""
    decider: str = ""
    """Who changes the number by itself; its minimum is raised then, instead of fighting it."""
    busy: str = ""
    """What is being done to it right now."""
    trouble: str = ""
    follows: str = ""
    """The template version it starts new machines from, where that is no number ($Latest)."""
    seen: str = ""
    """The newest renewal, by its id."""
    cluster: str = ""

    @property
    def ours(self) -> int:
        """The number that is ours to change."""
        return self.lowest if self.decider else self.wanted

    @property
    def number(self) -> str:
        return "the minimum of machines" if self.decider else "the number of machines"

    @property
    def up(self) -> str:
        """How many of them serve, in words."""
        if self.ready is None:
            return f"{self.wanted} machines wanted"
        return f"{self.ready} of {self.wanted} machines in service"


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """A rolling replacement of a group's machines by new ones of the same make."""

    id: str
    running: bool
    done: bool
    shown: str
    """Its state and how far it is, in words."""
    same: bool = True
    """It goes to no other version than the group's own."""
    ended: datetime | None = None
