"""The few ways in which a request can end badly, named for what the responder has to know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta


class Refused(Exception):
    """A rule says no. The text is written for the responder and shown as it is."""


def moved(what: str) -> Refused:
    """A plan does not fit the world any more."""
    return Refused(
        f"The world moved since this plan was made: {what}. Nothing was sent; make a new plan."
    )


class AlreadyClaimed(Refused):
    """Another incident holds what this one asked for."""

    def __init__(self, kind: str, key: str, holder: str) -> None:
        super().__init__(f"{key} is already taken ({kind}) by incident {holder}.")
        self.kind, self.key, self.holder = kind, key, holder


class VendorError(Exception):
    """A call to a vendor did not do what was asked.

    `doing` completes "could not …"; `why` is the vendor's reason in plain words, `by_hand` what a
    person can do instead.
    """

    def __init__(self, vendor: str, doing: str, why: str, *, by_hand: str = "") -> None:
        super().__init__(f"{vendor}: could not {doing}: {why}")
        self.vendor, self.doing, self.why, self.by_hand = vendor, doing, why, by_hand


class VendorDown(VendorError):
    """May pass: the engine tries again, not before `retry_after` where the vendor named it."""

    def __init__(
        self,
        vendor: str,
        doing: str,
        why: str,
        *,
        by_hand: str = "",
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(vendor, doing, why, by_hand=by_hand)
        self.retry_after = retry_after


class VendorRejected(VendorError):
    """Will not pass by waiting: it goes on the timeline."""


class NotSent(VendorError):
    """Provably nothing happened (refused connection, 429, 4xx): the same attempt may start again."""

    def __init__(
        self,
        vendor: str,
        doing: str,
        why: str,
        *,
        by_hand: str = "",
        may_pass: bool = True,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(vendor, doing, why, by_hand=by_hand)
        self.may_pass, self.retry_after = may_pass, retry_after


@contextmanager
def before_sending(doing: str) -> Iterator[None]:
    """Around the last look before a change: a vendor that is down here was certainly sent nothing."""
    try:
        yield
    except VendorDown as down:
        raise NotSent(
            down.vendor, doing, down.why, by_hand=down.by_hand, retry_after=down.retry_after
        ) from down
