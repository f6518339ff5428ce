"""Lists come from the index, which says what the folds say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.domain.events.alert import Declared
from bot.domain.events.close import Resolved
from bot.domain.events.staff import ChannelOpened
from bot.domain.incident import HOUSE, Incident
from bot.timeline.store import Store
from tests.timeline.ledgers import HandClock


@pytest.fixture
def real(file: Path, clock: HandClock) -> Iterator[Store[Incident]]:
    opened = Store.at(file, clock=clock, fold=lambda one: Incident(id=one))
    for number in range(5):
        with opened.desk() as desk:
            desk.declare(f"i{number}").record(Declared(title=f"no. {number}", channel_name="inc"))
        clock.forward(timedelta(minutes=1))
    with opened.open("i3") as incident:
        incident.record(Resolved(how="rolled back"))
    yield opened
    opened.close()


def ids(real: Store[Incident], **asked: object) -> list[str]:
    return [summary.id for summary in real.summaries(**asked)]


def test_the_newest_incident_is_listed_first(real: Store[Incident]) -> None:
    assert ids(real) == ["i4", "i3", "i2", "i1", "i0"]
    assert ids(real, limit=2) == ["i4", "i3"]


def test_a_resolved_incident_is_not_listed_as_open(real: Store[Incident]) -> None:
    assert ids(real, open_only=True) == ["i4", "i2", "i1", "i0"]


def test_a_list_goes_on_before_a_time(real: Store[Incident]) -> None:
    third = real.summaries(limit=3)[-1]
    assert ids(real, before=third.opened_at) == ["i1", "i0"]


def test_a_line_says_what_the_incident_says(real: Store[Incident]) -> None:
    assert real.summaries(limit=1) == [real.read("i4").summary()]


def test_an_incident_is_found_by_its_channel(real: Store[Incident]) -> None:
    with real.open("i2") as incident:
        incident.record(ChannelOpened(channel="C9", name="inc", card="1.1"))

    assert real.in_channel("C9") == "i2"
    assert real.in_channel("C8") is None
    assert real.in_channel("") is None


def test_the_house_is_in_no_list(real: Store[Incident]) -> None:
    with real.open(HOUSE) as house:
        house.record(Declared(title="not an incident", channel_name="x"))
    assert HOUSE not in ids(real)


def test_the_index_can_be_made_anew(real: Store[Incident], file: Path) -> None:
    before = real.summaries()
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("delete from incidents"))
    engine.dispose()
    assert real.summaries() == []

    assert real.rebuild_index() == 5
    assert real.summaries() == before
