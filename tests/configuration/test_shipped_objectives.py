"""The objectives that ship: the platform's five, and those of the services around them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import survey
from bot.domain.slo import CloudWatchQuery, Objective, Ratio

ROOT = Path(__file__).parents[2]
PLATFORM = [
    ("lms-availability", 0.999),
    ("api-latency", None),
    ("video-delivery", 0.9995),
    ("authentication", 0.9999),
    ("enrollment", 0.999),
]


@pytest.fixture(scope="module")
def shipped() -> tuple[Objective, ...]:
    found = survey({"TOCSIN_CATALOG": str(ROOT / "catalog")})
    assert [each for each in found.problems if "slos/" in each.where] == []
    return found.config.catalog.objectives


def test_the_five_objectives_of_the_platform_lead_in_its_order(shipped):
    assert [(each.name, each.target) for each in shipped[:5]] == PLATFORM
    assert {each.environment for each in shipped} == {"production"}
    assert {each.window for each in shipped} == {timedelta(days=30)}


def test_the_core_services_have_objectives_and_so_have_those_around_them(shipped):
    of = {each.service for each in shipped}
    assert {"lms", "cms", "ecommerce", "discovery", "credentials", "notes", "forums"} <= of


def test_every_shipped_objective_can_be_read_without_aws_or_is_of_a_system_without_new_relic(
    shipped,
):
    def asks_aws(each: Objective) -> bool:
        return isinstance(each.indicator, Ratio) and isinstance(
            each.indicator.total[0], CloudWatchQuery
        )

    alone = [each.name for each in shipped if asks_aws(each) and each.instead is None]
    assert alone == ["legacy-reports-availability"]


def test_a_service_on_its_way_to_eks_counts_both_sides_and_one_in_parallel_testing_the_old_one(
    shipped,
):
    by_name = {each.name: each.indicator for each in shipped}
    for name in ("discovery", "forums", "submission-queue"):
        parts = by_name[f"{name}-availability"]
        assert [each.part for each in parts.total] == ["EC2 side", "EKS side"]
        assert [each.part for each in parts.bad] == ["EC2 side", "EKS side"]
    (old,) = by_name["legacy-reports-availability"].total
    assert "targetgroup/reports-ec2/" in old.of["TargetGroup"]
