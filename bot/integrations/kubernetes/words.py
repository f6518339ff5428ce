"""Kubernetes' refusals as plain sentences: who may not do what, what is missing, what changed."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FORBIDDEN = re.compile(
    r'User "(?P<who>[^"]+)" cannot (?P<verb>\S+) resource "(?P<what>[^"]+)"'
    r' in API group "(?P<group>[^"]*)"(?: in the namespace "(?P<where>[^"]+)")?'
)
_ACCOUNT = re.compile(r"system:serviceaccount:([^:]+):(.+)")


def words(status: int, body: object) -> str:
    """One sentence for an answer that is no success."""
    said = message(body)
    match status:
        case 401:
            return "it refused our credentials (expired, revoked or of another cluster)"
        case 403:
            return _forbidden(said)
        case 404:
            return f"there is no such object ({said})" if said else "there is no such object"
        case 409:
            return "somebody changed it at the same moment"
        case _:
            return " ".join(said.split())[:300] or f"it answered {status}"


def message(body: object) -> str:
    match body:
        case {"message": str(said)}:
            return said
        case _:
            return ""


def reason(body: object) -> str:
    return str(body.get("reason", "")) if isinstance(body, Mapping) else ""


def _forbidden(said: str) -> str:
    found = _FORBIDDEN.search(said)
    if not found:
        return " ".join(said.split())[:300] or "our account lacks the right for it"
    group = f" ({found['group']})" if found["group"] else ""
    where = f" in namespace {found['where']}" if found["where"] else " in the whole cluster"
    return (
        f"our account {_account(found['who'])} lacks the right to {found['verb']}"
        f" {found['what']}{group}{where}; the roles it needs are in docs/mitigations.md"
    )


def _account(who: str) -> str:
    known = _ACCOUNT.fullmatch(who)
    return f"{known[2]} of namespace {known[1]}" if known else who
