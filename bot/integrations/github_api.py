"""GitHub's API in the few calls that the forge and the tracker share."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from bot.domain.errors import VendorRejected
from bot.integrations.http import Access, Asked, Vendor, plain_words
from bot.tools import Gate

VENDOR = "GitHub"
_VERSION = "2022-11-28"
_NOT_FOUND = "Not Found"


class NotThere(VendorRejected):
    """GitHub has no such thing, or does not show it to this token."""


class Repository:
    """One repository, `owner/name`."""

    def __init__(self, vendor: Vendor, name: str) -> None:
        self.vendor, self.name = vendor, name
        self._main = ""

    @property
    def owner(self) -> str:
        return self.name.partition("/")[0]

    @property
    def by_hand(self) -> str:
        return f"Do it in https://github.com/{self.name}"

    def read(self, path: str, *, doing: str, params: Mapping[str, Any] | None = None) -> Any:
        asked = Asked(path=self._path(path), doing=doing, by_hand=self.by_hand, params=params)
        return self._sent(asked)

    def write(self, method: str, path: str, body: Mapping[str, Any], *, doing: str) -> Any:
        return self._sent(
            Asked(
                path=self._path(path),
                doing=doing,
                method=method,
                by_hand=self.by_hand,
                body=dict(body),
                writes=True,
            )
        )

    def main(self, *, doing: str) -> str:
        """The default branch, asked once."""
        if not self._main:
            found = self.read("", doing=doing) or {}
            self._main = str(found.get("default_branch") or "main")
        return self._main

    def content(self, path: str, ref: str, *, doing: str) -> tuple[str, str] | None:
        """Text and blob id of a file; None where that revision does not have it."""
        try:
            found = self.read(f"contents/{path}", doing=doing, params={"ref": ref})
        except NotThere:
            return None
        if not isinstance(found, dict) or found.get("encoding") != "base64":
            return None
        try:
            return base64.b64decode(found["content"]).decode(), str(found["sha"])
        except (binascii.Error, UnicodeDecodeError):
            return None

    def _path(self, path: str) -> str:
        return f"repos/{self.name}/{path}".rstrip("/")

    def _sent(self, asked: Asked) -> Any:
        try:
            return self.vendor.send(asked)
        except VendorRejected as error:
            if error.why.startswith(_NOT_FOUND):
                why = f"{self.name} has no such thing, or the token may not see it"
                raise NotThere(VENDOR, asked.doing, why, by_hand=error.by_hand) from error
            raise


def connected(url: str, token: str, gate: Gate) -> Vendor:
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": _VERSION,
    }
    return Vendor(Access(vendor=VENDOR, url=url, headers=headers, words=_words), gate)


def _words(status: int, body: object) -> str:
    """GitHub keeps the reason of a 422 in its list of errors."""
    match body:
        case {"errors": [{"message": str(said)}, *_]}:
            return said
        case {"errors": [{"field": str(named), "code": str(code)}, *_]}:
            return f"{named} is {code.replace('_', ' ')}"
        case _:
            return plain_words(status, body)
