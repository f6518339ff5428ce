"""What a benchmark found: beside its budget, and beside what the machine itself can do."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Row:
    """Text, as it is printed. `floor` was measured in the same run."""

    what: str
    measured: str
    budget: str = ""
    floor: str = ""


def show(title: str, rows: Sequence[Row]) -> None:
    table = Table("what", "measured", "budget", "floor, same run", title=title)
    for row in rows:
        table.add_row(row.what, row.measured, row.budget, row.floor)
    Console(width=150).print(table)


def late(took: Sequence[float], share: int) -> float:
    """The value that so many per cent stay under."""
    return statistics.quantiles(took, n=100)[share - 1]
