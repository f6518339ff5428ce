"""Every fact of the real timeline survives its way to the disk and back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.facts import Fact, Unrecognised, Withheld
from bot.timeline.codec import Codec
from tests.golden.names import fact_kinds
from tests.timeline.ledgers import Said

CODEC = Codec()
st.register_type_strategy(str, st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


@pytest.mark.parametrize("kind", fact_kinds(), ids=lambda kind: kind.stored)
def test_a_fact_comes_back_as_it_was(kind: type[Fact]) -> None:
    @given(st.data())
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    def comes_back(data: st.DataObject) -> None:
        fact = data.draw(st.from_type(kind))
        assert CODEC.decode(kind.stored, CODEC.encode(fact)) == fact

    comes_back()


def test_an_unknown_name_is_kept_as_it_is() -> None:
    assert CODEC.decode("from-tomorrow", '{"a":1}') == Unrecognised(
        name="from-tomorrow", body='{"a":1}'
    )


def test_a_body_that_does_not_fit_its_fact_is_kept_as_it_is() -> None:
    assert CODEC.decode("test-said", '{"text":7}') == Unrecognised(
        name="test-said", body='{"text":7}'
    )


def test_a_missing_body_is_withheld() -> None:
    assert CODEC.decode("test-said", None) == Withheld(name="test-said")


def test_what_has_no_stored_name_cannot_be_stored() -> None:
    with pytest.raises(TypeError, match="no stored name"):
        CODEC.encode(Withheld(name="x"))


def test_a_field_inside_another_can_be_blanked() -> None:
    body = CODEC.encode(Said(text="secret", by="ana"))
    left = CODEC.without("test-said", body, ("text",))
    assert left is not None
    assert CODEC.decode("test-said", left) == Said(text="[redacted]", by="ana")
