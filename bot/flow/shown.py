"""How numbers are written wherever people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

_BARS = "▁▂▃▄▅▆▇█"


def percent(ratio: float | None) -> str:
    """`11.4%`; “not known” for nothing."""
    if ratio is None:
        return "not known"
    shown = ratio * 100
    return f"{shown:.1f}%" if shown >= 0.1 or shown == 0 else f"{shown:.2f}%"


def sparkline(values: Sequence[float], *, least: float = 0.0) -> str:
    """A small picture in text; its highest bar is the highest value, or `least` where all are lower."""
    top = max([*values, least])
    if top <= 0:
        return _BARS[0] * len(values)
    return "".join(_BARS[min(7, round(value / top * 7))] for value in values)


def lasting(span: timedelta) -> str:
    """`47 s`, `12 min`, `2 h 05 min`."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
