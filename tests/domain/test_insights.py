"""How incidents go, in numbers that mean something."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.domain.incident import Stage, Summary
from bot.domain.insights import nights, spreads
from tests.timeline.ledgers import NOON


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def over(number: int, **more: object) -> Summary:
    """Noticed after 2 min, answered after 3, mended after `number`, over after an hour."""
    at = NOON + timedelta(days=number)
    asked: dict[str, object] = {
        "id": f"i{number}",
        "title": "",
        "service": "lms",
        "environment": "production",
        "severity": "SEV2",
        "stage": Stage.RESOLVED,
        "opened_at": at,
        "started_at": at - minutes(2),
        "acknowledged_at": at + minutes(3),
        "mitigated_at": at - minutes(2) + minutes(number),
        "resolved_at": at - minutes(2) + minutes(60),
        "channel": "",
        "channel_name": "",
        "commander": "",
        "visibility": "public",
    }
    return Summary(**{**asked, **more})  # type: ignore[arg-type]


def test_the_middle_and_what_nine_in_ten_stay_within() -> None:
    detect, acknowledge, mend, resolve = spreads([over(n) for n in range(1, 12)])
    assert (detect.median, detect.p90) == (minutes(2), minutes(2))
    assert acknowledge.median == minutes(3)
    assert (mend.median, mend.p90, mend.n) == (minutes(6), minutes(10), 11)
    assert resolve.median == minutes(60)


def test_fewer_than_ten_say_nothing() -> None:
    assert [(each.n, each.median) for each in spreads([over(n) for n in range(1, 10)])] == [
        (9, None)
    ] * 4


def test_flaps_and_what_is_still_open_do_not_count() -> None:
    found = [over(n) for n in range(1, 10)]
    found += [over(20, flapped=True), over(21, resolved_at=None)]
    assert {each.n for each in spreads(found)} == {9}


def test_what_is_not_known_is_left_out_of_its_own_measure() -> None:
    found = [over(n, acknowledged_at=None) if n % 2 else over(n) for n in range(1, 21)]
    detect, acknowledge, *_others = spreads(found)
    assert (detect.n, acknowledge.n) == (20, 10)


@pytest.mark.parametrize(
    ("hour", "night"), [(21, False), (22, True), (0, True), (6, True), (7, False), (12, False)]
)
def test_a_night_is_from_ten_to_seven(hour: int, night: bool) -> None:
    at = datetime(2026, 3, 2, hour, 30, tzinfo=NOON.tzinfo)
    assert bool(nights([over(1, opened_at=at)])) is night


def test_who_is_woken_most_comes_first() -> None:
    night = NOON.replace(hour=3)
    found = [over(1, service="cms", opened_at=night), over(2, service="cms")]
    found += [over(n, service="lms", opened_at=night) for n in (3, 4)]
    assert [(row.service, row.nights, row.every) for row in nights(found)] == [
        ("lms", 2, 2),
        ("cms", 1, 2),
    ]
