"""Who goes down with something, and in which order it is told."""

from __future__ import annotations

import pytest

from bot.domain.blast import blast_radius
from bot.domain.catalog import Catalog, Journey, Resource, Service
from bot.domain.slo import NewRelicQuery, Objective, Ratio

COUNT = NewRelicQuery(nrql="SELECT count(*) FROM Transaction")


def objective(service: str) -> Objective:
    measured = Ratio(total=(COUNT,), bad=(COUNT,))
    return Objective(name=f"{service}-slo", service=service, target=0.99, indicator=measured)


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(
        services=(
            Service(name="shop", depends_on=("courses",)),
            Service(name="courses", aliases=("course pages",), depends_on=("waf", "mysql")),
            Service(name="courses-worker", part_of="courses", depends_on=("mysql",)),
            Service(name="wiki"),
        ),
        resources=(
            Resource(name="waf", kind="waf", depends_on=("cloudfront",)),
            Resource(name="cloudfront", kind="cloudfront"),
            Resource(name="mysql", kind="rds"),
        ),
        journeys=(Journey(name="learning", members=("courses",)),),
        objectives=tuple(objective(each) for each in ("wiki", "shop", "learning", "courses")),
    )


def test_the_edge_takes_down_what_stands_behind_it_the_nearest_first(catalog: Catalog) -> None:
    found = blast_radius(catalog, "cloudfront")
    assert found is not None
    told = [(each.name, each.distance, each.via) for each in found.standing_on_it]
    assert told == [
        ("waf", 1, "cloudfront"),
        ("courses", 2, "waf"),
        ("shop", 3, "courses"),
        ("courses-worker", 3, "courses"),
    ]


def test_what_ships_with_a_service_is_part_of_it_and_does_not_stand_on_it(
    catalog: Catalog,
) -> None:
    found = blast_radius(catalog, "courses")
    assert found is not None
    assert [each.name for each in found.parts] == ["courses-worker"]
    assert [each.name for each in found.standing_on_it] == ["shop"]
    assert [each.name for each in found.needs] == ["waf", "mysql", "cloudfront"]


def test_its_own_objective_is_at_risk_first_then_the_journeys_then_the_others(
    catalog: Catalog,
) -> None:
    found = blast_radius(catalog, "courses")
    assert found is not None
    assert [each.service for each in found.objectives] == ["courses", "learning", "shop"]


def test_a_journey_stands_on_its_members_and_on_what_they_stand_on(catalog: Catalog) -> None:
    found = blast_radius(catalog, "learning")
    assert found is not None
    assert [(each.name, each.distance) for each in found.needs] == [
        ("courses", 1),
        ("waf", 2),
        ("mysql", 2),
        ("cloudfront", 3),
    ]
    assert [each.service for each in found.objectives] == ["learning"]
    assert found.standing_on_it == ()


def test_a_name_that_people_use_finds_the_service(catalog: Catalog) -> None:
    found = blast_radius(catalog, "Course pages")
    assert found is not None
    assert found.of == "courses"


def test_what_the_catalog_does_not_know_has_no_blast_radius(catalog: Catalog) -> None:
    assert blast_radius(catalog, "nobody") is None


def test_a_ring_of_services_ends(catalog: Catalog) -> None:
    ring = Catalog(
        services=(Service(name="a", depends_on=("b",)), Service(name="b", depends_on=("a",)))
    )
    found = blast_radius(ring, "a")
    assert found is not None
    assert [each.name for each in found.standing_on_it] == ["b"]
    assert [each.name for each in found.needs] == ["b"]
