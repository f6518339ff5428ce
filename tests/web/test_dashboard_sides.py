"""Both sides of a migration stand apart beside the budget that they spend together."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.doubles.house import House
from tests.web.doors import FORUMS, PLATFORM, Doors, Reader, measured, migrating, tools_of


def reader(house: House, *, minutes: int = 360) -> Reader:
    kept = measured()
    forums = migrating(kept, minutes=minutes)
    others = tuple(each for each in PLATFORM.objectives if each.name != FORUMS.name)
    catalog = replace(PLATFORM, objectives=(*others, forums))
    return Reader(Doors(replace(tools_of(house, samples=kept), catalog=catalog)).app())


def words(page: str) -> str:
    found = page.partition('class="sides"')[2].partition("</div>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def test_each_side_has_its_own_figures_and_its_share(house: House) -> None:
    told = words(reader(house).get("/?objective=forums-availability").text)
    assert "EC2 side 100% 100% 90%" in told
    assert "EKS side 90% 90% 10%" in told
    assert "known since" not in told


def test_less_than_the_window_says_since_when_it_is_known(house: House) -> None:
    told = words(reader(house, minutes=30).get("/?objective=forums-availability").text)
    assert "EC2 side known since 11:30 UTC" in told


def test_an_objective_that_is_counted_as_one_shows_no_sides(house: House) -> None:
    page = reader(house).get("/?objective=lms-availability").text
    assert 'class="sides"' not in page
