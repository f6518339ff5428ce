"""Whether a webhook is genuine: one of our secrets signed exactly these bytes."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from enum import StrEnum

_SIGNATURE = re.compile(r"v\d+=[0-9a-fA-F]+")


class Signature(StrEnum):
    GOOD = "good"
    MISSING = "missing"
    MISMATCH = "mismatch"


def signature_verdict(raw: bytes, header: str | None, secrets: Iterable[str]) -> Signature:
    """Of `v1=<HMAC-SHA256 in hexadecimal>`, several with commas between.

    MISSING also stands for a header that holds no signature at all. A well-formed one of a
    version we do not know is a MISMATCH: the sender tries that again, and loses nothing.
    """
    given = [each.strip() for each in (header or "").split(",")]
    well_formed = [each for each in given if _SIGNATURE.fullmatch(each)]
    if not well_formed:
        return Signature.MISSING
    ours = [each.removeprefix("v1=").lower() for each in well_formed if each.startswith("v1=")]
    matched = False
    for secret in secrets:
        wanted = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        for each in ours:
            # No early end: how long this takes says nothing about which one matched.
            matched |= hmac.compare_digest(wanted, each)
    return Signature.GOOD if matched else Signature.MISMATCH
