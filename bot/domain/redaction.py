"""Takes secrets and personal details out of text before anything is stored or posted."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.redaction_patterns import LOOK_LIKE_IDS, PATTERNS, Pattern

TOKEN = re.compile(r"(?<![\w/+=.-])[A-Za-z0-9+/_=-]{24,}(?![\w/+=-])")
CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
PHONE = re.compile(r"(?<![\w.:/-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{2,4}(?:[ .-]?\d{2,4}){1,4}|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})(?![\w-])")  # fmt: skip
RANDOM_BITS = 4.0
SHORTEST_RANDOM = 32
FEWEST_DIGITS = 9


@dataclass(frozen=True, kw_only=True)
class Redacted:
    """Text that is safe to keep, and what kinds of things were taken out of it."""

    text: str
    found: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing had to be taken out."""
        return not self.found


def redact(text: str) -> Redacted:
    """Each secret becomes `[redacted: its kind]`; doing it twice changes nothing more."""
    found: list[str] = []
    for pattern in PATTERNS:
        text = pattern.matcher.sub(_replacement(pattern, found), text)
    text = TOKEN.sub(_judge(_is_random, "secret", found), text)
    text = CARD.sub(_judge(_is_card, "card number", found), text)
    text = PHONE.sub(_judge(_is_phone, "phone number", found), text)
    return Redacted(text=text, found=tuple(dict.fromkeys(found)))


def _replacement(pattern: Pattern, found: list[str]) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        named = match.groupdict()
        secret = named.get("secret")
        if secret is None:
            found.append(pattern.kind)
            return f"[redacted: {pattern.kind}]"
        if secret.startswith("[redacted:") or not pattern.believes(secret):
            return match.group()
        found.append(pattern.kind)
        start, end = match.span("secret")
        whole, base = match.group(), match.start()
        return f"{whole[: start - base]}[redacted: {pattern.kind}]{whole[end - base :]}"

    return replace


def _judge(
    believes: Callable[[str], bool], kind: str, found: list[str]
) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        if not believes(match.group()):
            return match.group()
        found.append(kind)
        return f"[redacted: {kind}]"

    return replace


def _is_random(token: str) -> bool:
    """Whether a long token is random enough to be a key, and not a digest, path or identifier."""
    if len(token) < SHORTEST_RANDOM or any(known.fullmatch(token) for known in LOOK_LIKE_IDS):
        return False
    kinds = (r"[a-z]", r"[A-Z]", r"\d")
    if not all(re.search(kind, token) for kind in kinds) or token.count("/") > 3:
        return False
    # Words joined by dashes or humps are names; keys change case and digit all the time.
    longest_word = max((len(run) for run in re.findall(r"[a-z]{2,}|[A-Z]{2,}", token)), default=0)
    return longest_word < 8 and _bits(token) >= RANDOM_BITS


def _bits(token: str) -> float:
    """Shannon entropy for each character."""
    size = len(token)
    return -sum(n / size * math.log2(n / size) for n in Counter(token).values())


def _is_card(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    if len(set(digits)) == 1 or digits[0] not in "23456":
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_phone(text: str) -> bool:
    return FEWEST_DIGITS <= len(re.sub(r"\D", "", text)) <= 15
