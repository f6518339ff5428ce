"""What an incident does to an objective: how fast it burns, and what it has cost so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from bot.domain.slo.counts import Bucket, between, budget_spent, burn_rate, firing, minute_of
from bot.domain.slo.objective import Objective
from bot.domain.slo.status import LOOKBACKS, ObjectiveStatus

BAD_BURN = 6.0
"""A minute that burns so fast is a bad one; slower is the noise of a quiet day."""
_TWO = 2.0
"""Bad events that make a minute bad: one alone is nobody's incident."""
_OLD = timedelta(minutes=5)
"""While it burns, its numbers are not let grow older."""
_FEWEST = 50.0
"""Bad events of the last hour from which a severity may be proposed."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """One objective at risk, as an incident shows it.

    `sli` is of the last five minutes, `burns` are over 5 min, 1 h and 6 h; `left` and `spent` are
    fractions of the budget of the whole window; `lasts` are seconds at the burn of the last hour.
    """

    objective: str
    title: str
    target: float
    days: int = 30
    sli: float | None = None
    burns: tuple[float | None, ...] = (None, None, None)
    bad_last_hour: float = 0.0
    left: float | None = None
    lasts: float | None = None
    spent: float | None = None
    first_bad: datetime | None = None
    until: datetime | None = None
    source: str = ""
    blind: str = ""
    rule: str = ""
    """The objective's fastest burn rule that fires now ("14.4x over 1 h"), of those within 6 h."""

    @property
    def telling(self) -> bool:
        """Whether a severity may rest on it: it goes on, it matters, and it is not two requests."""
        return all(each is not None for each in self.burns[:2]) and self.bad_last_hour >= _FEWEST

    @property
    def burning(self) -> float:
        """What both the last minutes and the last hour burn at least."""
        known = [each for each in self.burns[:2] if each is not None]
        return min(known) if len(known) == len(self.burns[:2]) else 0.0


def budget(
    standing: ObjectiveStatus, minutes: Sequence[Bucket], *, since: datetime, until: datetime
) -> Budget | None:
    """From the minute in which it began to `until`, when users were well again or now."""
    objective, end = standing.objective, standing.until
    if objective.target is None or end is None:
        return None
    lasts = standing.exhausted_in
    five = between(minutes, end - LOOKBACKS[0], end)
    return Budget(
        objective=objective.name,
        title=objective.label,
        target=objective.target,
        days=objective.window.days,
        sli=five.sli,
        burns=standing.burns,
        bad_last_hour=between(minutes, end - LOOKBACKS[1], end).bad,
        left=standing.left,
        lasts=None if lasts is None else lasts.total_seconds(),
        spent=budget_spent(
            between(minutes, minute_of(since), until).bad, standing.window, objective.target
        ),
        first_bad=first_bad(objective, minutes),
        until=end,
        source=standing.source,
        blind=standing.blind,
        rule=_firing(objective, minutes, end),
    )


def _firing(objective: Objective, minutes: Sequence[Bucket], end: datetime) -> str:
    assert objective.target is not None
    near = (each for each in objective.rules if each.long <= LOOKBACKS[-1])
    fires = (each for each in near if firing(each, minutes, objective.target, end))
    return next((each.name for each in fires), "")


def first_bad(objective: Objective, minutes: Sequence[Bucket]) -> datetime | None:
    """The first of two bad minutes in a row, of the run that goes on or was the last."""
    assert objective.target is not None
    bad = [each for each in minutes if bad_minute(each, objective.target)]
    if len(bad) < _TWO:
        return None
    start = None
    for one, following in pairwise(bad):
        if following.at - one.at > timedelta(minutes=30):
            start = None
        elif start is None and following.at == one.until:
            start = one.at
    return start


def bad_minute(minute: Bucket, target: float) -> bool:
    if minute.counts is None or minute.counts.bad < _TWO:
        return False
    return (burn_rate(minute.counts, target) or 0) >= BAD_BURN


def noticeable(old: Sequence[Budget], new: Sequence[Budget]) -> bool:
    """Whether somebody who read the old numbers would think otherwise after the new ones."""
    if [(e.objective, bool(e.blind)) for e in old] != [(e.objective, bool(e.blind)) for e in new]:
        return True
    return any(_moved(one, other) for one, other in zip(old, new, strict=True))


def _moved(old: Budget, new: Budget) -> bool:
    if old.until and new.until and new.burning >= 1 and new.until - old.until >= _OLD:
        return True
    if old.rule != new.rule:
        return True
    burns = abs(new.burning - old.burning) > 0.2 * max(old.burning, new.burning, 1.0)
    left = abs((new.left or 0) - (old.left or 0)) >= 0.01
    spent = abs((new.spent or 0) - (old.spent or 0)) >= 0.01
    return burns or left or spent or (old.first_bad is None) != (new.first_bad is None)
