"""AWS's refusals as plain sentences, sorted by whether they pass, and by whether anything happened."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.errors import NotSent, VendorDown, VendorError, VendorRejected

VENDOR = "AWS"
PERMISSIONS = "docs/mitigations.md has the policy to paste."

_SLOWER = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "PriorRequestNotComplete",
    "SlowDown",
    "WAFLimitsExceededException",
}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "UnauthorizedOperation",
    "Forbidden",
}
STALE = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidToken",
}
_PREFIX = {"elbv2": "elasticloadbalancing", "opensearch": "es"}
_WAIT = timedelta(seconds=5)
_LONGEST = 300


def translated(
    code: str, said: str, *, status: int, right: str, once: bool, doing: str, by_hand: str
) -> VendorError:
    """`right` is the permission that the call needs; `once` marks a change to production."""
    if code in _SLOWER or status == 429:
        kind = NotSent if once else VendorDown
        why = "it is limiting how often we may call"
        return kind(VENDOR, doing, why, by_hand=by_hand, retry_after=_WAIT)
    if code in _DENIED:
        return final(_denied(said, right), once=once, doing=doing, by_hand=by_hand)
    if code in STALE:
        kind = NotSent if once else VendorDown
        return kind(VENDOR, doing, "our session there ran out", by_hand=by_hand)
    if status >= 500:
        return VendorDown(VENDOR, doing, f"it answered {status}", by_hand=by_hand)
    why = _sentence(said) or code or f"it answered {status}"
    return final(why, once=once, doing=doing, by_hand=by_hand)


def permission(service: str, action: str) -> str:
    """As a policy spells it: `elasticloadbalancing:ModifyRule`."""
    return f"{_PREFIX.get(service, service)}:{action}"


def _denied(said: str, right: str) -> str:
    named = re.search(r"not authorized to perform:? ([\w-]+:\w+)", said)
    lacks = named[1] if named else right
    explicit = " (a policy denies it explicitly)" if "explicit deny" in said else ""
    return f"our role lacks {lacks}{explicit}. {PERMISSIONS}"


def final(why: str, *, once: bool, doing: str, by_hand: str) -> VendorError:
    """What will not pass by waiting."""
    if once:
        return NotSent(VENDOR, doing, why, by_hand=by_hand, may_pass=False)
    return VendorRejected(VENDOR, doing, why, by_hand=by_hand)


def _sentence(said: str) -> str:
    return " ".join(said.split())[:_LONGEST]
