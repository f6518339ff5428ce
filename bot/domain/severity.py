"""How bad it is: proposed with a reason, never asked, never in the way of anything else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"

    @property
    def rank(self) -> int:
        """1 is the worst."""
        return int(self.value[-1])

    @classmethod
    def parse(cls, text: str) -> Severity | None:
        """`1`, `sev1`, `SEV-1`; None for anything else."""
        digits = text.strip().lower().removeprefix("sev").strip(" -")
        return cls(f"SEV{digits}") if digits in {"1", "2", "3", "4"} else None

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Severity.SEV1: "a quarter of requests or users failing, or data exposed or lost",
    Severity.SEV2: "5% failing, or a core journey broken",
    Severity.SEV3: "few users hit, or redundancy lost",
    Severity.SEV4: "no user notices",
}


@dataclass(frozen=True, kw_only=True)
class Proposal:
    severity: Severity
    reason: str


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What is known when severity is first proposed."""

    priority: str = ""
    urgency: str = ""
    tier: int = 3
    production: bool = True
    environment: str = "production"
    core_journeys: tuple[str, ...] = ()
    by_person: bool = False


_BY_BURN = ((360.0, 1), (30.0, 2), (6.0, 3))
"""From which burn on; a budget of 30 days is gone in 2 h, in 24 h, in 5 days."""


def by_burn(burn: float, *, tier: int, production: bool = True) -> Severity:
    """What the budget says: tier 2 is one lower, tier 3 never above SEV3, staging always SEV4."""
    rank = next((rank for least, rank in _BY_BURN if burn >= least), 4)
    if tier == 2:
        rank += 1
    if tier >= 3:
        rank = max(rank, 3)
    return Severity(f"SEV{min(rank, 4) if production else 4}")


def propose(signs: Signs) -> Proposal:
    """PagerDuty's priority is the prior; then urgency, tier and environment.

    Uncertain goes up one step only where a person declared it; staging never pages like
    production; a tier 3 service is never above SEV3.
    """
    if not signs.production:
        return Proposal(severity=Severity.SEV4, reason=f"{signs.environment} is never above SEV4")
    rank, reasons = _prior(signs)
    if signs.by_person and not signs.priority:
        rank, reasons = rank - 1, [*reasons, "declared by a person: uncertain goes up one step"]
    if signs.tier >= 3 and rank < 3:
        rank, reasons = 3, [*reasons, "tier 3 is never above SEV3"]
    if not signs.by_person:
        reasons.append("users hit: not known yet")
    return Proposal(severity=Severity(f"SEV{min(max(rank, 1), 4)}"), reason="; ".join(reasons))


def _prior(signs: Signs) -> tuple[int, list[str]]:
    digits = signs.priority.strip().upper().removeprefix("P")
    if digits in {"1", "2", "3", "4", "5"}:
        return min(int(digits), 4), [f"PagerDuty priority {signs.priority}"]
    if signs.urgency == "low":
        return 4, ["PagerDuty urgency low"]
    reasons = [f"tier {signs.tier} service"]
    if signs.urgency:
        reasons.insert(0, f"PagerDuty urgency {signs.urgency}")
    if signs.tier == 1:
        if signs.core_journeys:
            reasons.append(f"{signs.core_journeys[0]} at risk")
        return 2, reasons
    return 3, reasons
