"""What was measured: kept by the hour, replaced by what arrives late, forgotten when it means something else."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.slo import Bucket, Counts, Figures, Objective, Ratio, Read, reckon
from bot.timeline.samples import SampleBook
from bot.timeline.store import Store
from tests.timeline.ledgers import NOON, HandClock, Small, small

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def minute(at: datetime, total: float, bad: float = 0.0) -> Bucket:
    return Bucket(at=at, step=MINUTE, counts=Counts(total, bad))


def hour(at: datetime, total: float, bad: float = 0.0) -> Bucket:
    return Bucket(at=at, step=HOUR, counts=Counts(total, bad))


@pytest.fixture
def samples(store: Store[Small]) -> SampleBook:
    store.samples.follow("lms", "v1")
    return store.samples


def stored(samples: SampleBook, since: datetime = NOON - 48 * HOUR) -> Read:
    return samples.read("lms", since=since, minutes_since=since)


def test_minutes_add_up_to_the_row_of_their_hour(samples: SampleBook) -> None:
    found = [minute(NOON + MINUTE * n, 100, n) for n in range(3)]
    samples.keep("lms", Read(minutes=found, until=NOON + 3 * MINUTE, source="New Relic"))
    read = stored(samples)
    assert read.minutes == found
    assert read.hours == [hour(NOON, 300, 3)]
    assert (read.until, read.source) == (NOON + 3 * MINUTE, "New Relic")


def test_what_arrives_late_replaces_what_was_known_of_its_minute(samples: SampleBook) -> None:
    samples.keep("lms", Read(minutes=[minute(NOON, 80), minute(NOON + MINUTE, 100)], until=NOON))
    samples.keep("lms", Read(minutes=[minute(NOON, 100, 5)], until=NOON))
    assert stored(samples).hours == [hour(NOON, 200, 5)]


def test_a_minute_without_data_is_no_success(samples: SampleBook) -> None:
    gap = Bucket(at=NOON, step=MINUTE, counts=None)
    samples.keep("lms", Read(minutes=[gap], until=NOON + MINUTE))
    read = stored(samples)
    assert read.minutes == []
    assert [each.counts for each in read.hours] == [None]


def test_an_hour_that_is_known_as_a_whole_has_no_minutes(samples: SampleBook) -> None:
    samples.keep("lms", Read(hours=[hour(NOON - 30 * HOUR, 6000, 6)], until=NOON))
    read = stored(samples)
    assert read.hours == [hour(NOON - 30 * HOUR, 6000, 6)]
    assert read.minutes == []


def test_fractions_of_events_are_kept_exactly(samples: SampleBook) -> None:
    samples.keep("lms", Read(minutes=[minute(NOON, 1234567.25, 0.1)], until=NOON))
    assert stored(samples).minutes == [minute(NOON, 1234567.25, 0.1)]


def test_all_of_it_is_there_after_a_restart(
    samples: SampleBook, store: Store[Small], file: Path, clock: HandClock
) -> None:
    samples.keep("lms", Read(minutes=[minute(NOON, 100, 1)], until=NOON, reading=342.0))
    store.close()
    again = Store.at(file, clock=clock, fold=small)
    read = stored(again.samples)
    assert (read.minutes, read.reading) == ([minute(NOON, 100, 1)], 342.0)
    again.close()


def test_counts_of_another_definition_are_forgotten(samples: SampleBook) -> None:
    samples.keep("lms", Read(minutes=[minute(NOON, 100)], until=NOON))
    samples.follow("lms", "v1")
    assert stored(samples).minutes
    samples.follow("lms", "v2")
    assert stored(samples) == Read(hours=[], minutes=[], lag=timedelta())


def test_a_failure_keeps_what_was_known_and_says_why(samples: SampleBook) -> None:
    samples.keep("lms", Read(minutes=[minute(NOON, 100)], until=NOON))
    samples.failed("lms", "New Relic answered 503")
    assert stored(samples).minutes
    assert stored(samples).trouble == "New Relic answered 503"


def test_the_numbers_of_a_row_are_stored_as_they_were_reckoned(samples: SampleBook) -> None:
    told = Figures(
        current=Counts(1000, 2),
        window=Counts(30000, 20),
        burns=(2.0, None, 0.5),
        reading=341.5,
        until=NOON,
        source="CloudWatch",
        lag=timedelta(minutes=3),
    )
    samples.reckoned("lms", told)
    assert samples.figures() == {"lms": told}


@given(
    past=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 9)), min_size=30, max_size=30),
    recent=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=40, max_size=40),
    late=st.integers(0, 59),
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_the_database_adds_up_is_what_the_buckets_add_up_to(
    samples: SampleBook,
    past: list[tuple[int, int]],
    recent: list[tuple[int, int]],
    late: int,
) -> None:
    until = NOON + late * MINUTE
    hours = [
        hour(NOON - n * HOUR, total, min(bad, total)) for n, (total, bad) in enumerate(past, 27)
    ]
    found = [minute(until - n * 37 * MINUTE, t, min(b, t)) for n, (t, b) in enumerate(recent, 1)]
    samples.follow("lms", f"{late} {past} {recent}")
    samples.keep("lms", Read(hours=hours, minutes=found, until=until))
    objective = Objective(
        name="lms",
        service="lms",
        target=0.9,
        window=timedelta(hours=40),
        indicator=Ratio(total=(), bad=()),
    )
    every = stored(samples, since=NOON - 60 * HOUR)
    quick = reckon(objective, samples.newest("lms", objective.window))
    assert quick == reckon(objective, every)


def test_old_minutes_are_forgotten_before_old_hours(
    samples: SampleBook, store: Store[Small]
) -> None:
    old = NOON - 40 * 24 * HOUR
    samples.keep("lms", Read(minutes=[minute(old, 100), minute(NOON, 100)], until=NOON))
    store.purge(NOON)
    read = stored(samples, since=old)
    assert [each.at for each in read.hours] == [old, NOON]
    assert [each.at for each in read.minutes] == [NOON]
