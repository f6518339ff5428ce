"""Speaks NRQL to New Relic: questions over NerdGraph, whose errors come with a 200."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain.errors import VendorDown, VendorRejected
from bot.integrations.http import Access, Asked, Vendor, VendorHealth
from bot.tools import Gate

VENDOR = "New Relic"
Rows = list[Mapping[str, Any]]
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

    def results(self, doing: str, nrql: str) -> Rows:
        body = {"query": _QUESTION, "variables": {"account": self._account, "nrql": nrql}}
        found = self._vendor.send(Asked(path="", method="POST", doing=doing, body=body))
        if errors := (found or {}).get("errors"):
            raise _failure(doing, errors)
        return self._rows(doing, found, "nrql")

    def answers(
        self, doing: str, questions: Sequence[str]
    ) -> list[Rows | VendorDown | VendorRejected]:
        """Side by side in one request, in their order; a question that failed is its error.

        Raises where the request as a whole was not answered.
        """
        aliases = [f"q{number}" for number in range(len(questions))]
        variables = {"account": self._account, **dict(zip(aliases, questions, strict=True))}
        body = {"query": _side_by_side(aliases), "variables": variables}
        found = self._vendor.send(Asked(path="", method="POST", doing=doing, body=body))
        failed: dict[str, VendorDown | VendorRejected] = {}
        for error in (found or {}).get("errors") or ():
            named = next((part for part in error.get("path") or () if part in aliases), None)
            if named is None:
                raise _failure(doing, [error])
            failed[named] = _failure(doing, [error])
        return [failed.get(each) or self._answer(doing, found, each) for each in aliases]

    def _answer(self, doing: str, found: Any, alias: str) -> Rows | VendorRejected:
        try:
            return self._rows(doing, found, alias)
        except VendorRejected as error:
            return error

    def _rows(self, doing: str, found: Any, alias: str) -> Rows:
        account = (((found or {}).get("data") or {}).get("actor") or {}).get("account") or {}
        results = (account.get(alias) or {}).get("results")
        if results is None:
            why = f"account {self._account} gave no results: is the number right?"
            raise VendorRejected(VENDOR, doing, why)
        return list(results)


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _side_by_side(aliases: Sequence[str]) -> str:
    asked = " ".join(
        f"{each}: nrql(query: ${each}, timeout: 30) {{ results }}" for each in aliases
    )
    told = "".join(f", ${each}: Nrql!" for each in aliases)
    return f"query ($account: Int!{told}) {{ actor {{ account(id: $account) {{ {asked} }} }} }}"


def _failure(doing: str, errors: Any) -> VendorDown | VendorRejected:
    first = errors[0] if errors else {}
    said = " ".join(str(first.get("message") or "an error without a message").split())[:300]
    kind = str((first.get("extensions") or {}).get("errorClass") or "")
    passing = ("TIMEOUT", "SERVER_ERROR", "TOO_MANY_REQUESTS", "UNAVAILABLE")
    if any(word in kind.upper() for word in passing) or "timed out" in said.lower():
        return VendorDown(VENDOR, doing, said)
    return VendorRejected(VENDOR, doing, said)
