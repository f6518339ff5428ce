"""Which paths a cache is emptied of: written as CloudFront takes them, and no more than is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.errors import Refused

MOST = 15
"""CloudFront carries out this many paths with a `*` at a time."""
_PATH = re.compile(r"/[A-Za-z0-9\-._~!$&'()+,;=:@%/]*\*?")


@dataclass(frozen=True, kw_only=True)
class Purge:
    """One invalidation that was asked for."""

    id: str
    done: bool
    paths: tuple[str, ...] = ()


def paths_in(text: str) -> tuple[str, ...]:
    """What was typed, separated by spaces or commas; sorted, each once."""
    found = tuple(sorted({each for each in re.split(r"[\s,]+", text.strip()) if each}))
    if not found:
        raise Refused("Say which paths, like `/courses/* /static/app.js`; `/*` is everything.")
    if len(found) > MOST:
        raise Refused(f"At most {MOST} paths at a time: use a `*` at the end of a path.")
    for each in found:
        if not _PATH.fullmatch(each):
            raise Refused(
                f"“{each}” is no path: it starts with `/`, has no spaces or `?`, and a `*` only"
                " at its end."
            )
    return found
