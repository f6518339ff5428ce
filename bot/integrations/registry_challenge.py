"""Reads how a registry wants to be answered before it lets anybody in (`WWW-Authenticate`)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z]+)(?=\s+[\w-]+\s*=|\s*(?:,|$))")
_PARAMETER = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """One scheme with its parameters; both in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def address(self, scope: str) -> str:
        """Where a token is had: `realm` with the service and every scope, or with `scope`."""
        parts = urlsplit(self.parameters.get("realm", ""))
        asked = parse_qsl(parts.query)
        if service := self.parameters.get("service"):
            asked.append(("service", service))
        asked += [("scope", each) for each in (self.parameters.get("scope") or scope).split()]
        return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(asked), ""))

    def safe(self, *, beside: str) -> bool:
        """Whether a password may travel there: by https, or on this machine like the registry."""
        try:
            there, here = urlsplit(self.parameters.get("realm", "")), urlsplit(beside)
        except ValueError:
            return False
        if there.scheme == "https":
            return bool(there.hostname)
        return there.scheme == "http" and {there.hostname, here.hostname} <= {*_LOCAL}


def challenges(headers: Iterable[str]) -> list[Challenge]:
    """Several may stand in one header, or each in one of its own."""
    return [each for header in headers for each in _apart(header)]


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def _apart(header: str) -> Iterable[Challenge]:
    starts = list(_SCHEME.finditer(_veiled(header)))
    ends = [found.start() for found in starts[1:]] + [len(header)]
    for found, end in zip(starts, ends, strict=False):
        named = _PARAMETER.findall(header[found.end() : end])
        yield Challenge(
            scheme=found[1].lower(),
            parameters={
                name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
                for name, quoted, plain in named
            },
        )


def _veiled(header: str) -> str:
    """What is quoted may look like anything, a comma and a scheme too."""
    return re.sub(
        r'"(?:[^"\\]|\\.)*"', lambda found: '"' + "x" * (len(found[0]) - 2) + '"', header
    )
