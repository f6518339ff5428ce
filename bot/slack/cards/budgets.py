"""What the card says of the error budgets: the one that burns fastest in full, others in short."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.incident import Incident
from bot.domain.slo import Budget
from bot.flow import budget_words as words
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
    if (worst.spent or 0) > _NOTHING:
        cost = words.share(worst.spent)
        yield f"• this incident cost {cost} of it so far"
    for each in others[:_OTHERS]:
        yield f"• {escape(clip(_short(each), 150))}"
    if (more := len(others) - _OTHERS) > 0:
        yield f"• and {more} more at risk"


def cost(incident: Incident) -> str:
    """For the end; empty where nothing was measured or it cost nothing."""
    dear = [each for each in incident.budgets if (each.spent or 0) > _NOTHING]
    worst = max(dear, key=lambda each: each.spent or 0, default=None)
    return words.spent(worst) if worst else ""


def _short(budget: Budget) -> str:
    if budget.blind:
        return f"{budget.title}: {budget.blind}"
    return f"{budget.title}: {words.burning(budget)}; {words.remaining(budget)}"
