"""Curves become pictures in a process of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import VendorRejected
from bot.domain.slo.curve import Curve, Moment
from bot.integrations.charts import Charts

BEGAN = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
CURVE = Curve(
    name="lms-availability",
    title="LMS availability, 10 Mar 2026",
    alt="Line chart",
    target=0.999,
    points=tuple((BEGAN + timedelta(minutes=n), 0.9 if n > 5 else None) for n in range(20)),
    moments=(Moment(at=BEGAN, label="Began"),),
)


def test_a_curve_with_gaps_is_drawn_as_png():
    drawn = Charts().draw(CURVE)
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(drawn) > 10_000


def test_the_same_curve_is_the_same_file_and_another_one_is_not():
    first = Charts().draw(CURVE)
    assert Charts().draw(CURVE) == first
    assert Charts().draw(replace(CURVE, target=0.99)) != first


def test_what_cannot_be_drawn_is_said_with_the_reason():
    with pytest.raises(VendorRejected, match="min"):
        Charts().draw(replace(CURVE, points=()))
