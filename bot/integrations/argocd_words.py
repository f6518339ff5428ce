"""Argo CD's refusals as plain sentences; matched by their text, because the codes are too coarse."""

from __future__ import annotations

import re

from bot.integrations.http import plain_words

_SENTENCES = (
    (
        r"rollback cannot be initiated when auto-sync is enabled",
        "auto-sync is on, and Argo CD only rolls back while it is off",
    ),
    (
        r"does not have deployment with id (\d+)",
        "deployment {0} has dropped out of the history",
    ),
    (
        r"another operation is already in progress",
        "another operation of this application is running",
    ),
    (
        r"Cannot sync to (\S+?):? auto-sync currently set to (\S+)",
        "auto-sync holds it at {1}, so Argo CD does not sync to {0}",
    ),
    (r"blocked by sync window", "a sync window forbids it now"),
    (r"application is deleting", "the application is being deleted"),
    (
        r"Unable to terminate operation\. No operation is in progress",
        "there is no operation to stop: it ended by itself",
    ),
    (
        r"permission denied",
        "our account lacks the right for it, or there is no such application",
    ),
    (r"application.*not found", "there is no such application"),
)
_UNAUTHENTICATED = 16


def words(status: int, body: object) -> str:
    """One sentence for an error body `{error, code, message}`."""
    match body:
        case {"code": int(code), **rest}:
            said = str(rest.get("message") or rest.get("error") or "")
        case _:
            code, said = 0, plain_words(status, body)
    if status == 401 or code == _UNAUTHENTICATED:
        return "it refused our token (expired, revoked or of another Argo CD)"
    for pattern, sentence in _SENTENCES:
        if found := re.search(pattern, said, re.IGNORECASE):
            return sentence.format(*found.groups())
    return " ".join(said.split())[:300] or f"it answered {status}"


def no_operation(why: str) -> bool:
    """Whether a termination was refused only because nothing runs any more."""
    return why.startswith("there is no operation to stop")
