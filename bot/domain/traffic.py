"""How traffic is split between the two sides of a migration, and which of them is the sick one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

EC2, EKS = "EC2", "EKS"
PHASES = (100, 90, 50, 10, 0)
"""Percent that stays on EC2, in the order of the migration."""
_FEW = 20
_ERRORS = 0.05
_TIMES_WORSE = 3.0
_DOWN = 0.25


@dataclass(frozen=True, kw_only=True)
class Side:
    """One target group. Requests and errors are those of the last five minutes."""

    name: str
    group: str
    weight: int
    healthy: int = 0
    targets: int = 0
    requests: int | None = None
    errors: int = 0
    latency: timedelta | None = None
    slow_start: timedelta = timedelta(0)

    @property
    def error_ratio(self) -> float | None:
        return self.errors / self.requests if self.requests else None

    @property
    def load(self) -> float | None:
        """Requests in five minutes for each target that takes any."""
        return self.requests / self.healthy if self.requests and self.healthy else None

    def told(self) -> str:
        """The numbers in words: what an approver weighs one side against the other by."""
        said = [f"{self.healthy} of {self.targets} targets healthy"]
        if self.error_ratio is not None:
            said.append(f"errors {self.error_ratio:.1%} of {self.requests} requests")
        if self.latency is not None:
            said.append(f"{self.latency / timedelta(milliseconds=1):.0f} ms on average")
        return f"{self.name}: {', '.join(said)}"


@dataclass(frozen=True, kw_only=True)
class Split:
    """Where a service's traffic goes now. `lingers` is how long clients stay where they were."""

    kind: str
    where: tuple[str, ...]
    """What is written when it is changed: rules, or the record with its zone."""
    shown_as: str
    ec2: Side
    eks: Side
    lingers: timedelta = timedelta(0)
    lingers_by: str = ""

    @property
    def share(self) -> int:
        """Percent on EC2; where neither side has a weight nothing is served, which counts as 0."""
        total = self.ec2.weight + self.eks.weight
        return round(100 * self.ec2.weight / total) if total else 0

    @property
    def words(self) -> str:
        return written(self.share)

    @property
    def sick(self) -> Side | None:
        """The one that is clearly worse than the other; None where that cannot be told."""
        for side, other in ((self.ec2, self.eks), (self.eks, self.ec2)):
            if _worse(side, other):
                return side
        return None

    def why_sick(self, side: Side) -> str:
        other = self.eks if side is self.ec2 else self.ec2
        return f"{side.told()}; {other.told()}"


def _worse(side: Side, other: Side) -> bool:
    down, others_down = _share_down(side), _share_down(other)
    if side.targets and down >= _DOWN and down > 2 * others_down:
        return True
    if side.error_ratio is None or (side.requests or 0) < _FEW or side.error_ratio < _ERRORS:
        return False
    return side.error_ratio >= _TIMES_WORSE * (other.error_ratio or 0.0)


def _share_down(side: Side) -> float:
    return 1 - side.healthy / side.targets if side.targets else 0.0


def written(share: int) -> str:
    """EC2's percent first, as people say it: `90/10`."""
    return f"{share}/{100 - share}"


def phase(words: str) -> int | None:
    """EC2's percent in `90/10`; None for what is no phase of the migration."""
    ec2, _, eks = words.strip().partition("/")
    if not (ec2.isascii() and ec2.isdigit() and eks.isascii() and eks.isdigit()):
        return None
    share = int(ec2)
    return share if share + int(eks) == 100 and share in PHASES else None


def back(share: int) -> int | None:
    """One phase back towards EC2."""
    return next((each for each in reversed(PHASES) if each > share), None)


def onward(share: int) -> int | None:
    """One phase on towards EKS."""
    return next((each for each in PHASES if each < share), None)
