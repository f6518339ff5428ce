"""When a cron line runs: so that a plan can say how many runs will be missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_FIELDS = 5


@dataclass(frozen=True, kw_only=True)
class Cron:
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    either_day: bool
    """Both kinds of day are restricted: cron then takes a day that fits one of them."""

    def runs_at(self, moment: datetime) -> bool:
        day = moment.day in self.days
        weekday = (moment.weekday() + 1) % 7 in self.weekdays
        return (
            moment.minute in self.minutes
            and moment.hour in self.hours
            and moment.month in self.months
            and ((day or weekday) if self.either_day else (day and weekday))
        )

    def runs(self, after: datetime, until: datetime) -> list[datetime]:
        """In the zone of `after`."""
        moment = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
        found = []
        while moment <= until:
            if self.runs_at(moment):
                found.append(moment)
            moment += timedelta(minutes=1)
        return found


def cron(line: str) -> Cron | None:
    """None for a line that is not understood: then nothing is claimed about it."""
    parts = _MACROS.get(line.strip().lower(), line).lower().split()
    if len(parts) != _FIELDS:
        return None
    try:
        found = [
            _field(part, lowest, highest, names)
            for part, (lowest, highest), names in zip(
                parts, _RANGES, ((), (), (), _MONTHS, _DAYS), strict=True
            )
        ]
    except ValueError:
        return None
    return Cron(
        minutes=found[0],
        hours=found[1],
        days=found[2],
        months=found[3],
        weekdays=found[4],
        either_day=not parts[2].startswith(("*", "?")) and not parts[4].startswith(("*", "?")),
    )


def _field(text: str, lowest: int, highest: int, names: tuple[str, ...]) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            first, last = lowest, highest
        else:
            start, dash, end = span.partition("-")
            first = _number(start, lowest, names)
            last = _number(end, lowest, names) if dash else (highest if step else first)
        every = int(step) if step else 1
        if every < 1 or not lowest <= first <= last <= highest + (highest == _RANGES[4][1]):
            raise ValueError(text)
        found |= set(range(first, last + 1, every))
    # Sunday may be written as 7.
    return frozenset(0 if highest == _RANGES[4][1] and each == 7 else each for each in found)


def _number(text: str, lowest: int, names: tuple[str, ...]) -> int:
    return names.index(text) + lowest if text in names else int(text)
