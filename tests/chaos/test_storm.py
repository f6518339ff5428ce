"""Many pages of one cause are one incident, and Slack is not flooded."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.chaos.reckoning import Books
from tests.living import Life

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(150)]

PAGES = 200


def test_two_hundred_simultaneous_pages_of_one_cause_are_one_incident(life: Life) -> None:
    """The pages come at once; Slack hears of them in a few dozen calls."""

    def page(number: int) -> None:
        life.world.page(service="lms", title=f"LMS errors, host {number:03d}", urgency="high")

    with ThreadPoolExecutor(16) as people:
        list(people.map(page, range(PAGES)))
    life.until(lambda: not life.world.state()["pagerduty"]["owed"], "all webhooks to be taken", 60)
    life.settle(60)
    life.world.advance(15)
    life.settle(30)
    room = life.room()
    books = Books(life.world.state(), life.world.log())
    assert books.half_made() == []
    assert books.doubled_messages() == []
    assert f"{PAGES} pages are open" in str(room)
    assert f"{PAGES - 1} more pages joined" in str(room)
    assert len(books.called("slack")) <= 40, Counter(one["name"] for one in books.called("slack"))
