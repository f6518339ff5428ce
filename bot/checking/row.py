"""A line of the table that `check` prints."""

from dataclasses import dataclass
from enum import StrEnum

from bot.configuration.problem import Problem


class State(StrEnum):
    OK = "ok"
    OFF = "off"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, kw_only=True)
class Row:
    """`area` groups rows; `fix` says what to write instead, or what being off switches off."""

    area: str
    where: str
    state: State
    what: str
    fix: str = ""


def told(area: str, problem: Problem, state: State = State.PROBLEM) -> Row:
    return Row(area=area, where=problem.where, state=state, what=problem.what, fix=problem.fix)
