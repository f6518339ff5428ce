"""How near the words of a page lie to the name of a service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import lru_cache


def words_of(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z0-9]+", text.lower()))


def contained(parts: tuple[str, ...], near: Mapping[str, float]) -> float:
    if not parts or not near:
        return 0.0
    # A longer name that fits whole says more than a short one that does.
    return sum(near[part] ** 2 for part in parts) / len(parts) + 0.01 * len(parts)


def nearness(part: str, words: tuple[str, ...]) -> float:
    best, letters, length = 0.0, frozenset(part), len(part)
    for word in words:
        # Compared only where lengths and letters allow more than what was found already.
        most = 2 * min(length, len(word)) / (length + len(word))
        if most > best and not letters.isdisjoint(word):
            best = max(best, _alike(part, word))
    return best


@lru_cache(maxsize=50_000)
def _alike(part: str, word: str) -> float:
    """Remembered: the words of service names and of alarms are few, and comparing them is slow."""
    return SequenceMatcher(None, part, word, autojunk=False).ratio()
