"""The hash chain of an incident: a changed, missing or moved entry shows, a redacted one may be."""

from __future__ import annotations

import hashlib
import os

GENESIS = bytes(32)
_SALT = 16


def salt() -> bytes:
    """Destroyed with the body on redaction, so that short bodies cannot be guessed from the hash."""
    return os.urandom(_SALT)


def commitment(salted: bytes, body: str) -> bytes:
    return hashlib.sha256(salted + body.encode()).digest()


def link(previous: bytes, place: tuple[str, int, str, str], committed: bytes) -> bytes:
    """`place` is (incident, seq, at, type). Lengths go in, so that no two places read alike."""
    digest = hashlib.sha256(previous)
    for part in place:
        text = str(part).encode()
        digest.update(len(text).to_bytes(4, "big") + text)
    digest.update(committed)
    return digest.digest()
