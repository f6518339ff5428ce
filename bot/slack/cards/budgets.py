"""What the card says of the error budgets: the one that burns fastest in full, others in short."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.incident import Incident
from bot.domain.slo import Budget
from bot.flow import budget_words as words
from bot.flow import figures
from bot.slack.blocks import clip, escape

_OTHERS = 2
_NOTHING = 0.0005
"""Below this share of a budget an incident has cost nothing that anybody would name."""


def budgets(incident: Incident) -> Iterator[str]:
    if not incident.budgets:
        return
    worst, *others = incident.budgets
    age = f" ({worst.until:%H:%M} UTC, {worst.source})" if worst.until and not worst.blind else ""
    yield f"*Error budget* {escape(words.standing(worst))}{age}"
    if worst.spent is not None and worst.spent > _NOTHING:
        yield f"• this incident cost {figures.cost(worst.spent)} of it so far"
    touched = [each for each in others if _touched(each)]
    for each in touched[:_OTHERS]:
        yield f"• {escape(clip(_short(each), 150))}"
    if (more := len(touched) - _OTHERS) > 0:
        yield f"• and {more} more that it spends"


def cost(incident: Incident) -> str:
    """For the end; empty where nothing was measured or it cost nothing."""
    dear = [each for each in incident.budgets if (each.spent or 0) > _NOTHING]
    worst = max(dear, key=lambda each: each.spent or 0, default=None)
    return words.spent(worst) if worst else ""


def budget_left(incident: Incident) -> Iterator[str]:
    """For who decides on a change: the budget that burns fastest, and for how long it lasts."""
    for worst in incident.budgets[:1]:
        known = f"; {escape(worst.blind)}" if worst.blind else ""
        yield f"Error budget of {escape(worst.title)}: {words.remaining(worst)}{known}"


def _touched(budget: Budget) -> bool:
    """An objective that burns as on any day is no news at night."""
    return bool(budget.blind) or budget.burning > 1 or (budget.spent or 0) > _NOTHING


def _short(budget: Budget) -> str:
    if budget.blind:
        return f"{budget.title}: {budget.blind}"
    return f"{budget.title}: {words.burning(budget)}; {words.remaining(budget)}"
