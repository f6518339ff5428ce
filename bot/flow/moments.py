"""Clock times as people write them at night: `since 03:12`, in UTC, and never in the future."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_SINCE = re.compile(rf"\b(?:since|from|at)\s+{_TIME.pattern}\b", re.IGNORECASE)


def is_time(text: str) -> bool:
    return _TIME.fullmatch(text) is not None


def moment(text: str, now: datetime) -> datetime | None:
    """The last time that the clock showed this; yesterday where it is still to come today."""
    found = _TIME.fullmatch(text)
    return _last(found, now) if found else None


def began(sentence: str, now: datetime) -> datetime | None:
    """The start that a sentence tells: “checkout fails since 13:50”."""
    found = _SINCE.search(sentence)
    return _last(found, now) if found else None


def _last(found: re.Match[str], now: datetime) -> datetime:
    at = now.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    return at if at <= now else at - timedelta(days=1)
