"""Whether a token that says who somebody is can be believed (OpenID Connect Core, 3.1.3.7).

What checks signatures costs 10 MiB: it is loaded with the first token, where people sign in at all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_ALGORITHMS = ["RS256"]
_SKEW = 60
"""Seconds that Slack's clock and ours may differ by."""


class Untrusted(Exception):
    """Not Slack's, not for us, not of this attempt, or over; the text is what did not fit."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the token has to say; `access_token` came beside it."""

    issuer: str
    client: str
    nonce: str
    access_token: str


class IdTokens:
    """`read` asks Slack for its public keys, as a JSON Web Key Set; `now` is the real time."""

    def __init__(self, read: Callable[[], Mapping[str, Any]], now: Callable[[], float]) -> None:
        self._read, self._now = read, now
        self._keys: Any = None
        self._lock = threading.Lock()

    def claims(self, token: str, expected: Expected) -> dict[str, Any]:
        """Raises Untrusted."""
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        try:
            decoded = self._decoded(token)
            found = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": expected.issuer},
                    "aud": {"essential": True, "value": expected.client},
                },
                params={
                    "nonce": expected.nonce,
                    "client_id": expected.client,
                    "access_token": expected.access_token,
                },
            )
            found.validate(now=int(self._now()), leeway=_SKEW)
        except (JoseError, ValueError, KeyError) as wrong:
            raise Untrusted(type(wrong).__name__) from wrong
        return dict(found)

    def _decoded(self, token: str) -> Any:
        """A key that we do not know may be a new one: Slack is asked for its keys once more."""
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError
        from joserfc.jwk import KeySet

        with self._lock:
            keys = self._keys
        if keys is not None:
            try:
                return jwt.decode(token, keys, algorithms=_ALGORITHMS)
            except InvalidKeyIdError:
                pass
        keys = KeySet.import_key_set({"keys": self._read()["keys"]})
        with self._lock:
            self._keys = keys
        return jwt.decode(token, keys, algorithms=_ALGORITHMS)
