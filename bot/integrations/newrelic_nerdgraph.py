"""Speaks NRQL to New Relic: one question over NerdGraph, whose errors come with a 200."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.errors import VendorDown, VendorRejected
from bot.integrations.http import Access, Asked, Vendor, VendorHealth
from bot.tools import Gate

VENDOR = "New Relic"
_QUESTION = (
    "query ($account: Int!, $nrql: Nrql!)"
    " { actor { account(id: $account) { nrql(query: $nrql, timeout: 30) { results } } } }"
)


class NerdGraph:
    """Reads only."""

    def __init__(self, url: str, key: str, *, account: int, gate: Gate | None = None) -> None:
        access = Access(vendor=VENDOR, url=url, headers={"API-Key": key})
        self._vendor = Vendor(access, gate or Gate(observe=True))
        self._account = account

    @property
    def health(self) -> VendorHealth:
        return self._vendor.health

    def close(self) -> None:
        self._vendor.close()

    def results(self, doing: str, nrql: str) -> list[Mapping[str, Any]]:
        body = {"query": _QUESTION, "variables": {"account": self._account, "nrql": nrql}}
        found = self._vendor.send(Asked(path="", method="POST", doing=doing, body=body))
        if errors := (found or {}).get("errors"):
            raise _failure(doing, errors)
        account = (((found or {}).get("data") or {}).get("actor") or {}).get("account") or {}
        results = (account.get("nrql") or {}).get("results")
        if results is None:
            why = f"account {self._account} gave no results: is the number right?"
            raise VendorRejected(VENDOR, doing, why)
        return list(results)


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _failure(doing: str, errors: Any) -> VendorDown | VendorRejected:
    first = errors[0] if errors else {}
    said = " ".join(str(first.get("message") or "an error without a message").split())[:300]
    kind = str((first.get("extensions") or {}).get("errorClass") or "")
    passing = ("TIMEOUT", "SERVER_ERROR", "TOO_MANY_REQUESTS", "UNAVAILABLE")
    if any(word in kind.upper() for word in passing) or "timed out" in said.lower():
        return VendorDown(VENDOR, doing, said)
    return VendorRejected(VENDOR, doing, said)
