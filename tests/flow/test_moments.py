"""Clock times in what people write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.flow.moments import began, moment

NOW = datetime(2026, 3, 10, 14, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "start"),
    [
        ("checkout fails since 13:50 for everybody", "2026-03-10 13:50"),
        ("Since 9:05 the LMS is slow", "2026-03-10 09:05"),
        ("video stalls since 23:58", "2026-03-09 23:58"),
    ],
)
def test_a_sentence_tells_when_it_began(said: str, start: str) -> None:
    found = began(said, NOW)
    assert found is not None
    assert f"{found:%Y-%m-%d %H:%M}" == start


@pytest.mark.parametrize("said", ["ratio 3:45 of errors", "since 25:10", "since yesterday"])
def test_what_is_no_start_is_not_taken_for_one(said: str) -> None:
    assert began(said, NOW) is None


def test_a_time_alone_is_the_last_time_that_the_clock_showed_it() -> None:
    assert moment("14:06", NOW) == datetime(2026, 3, 9, 14, 6, tzinfo=UTC)
    assert moment("soon", NOW) is None
