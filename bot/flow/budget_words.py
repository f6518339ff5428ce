"""Error budgets in words: the same on the card, at the end and in the postmortem."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.slo import Budget
from bot.flow.figures import NO_DATA, age, cost, good, promise
from bot.flow.figures import budget as share_left

_FAR = timedelta(days=3)


def burning(budget: Budget) -> str:
    """`burning 29x over 5 min, 12x over 1 h, 2x over 6 h`."""
    spans = ("5 min", "1 h", "6 h")
    told = [
        f"{_times(rate)} over {span}"
        for rate, span in zip(budget.burns, spans, strict=True)
        if rate is not None
    ]
    if not told:
        return "no traffic to tell a burn from"
    rule = f" (above the rule of {budget.rule})" if budget.rule else ""
    return f"burning {', '.join(told)}{rule}"


def standing(budget: Budget) -> str:
    """One line: now against the target, the burn, what is left and for how long."""
    if budget.blind:
        return f"{budget.title}: {budget.blind}; nothing newer is known"
    sli = NO_DATA if budget.sli is None else good(budget.sli, budget.target)
    now = f"{sli} now (target {promise(budget.target)})"
    return f"{budget.title} {now}, {burning(budget)}; {remaining(budget)}"


def remaining(budget: Budget) -> str:
    left = f"{_left(budget)} of {budget.days} days left"
    if budget.lasts is None:
        return left
    if budget.lasts <= 0:
        return f"{left}: exhausted"
    lasts = timedelta(seconds=budget.lasts)
    return f"{left}, gone in {age(lasts)}" if lasts < _FAR else left


def spent(budget: Budget) -> str:
    """What is said when it is over: `11% of the 30-day budget of LMS availability, 62% left`."""
    gone = NO_DATA if budget.spent is None else cost(budget.spent)
    return f"{gone} of the {budget.days}-day budget of {budget.title}, {_left(budget)} left"


def _left(budget: Budget) -> str:
    return NO_DATA if budget.left is None else share_left(budget.left)


def _times(rate: float) -> str:
    return f"{rate:.0f}x" if rate >= 10 else f"{rate:.1f}x"
