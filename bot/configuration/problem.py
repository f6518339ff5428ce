"""Says what is wrong with a configuration, where it is written and what to write instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, kw_only=True)
class Problem:
    """`where` is `catalog/services/lms.yaml:12` or the name of a variable. Never holds a value
    that may be secret."""

    where: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.fix}"


class ConfigError(Exception):
    """Nothing is started on a half-right configuration; all its problems are told at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{count} in the configuration:\n{lines}")


def suggestion(wrong: str, known: Sequence[str], otherwise: str) -> str:
    """`Did you mean …?` where something is near, else the plain advice."""
    near = get_close_matches(wrong, known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else otherwise
