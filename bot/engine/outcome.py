"""What becomes of work that failed: tried again, set aside for a human, or left as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.errors import NotSent, Refused, VendorDown, VendorError, VendorRejected
from bot.timeline.owed import Trouble

_LONGEST = timedelta(seconds=60)
_OUTAGE, _BUG = 20, 5


@dataclass(frozen=True, kw_only=True)
class Done:
    """Nothing more to do."""


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Owed again after this long."""

    after: timedelta
    why: str
    vendor: str = ""

    @property
    def trouble(self) -> Trouble:
        return Trouble(why=self.why, vendor=self.vendor)


@dataclass(frozen=True, kw_only=True)
class Park:
    """For a human, or for the recovery of `vendor`."""

    why: str
    vendor: str = ""

    @property
    def trouble(self) -> Trouble:
        return Trouble(why=self.why, vendor=self.vendor)


Outcome = Done | Retry | Park


def outcome(error: Exception, *, attempts: int, gives_up: bool) -> Outcome:
    """`attempts` counts this one. Twenty tries outlast a quarter of an hour of a vendor's outage."""
    again = back_off(attempts)
    match error:
        case Refused():
            return Done()
        case VendorDown(vendor=vendor, retry_after=asked):
            if gives_up and attempts >= _OUTAGE:
                return Park(why=str(error), vendor=vendor)
            return Retry(after=again if asked is None else asked, why=str(error), vendor=vendor)
        case VendorRejected() | NotSent():
            if gives_up:
                return Park(why=str(error))
            return Retry(after=_asked(error) or again, why=str(error))
        case _:
            why = f"{type(error).__name__}: {error}"
            return Park(why=why) if gives_up and attempts >= _BUG else Retry(after=again, why=why)


def back_off(attempts: int) -> timedelta:
    """1, 2, 4 … 60 seconds."""
    return min(timedelta(seconds=2 ** min(attempts - 1, 6)), _LONGEST)


def _asked(error: VendorError) -> timedelta | None:
    return error.retry_after if isinstance(error, NotSent) else None
