"""Cron lines as Kubernetes reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.cron import cron

FROM = datetime(2026, 3, 10, 12, 0, 30, tzinfo=UTC)
"""A Tuesday."""


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("* * * * *", 60),
        ("*/5 * * * *", 12),
        ("0,30 * * * *", 2),
        ("10-12 * * * *", 3),
        ("5/20 * * * *", 3),
        ("@hourly", 1),
        ("0 3 * * *", 0),
        ("15 12 * * tue", 1),
        ("15 12 * * wed", 0),
        ("15 12 * mar *", 1),
        ("15 12 10 * wed", 1),
        ("15 12 * * 1-7", 1),
    ],
)
def test_the_runs_of_the_next_hour_are_counted(line: str, runs: int) -> None:
    known = cron(line)
    assert known is not None
    assert len(known.runs(FROM, FROM + timedelta(hours=1))) == runs


def test_sunday_is_written_as_nought_or_seven() -> None:
    sunday = datetime(2026, 3, 15, 8, tzinfo=UTC)
    for line in ("0 8 * * 0", "0 8 * * 7", "0 8 * * sun"):
        known = cron(line)
        assert known is not None
        assert known.runs_at(sunday)


@pytest.mark.parametrize(
    "line", ["", "every day", "* * * *", "61 * * * *", "*/0 * * * *", "5-1 * * * *"]
)
def test_what_is_not_understood_claims_nothing(line: str) -> None:
    assert cron(line) is None
