"""How the objectives stand, for whoever asks in a channel."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.errors import Refused
from bot.domain.slo import ObjectiveStatus, Remaining, burn_down
from bot.flow.objectives import hours_of, sides_of, statuses
from bot.slack.cards.objectives import one, table, worst_first
from bot.slack.handling import Ask, Reply, command
from bot.tools import Tools

_DAY = 24
_FEW = 4


@command("slo", usage="slo [service]", explains="shows the objectives and what is left of budgets")
def objectives(tools: Tools, ask: Ask) -> Reply:
    """All of them, or those that a service has a part in, with the way their budgets went."""
    wanted = ask.text.strip()
    every = statuses(tools)
    if not every:
        raise Refused("No objective is written down: add files to catalog/slos.")
    if not wanted:
        return Reply(text="Objectives", blocks=table(worst_first(every), title="Objectives"))
    found = worst_first(_of(tools, every, wanted))
    if len(found) > _FEW:
        return Reply(text=f"Objectives of {wanted}", blocks=table(found, title=wanted))
    blocks = [
        block for each in found for block in one(each, _line(tools, each), sides_of(tools, each))
    ]
    return Reply(text=f"Objectives of {wanted}", blocks=tuple(blocks))


def _of(tools: Tools, every: list[ObjectiveStatus], wanted: str) -> list[ObjectiveStatus]:
    service = tools.catalog.service(wanted)
    names = {
        each.name for each in tools.catalog.objectives_of(service.name if service else wanted)
    }
    said = wanted.lower()
    names |= {o.name for o in tools.catalog.objectives if said in (o.name, o.label.lower())}
    found = [each for each in every if each.objective.name in names]
    if not found:
        raise Refused(f"No objective is of {wanted}. `slo` alone lists all of them.")
    return found


def _line(tools: Tools, status: ObjectiveStatus) -> list[Remaining]:
    """The budget left at the end of each day of the window."""
    objective, until = status.objective, status.until
    if objective.target is None or until is None:
        return []
    since = (until - objective.window).replace(minute=0, second=0, microsecond=0)
    hours = hours_of(tools, objective, since=since + timedelta(hours=1))
    line = burn_down(hours, objective.target, since=since, until=until + timedelta(hours=1))
    return line[_DAY - 1 :: _DAY] or line[-1:]
