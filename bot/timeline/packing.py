"""An hour of minutes in a few hundred bytes, and the numbers of a row as text."""

from __future__ import annotations

import json
import math
import zlib
from array import array
from datetime import UTC, datetime, timedelta

from bot.domain.slo import Counts, Figures

MINUTES = 60
_UNKNOWN = math.nan


class Hour:
    """The counts of sixty minutes; a minute that nobody could tell of is not a number."""

    def __init__(self, packed: bytes = b"") -> None:
        self._numbers = array("d")
        if packed:
            self._numbers.frombytes(zlib.decompress(packed))
        else:
            self._numbers.extend([_UNKNOWN] * MINUTES + [0.0] * MINUTES)

    def set(self, minute: int, counts: Counts | None) -> None:
        self._numbers[minute] = counts.total if counts else _UNKNOWN
        self._numbers[MINUTES + minute] = counts.bad if counts else 0.0

    def get(self, minute: int) -> Counts | None:
        total = self._numbers[minute]
        return None if math.isnan(total) else Counts(total, self._numbers[MINUTES + minute])

    def known(self) -> list[tuple[int, Counts]]:
        found = ((minute, self.get(minute)) for minute in range(MINUTES))
        return [(minute, counts) for minute, counts in found if counts is not None]

    def sum(self) -> Counts | None:
        known = [counts for _minute, counts in self.known()]
        return sum(known, Counts()) if known else None

    def packed(self) -> bytes:
        return zlib.compress(self._numbers.tobytes(), 1)


def written(figures: Figures) -> str:
    return json.dumps(
        {
            "current": [figures.current.total, figures.current.bad],
            "window": [figures.window.total, figures.window.bad],
            "burns": figures.burns,
            "reading": figures.reading,
            "until": figures.until.timestamp() if figures.until else None,
            "source": figures.source,
            "lag": figures.lag.total_seconds(),
        }
    )


def figures(text: str) -> Figures:
    """What was written; nothing known where nothing was."""
    found = json.loads(text) if text else None
    if found is None:
        return Figures(trouble="nothing is measured yet")
    until = found["until"]
    return Figures(
        current=Counts(*found["current"]),
        window=Counts(*found["window"]),
        burns=tuple(found["burns"]),
        reading=found["reading"],
        until=None if until is None else datetime.fromtimestamp(until, UTC),
        source=found["source"],
        lag=timedelta(seconds=found["lag"]),
    )
