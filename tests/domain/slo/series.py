"""Series of counts for the tests of the arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st

from bot.domain.slo import Bucket, Counts, NewRelicQuery, Objective, Ratio

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
MONTH = timedelta(days=30)
START = datetime(2026, 3, 1, tzinfo=UTC)


def series(
    counts: Iterable[Counts | None], *, start: datetime = START, step: timedelta = HOUR
) -> list[Bucket]:
    return [
        Bucket(at=start + step * place, step=step, counts=each)
        for place, each in enumerate(counts)
    ]


def about(left: float | None) -> object:
    """Sums of floats in another order are a little different; no data is no data."""
    return None if left is None else pytest.approx(left, rel=1e-6, abs=1e-6)


def objective(target: float | None = 0.999, window: timedelta = MONTH) -> Objective:
    query = NewRelicQuery(nrql="total")
    return Objective(
        name="lms-availability",
        service="lms",
        target=target,
        indicator=Ratio(total=(query,), bad=(query,)),
        window=window,
    )


targets = st.integers(1, 99_999).map(lambda part: part / 100_000)


@st.composite
def counted(draw: st.DrawFn) -> Counts:
    """Whole requests, or parts of them: an error rate times requests is no whole number."""
    total = draw(st.one_of(st.integers(0, 10**7), st.floats(0, 1e7, allow_subnormal=False)))
    return Counts(float(total), float(total * draw(st.floats(0, 1))))


bucketed = st.lists(st.one_of(st.none(), counted()), min_size=1, max_size=60)
