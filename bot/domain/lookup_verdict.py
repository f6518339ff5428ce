"""Decides how far a match may be believed, with thresholds fitted by `benchmarks/runbooks.py`."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.domain.runbook import Verdict

CONFIDENT = 0.65
CLOSEST = 0.32
CERTAIN = 0.98
NAMED = 0.9
SERVICE = 0.15
MOSTLY_FOREIGN = 0.3


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What speaks for one passage; shares are between 0 and 1."""

    exact: float
    covered: float
    titled: float
    title_used: float
    unknown_name: bool
    foreign: float
    service: bool
    own: bool = False
    """The catalog names it for the service that is asked about."""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A logistic model small enough to be read."""

    bias: float = -2.5
    covered: float = 2.8
    titled: float = 1.8
    title_used: float = 2.4
    unknown_name: float = -2.2


WEIGHTS = Weights()


def probability(evidence: Evidence, weights: Weights = WEIGHTS) -> float:
    """How likely it is that a responder would call this the right runbook."""
    if evidence.exact >= NAMED:
        return CERTAIN
    leaning = (
        weights.bias
        + weights.covered * evidence.covered
        + weights.titled * evidence.titled
        + weights.title_used * evidence.title_used
        + weights.unknown_name * evidence.unknown_name
    )
    likely = 1.0 / (1.0 + math.exp(-leaning)) + SERVICE * max(evidence.service, evidence.own)
    # A runbook that speaks of this very alert is worth showing, whatever its other words.
    floor = CLOSEST + evidence.exact / 2 if evidence.exact else 0.0
    # An alert or a subject that no runbook ever names: near, perhaps, but never sure.
    doubtful = evidence.unknown_name or evidence.foreign > MOSTLY_FOREIGN
    most = CONFIDENT - 0.01 if doubtful else CERTAIN - 0.01
    return min(most, max(likely, floor))


def verdict(likely: float) -> Verdict:
    """The likelihood in the words a card uses."""
    if likely >= CONFIDENT:
        return Verdict.CONFIDENT
    return Verdict.CLOSEST if likely >= CLOSEST else Verdict.NONE
