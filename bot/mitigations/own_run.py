"""What every mitigation asks of a run that it began: that it is there, and how it goes."""

from __future__ import annotations

from bot.domain.mitigation import Plan, Receipt, TooEarly, Unhealthy
from bot.domain.workflow import Run, RunState
from bot.tools import Tools


def taken(tools: Tools, plan: Plan, attempt: str) -> Receipt:
    """The request was accepted: a run is found again by the attempt."""
    summary = f"{plan.system} took it: {plan.doing}"
    return Receipt(reference=attempt, summary=summary, at=tools.clock.now())


def adopted(tools: Tools, plan: Plan, run: Run, attempt: str) -> Receipt:
    """Found after an interruption."""
    summary = f"{plan.system} runs it: {run.name}"
    return Receipt(reference=attempt, summary=summary, at=tools.clock.now())


def unseen(plan: Plan) -> TooEarly:
    return TooEarly(progress=f"{plan.system} does not show the run (yet)")


def unfinished(run: Run) -> TooEarly | Unhealthy | None:
    """Why there is nothing to prove yet, or nothing any more; None once it succeeded."""
    match run.state:
        case RunState.RUNNING:
            return TooEarly(progress=run.told)
        case RunState.FAILED:
            return Unhealthy(why=run.told)
        case RunState.SUCCEEDED:
            return None
