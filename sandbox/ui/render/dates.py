"""Dates as a chat shows them: tokens filled in, and never a guess about the reader's time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape

_TOKEN = re.compile(r"\{([a-z_]+)\}")
_LATEST = 253_402_300_799


def moment(seconds: float | str) -> datetime | None:
    """A Unix time (or a message's ts) as a moment; None when it is no such thing."""
    try:
        value = float(seconds)
    except (TypeError, ValueError):
        return None
    return datetime.fromtimestamp(value, UTC) if 0 <= value <= _LATEST else None


def clock(ts: float | str) -> str:
    at = moment(ts)
    return at.strftime("%H:%M") if at else ""


def full(ts: float | str) -> str:
    at = moment(ts)
    return at.strftime("%A %-d %B %Y, %H:%M:%S UTC") if at else ""


def iso(ts: float | str) -> str:
    at = moment(ts)
    return at.isoformat() if at else ""


def date_token(seconds: str, layout: str, *, fallback: str, now: datetime) -> Markup:
    """What `<!date^...>` shows; the fallback where the moment or a token is not understood."""
    at = moment(seconds)
    if at is None:
        return escape(fallback)
    words = _TOKEN.sub(lambda found: _part(found[1], at, now) or found[0], layout)
    shown = fallback if _TOKEN.search(words) and fallback else words
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(), full(at.timestamp()), shown
    )


def _part(token: str, at: datetime, now: datetime) -> str | None:
    plain = token.removesuffix("_pretty")
    if plain != token and (day := _near(at, now)):
        return day
    match plain:
        case "date_num":
            return at.strftime("%Y-%m-%d")
        case "date":
            return at.strftime("%B %-d, %Y")
        case "date_short":
            return at.strftime("%b %-d, %Y")
        case "date_long":
            return at.strftime("%A, %B %-d, %Y")
        case "day_divider":
            return at.strftime("%A, %B %-d")
        case "time":
            return at.strftime("%H:%M")
        case "time_secs":
            return at.strftime("%H:%M:%S")
        case "ago":
            return _ago(now - at)
    return None


def _near(at: datetime, now: datetime) -> str | None:
    days = (at.date() - now.date()).days
    return {0: "today", -1: "yesterday", 1: "tomorrow"}.get(days)


def _ago(gone: timedelta) -> str:
    seconds = int(abs(gone.total_seconds()))
    ahead = gone.total_seconds() < 0
    if seconds < 60:
        words = f"{seconds} s"
    elif seconds < 3600:
        words = f"{seconds // 60} min"
    elif seconds < 86_400:
        words = f"{seconds // 3600} h {seconds % 3600 // 60} min"
    else:
        words = f"{seconds // 86_400} d"
    return f"in {words}" if ahead else f"{words} ago"
