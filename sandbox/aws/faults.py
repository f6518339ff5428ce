"""What goes wrong between us and AWS: throttled, denied, broken off before or after it was done."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from sandbox.aws.trail import Call

DOES = ("throttle", "deny", "5xx", "expire", "drop_before", "drop_after", "slow")
_CODES = {
    "throttle": (400, "Throttling", "Rate exceeded"),
    "deny": (403, "AccessDenied", ""),
    "5xx": (503, "ServiceUnavailable", "Service is unavailable"),
    "expire": (403, "ExpiredToken", "The security token included in the request is expired"),
}


@dataclass(kw_only=True)
class Fault:
    """`match` is found in `service.Action`; -1 `times` is for ever."""

    match: str
    do: str
    times: int = -1
    seconds: float = 10.0

    def meets(self, call: Call) -> bool:
        return self.times != 0 and bool(
            re.search(self.match, f"{call.service}.{call.action}", re.IGNORECASE)
        )


@dataclass(kw_only=True)
class Faults:
    rules: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, rule: dict[str, Any]) -> None:
        if rule.get("do") not in DOES:
            raise ValueError(f"do one of {', '.join(DOES)}")
        with self.lock:
            self.rules.append(Fault(**rule))

    def clear(self) -> None:
        with self.lock:
            self.rules = []

    def meeting(self, call: Call) -> Fault | None:
        with self.lock:
            found = next((each for each in self.rules if each.meets(call)), None)
            if found is not None and found.times > 0:
                found.times -= 1
        return found


FAULTS = Faults()
# `monitoring` is CloudWatch.
_JSON = ("wafv2", "ssm", "cloudtrail", "appconfig", "eks", "es", "monitoring")


def answer(fault: Fault, call: Call) -> tuple[int, str, str] | None:
    """Status, content type and body in the protocol of the service; None where it goes on."""
    if fault.do == "slow":
        time.sleep(fault.seconds)
        return None
    if fault.do not in _CODES:
        return None
    status, code, message = _CODES[fault.do]
    if fault.do == "deny":
        message = (
            "User: arn:aws:sts::123456789012:assumed-role/tocsin/session is not authorized to"
            f" perform: {_prefix(call.service)}:{call.action} on resource: *"
        )
    if call.service in _JSON:
        body = json.dumps({"__type": code, "code": code, "message": message})
        return status, "application/x-amz-json-1.1", body
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
        f"<Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    )
    return status, "text/xml", body


def _prefix(service: str) -> str:
    return {"monitoring": "cloudwatch"}.get(service, service)
