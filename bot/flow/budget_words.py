"""Error budgets in words: the same on the card, at the end and in the postmortem."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.slo import Budget
from bot.flow.shown import lasting

_FAR = timedelta(days=3)


def sli(ratio: float | None, target: float) -> str:
    """`99.94%`, one digit more than the target has; “no data” for nothing."""
    if ratio is None:
        return "no data"
    return _percent(ratio * 100, _digits(target) + 1)


def aim(target: float) -> str:
    return _percent(target * 100, _digits(target))


def share(part: float | None) -> str:
    """Of a budget: `62%`, negative when overspent; small ones keep a digit."""
    if part is None:
        return "no data"
    percent = part * 100
    if 0 < abs(percent) < 0.1:
        return "under 0.1%"
    return f"{percent:.0f}%" if abs(percent) >= 10 or percent == 0 else f"{percent:.1f}%"


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
    now = f"{sli(budget.sli, budget.target)} now (target {aim(budget.target)})"
    return f"{budget.title} {now}, {burning(budget)}; {remaining(budget)}"


def remaining(budget: Budget) -> str:
    left = f"{share(budget.left)} of {budget.days} days left"
    if budget.lasts is None:
        return left
    if budget.lasts <= 0:
        return f"{left}: exhausted"
    lasts = timedelta(seconds=budget.lasts)
    return f"{left}, gone in {lasting(lasts)}" if lasts < _FAR else left


def spent(budget: Budget) -> str:
    """What is said when it is over: `11% of the 30-day budget of LMS availability, 62% left`."""
    cost = share(budget.spent)
    return f"{cost} of the {budget.days}-day budget of {budget.title}, {share(budget.left)} left"


def _digits(target: float) -> int:
    """Decimals of the target as a percentage: 99.95 has two."""
    return len(f"{round(target * 100, 6):g}".partition(".")[2])


def _percent(value: float, digits: int) -> str:
    shown = f"{value:.{digits}f}"
    return f"{shown.rstrip('0').rstrip('.') if '.' in shown else shown}%"


def _times(rate: float) -> str:
    return f"{rate:.0f}x" if rate >= 10 else f"{rate:.1f}x"
