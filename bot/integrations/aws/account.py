"""One environment's AWS account: every call goes through here, named for its incident, with one gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.errors import NotSent, VendorDown, VendorError
from bot.integrations.aws.sdk import Asked, Sdk
from bot.integrations.aws.words import VENDOR
from bot.integrations.http import Slots, VendorHealth
from bot.reactions import outside_decisions, served
from bot.tools import Clock, Gate

EDGE = "us-east-1"
"""CloudFront, Route 53 and the firewall in front of CloudFront are steered from here alone."""
OURSELVES = "tocsin"
"""The session's name where no incident is worked on."""


class Account:
    """One per environment."""

    def __init__(
        self,
        environment: str,
        role: str,
        region: str,
        *,
        gate: Gate,
        clock: Clock,
        endpoint: str = "",
    ) -> None:
        self.environment, self.region = environment, region
        self._sdk = Sdk(role, region, endpoint)
        self._gate, self.clock = gate, clock
        self._slots = Slots(VENDOR)
        self.health = VendorHealth(vendor=f"AWS in {environment}")

    def read(
        self, service: str, operation: str, *, doing: str, region: str = "", **given: Any
    ) -> dict[str, Any]:
        asked = Asked(
            service=service, operation=operation, doing=doing, given=given, region=region
        )
        return self._call(asked)

    def pages(
        self, service: str, operation: str, *, doing: str, key: str, **given: Any
    ) -> list[dict[str, Any]]:
        """Every item below `key`, over all pages; the token's name is the service's habit."""
        found: list[dict[str, Any]] = []
        more: Mapping[str, Any] = {}
        for _ in range(_MOST_PAGES):
            answer = self.read(service, operation, doing=doing, **{**given, **more})
            found += answer.get(key, [])
            token = next((name for name in _TOKENS if answer.get(name)), None)
            if token is None:
                return found
            more = {_TOKENS[token]: answer[token]}
        return found

    def write(
        self,
        service: str,
        operation: str,
        *,
        doing: str,
        by_hand: str = "",
        region: str = "",
        once: bool = True,
        **given: Any,
    ) -> dict[str, Any]:
        """One request, never repeated. `NotSent` where provably nothing happened.

        What may as well happen twice is not `once`: then trouble that passes is `VendorDown`.
        """
        self._gate.allow(doing)
        return self._call(
            Asked(
                service=service,
                operation=operation,
                doing=doing,
                by_hand=by_hand,
                given=given,
                region=region,
                once=once,
            )
        )

    def who(self) -> str:
        return self._sdk.who(name=OURSELVES)

    def introduction(self, cluster: str, *, region: str = "") -> str:
        outside_decisions()
        return self._sdk.introduction(cluster, name=OURSELVES, region=region)

    def close(self) -> None:
        self._sdk.close()

    def _call(self, asked: Asked) -> dict[str, Any]:
        outside_decisions()
        try:
            with self._slots.one(asked.doing, sent_once=asked.once):
                found = self._sdk.call(asked, name=served() or OURSELVES)
        except VendorError as error:
            if isinstance(error, VendorDown) or (isinstance(error, NotSent) and error.may_pass):
                self.health.did_not(error.why)
            raise
        self.health.answered()
        return found


_MOST_PAGES = 20
_TOKENS = {"NextToken": "NextToken", "NextMarker": "Marker", "Marker": "Marker"}
