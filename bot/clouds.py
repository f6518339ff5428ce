"""What mitigations reach for beside the deployer: one Protocol per role that a cloud plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.places import Deployment
from bot.domain.traffic import Split


class Traffic(Protocol):
    """Who gets how much of a service's traffic (ALB rules, Route 53 records)."""

    def split(self, place: Deployment) -> Split: ...
    def shift(self, split: Split, share: int, *, doing: str, by_hand: str) -> str:
        """EC2's percent from now on; what finds the change again."""
        ...

    def spread(self, reference: str) -> bool:
        """Whether it has arrived everywhere (DNS takes a while)."""
        ...


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """What one environment's account can do for a mitigation."""

    traffic: Traffic
