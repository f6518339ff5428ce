"""What an incident is called: its id, and the channel name that marks it in Slack."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_TAIL = 4
_HEAD = 7
_NAME = 80


def incident_id(now: datetime) -> str:
    """`i`, seven characters that sort by time (seconds), four of chance."""
    seconds, head = int(now.timestamp()), ""
    for _ in range(_HEAD):
        seconds, digit = divmod(seconds, 32)
        head = _DIGITS[digit] + head
    return f"i{head}{''.join(secrets.choice(_DIGITS) for _ in range(_TAIL))}"


def channel_name(now: datetime, service: str, incident: str, *, longer: int = 0) -> str:
    """`inc-20260310-lms-7f3k`; `longer` takes more of the id where that name is taken."""
    plain = re.sub(r"[^a-z0-9-]+", "-", (service or "unknown").lower()).strip("-")
    tail = incident[-(_TAIL + longer) :]
    return f"inc-{now:%Y%m%d}-{plain[: _NAME - 14 - len(tail)]}-{tail}"
