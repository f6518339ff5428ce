"""How the numbers of objectives are written wherever people read them: with the digits that matter, and never better than they are."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.slo import Counts, Objective, ObjectiveStatus, Threshold
from bot.flow.shown import lasting

NO_DATA = "no data"
NOT_APPLICABLE = "N/A"
_MOST_DIGITS = 6
_MANY_DAYS = timedelta(days=2)


def target(objective: Objective) -> str:
    """`99.9%`, or `< 500 ms` for a threshold."""
    match objective.indicator:
        case Threshold(below=below, unit=unit):
            return f"< {below:g} {unit}"
    return promise(objective.target or 0.0)


def promise(target: float) -> str:
    """With all of its digits: `99.95%`."""
    return _plain(target, _MOST_DIGITS)


def current(now: ObjectiveStatus) -> str:
    """`99.94%`, `342 ms`; in words where nothing is known."""
    objective = now.objective
    match objective.indicator:
        case Threshold(below=below, unit=unit):
            return NO_DATA if now.reading is None else _reading(now.reading, below, unit)
    if now.sli is None or objective.target is None:
        return NO_DATA
    return good(now.sli, objective.target)


def good(sli: float, promised: float) -> str:
    """One digit more than the promise has. Rounding never lifts it onto the promise or to 100%."""
    digits = len(f"{promised * 100:.{_MOST_DIGITS}f}".rstrip("0").partition(".")[2]) + 1
    while digits < _MOST_DIGITS and _lifted(sli, promised, round(sli, digits + 2)):
        digits += 1
    return _plain(sli, digits)


def left(now: ObjectiveStatus) -> str:
    """Of the budget: `72%`, `-12%` when overspent."""
    if not now.objective.has_budget:
        return NOT_APPLICABLE
    return NO_DATA if now.left is None else budget(now.left)


def budget(share: float) -> str:
    """Whole percents; a digit more where a rounded one would say that all or nothing is left."""
    digits = 0
    while digits < 2 and share not in {0, 1} and round(share, digits + 2) in {0, 1}:
        digits += 1
    shown = f"{share * 100:.{digits}f}"
    return f"{shown.removeprefix('-') if float(shown) == 0 else shown}%"


def of_side(counts: Counts, promised: float) -> str:
    """Of one side of what is counted together: `99.2%`."""
    return "no traffic" if counts.sli is None else good(counts.sli, promised)


def part_of(counts: Counts, every: float) -> str:
    """How much of all events came this way."""
    return f"{counts.total / every * 100:.0f}%" if every > 0 else "none"


def cost(share: float) -> str:
    """What was spent of a budget: small shares keep a digit."""
    percent = share * 100
    if 0 < percent < 0.1:
        return "under 0.1%"
    return f"{percent:.0f}%" if percent >= 10 or percent == 0 else f"{percent:.1f}%"


def age(span: timedelta) -> str:
    """`12 min`, `3 d`; whole days from two on."""
    return f"{span // timedelta(days=1)} d" if span >= _MANY_DAYS else lasting(span)


def _lifted(true: float, promised: float, shown: float) -> bool:
    return any(true < limit <= shown + 1e-12 for limit in (promised, 1.0))


def _reading(value: float, below: float, unit: str) -> str:
    """Whole numbers where the limit is large; one below the limit is written as below it."""
    digits = 0 if below >= 10 else 2
    while digits < _MOST_DIGITS and (value < below) != (round(value, digits) < below):
        digits += 1
    return f"{value:.{digits}f} {unit}"


def _plain(share: float, digits: int) -> str:
    return f"{share * 100:.{digits}f}".rstrip("0").rstrip(".") + "%"
