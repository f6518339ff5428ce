"""Whether the images of a rollback exist: in the plan, among the offers, and at the click."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.errors import VendorDown
from bot.domain.image import Image
from bot.domain.mitigation import Offer, Plan, Risk
from bot.engine.sidebyside import SideBySide
from bot.flow.planning import planned
from bot.integrations.registry import Login, Registries
from bot.mitigations import rollback_images
from bot.mitigations.rollback import Rollback
from bot.mitigations.rollback_images import passing_over, with_images
from bot.tools import Tools
from tests.integrations.worlds import OPEN, fault, sent, url
from tests.mitigations.test_rollback import LMS, clock, rollback, tools, trouble

__all__ = ["clock", "rollback", "trouble"]
demo_tools = tools
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOST = "registry.demo.example"
GONE = f"lms:r141 is gone from {HOST}"


@dataclass
class Shelf:
    """A registry in memory; an image that is not on it raises what it is told to."""

    there: dict[str, bool] = field(default_factory=dict)
    why: str = "it answered 503"
    asked: list[str] = field(default_factory=list)

    def exists(self, image: Image) -> bool:
        self.asked.append(image.label)
        if image.label not in self.there:
            raise VendorDown(image.host, "see whether it exists", self.why)
        return self.there[image.label]


@pytest.fixture
def beside() -> Iterator[SideBySide]:
    made = SideBySide()
    yield made
    made.close()


@pytest.fixture
def with_registry(demo: Any, demo_tools: Tools, beside: SideBySide) -> Iterator[Tools]:
    password = "registry-demo-password"
    at = url(demo, "/registry")
    login = Login(host=HOST, url=at, username="tocsin", password=password)
    registries = Registries([login], gate=OPEN)
    yield replace(demo_tools, registry=registries, beside=beside)
    registries.close()


def on(demo_tools: Tools, beside: SideBySide, shelf: Shelf) -> Tools:
    return replace(demo_tools, registry=shelf, beside=beside)


def a_plan(*needs: str) -> Plan:
    return Plan(
        mitigation="rollback",
        title="Roll lms back to r141",
        service="lms",
        environment="production",
        target="a",
        target_label="r141",
        live="b",
        live_label="r142",
        needs=tuple(f"{HOST}/{each}" for each in needs),
    )


# The plan, against the demo world


def test_a_plan_says_that_the_image_exists(
    demo: Any, rollback: Rollback, with_registry: Tools, trouble: None
) -> None:
    plan = planned(with_registry, rollback, LMS, "r141", sick="lms")
    assert plan.needs == (f"{HOST}/lms:r141",)
    assert plan.images == f"lms:r141 exists in {HOST}"
    assert (plan.missing, plan.risk) == ((), Risk.LOW)


def test_an_image_that_is_gone_is_a_reason_for_high_risk(
    demo: Any, rollback: Rollback, with_registry: Tools, trouble: None
) -> None:
    demo.post("/registry/knobs", remove="lms:r141")
    plan = planned(with_registry, rollback, LMS, "r141", sick="lms")
    assert plan.missing == (GONE,)
    assert plan.images == f"{GONE}: the rollback would not start"
    assert (plan.risk, plan.risk_reasons) == (
        Risk.HIGH,
        (f"{GONE}: the rollback would not start",),
    )


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"do": "5xx"}, "it answered 503"),
        ({"do": "429"}, "it is limiting how often we may call"),
        ({"do": "refuse"}, "the connection broke before the answer came"),
    ],
)
def test_a_registry_in_trouble_changes_the_text_and_nothing_else(
    demo: Any, rollback: Rollback, with_registry: Tools, trouble: None, how: Any, why: str
) -> None:
    before = planned(with_registry, rollback, LMS, "r141", sick="lms")
    fault(demo, "registry", "manifests", **how)
    plan = planned(with_registry, rollback, LMS, "r141", sick="lms")
    assert plan.images == f"whether lms:r141 still exists could not be asked: {HOST}: {why}"
    assert (plan.digest, plan.risk, plan.risk_reasons) == (
        before.digest,
        before.risk,
        before.risk_reasons,
    )


def test_a_registry_that_hangs_is_waited_for_three_seconds_at_most(
    demo: Any, rollback: Rollback, with_registry: Tools, trouble: None
) -> None:
    fault(demo, "registry", "manifests", "latency", ms=4500)
    plan = planned(with_registry, rollback, LMS, "r141", sick="lms")
    assert plan.images.endswith("could not be asked: no answer within 3 seconds")
    assert plan.risk is Risk.LOW


def test_whether_it_is_gone_does_not_change_what_was_approved(
    demo: Any, rollback: Rollback, with_registry: Tools, trouble: None
) -> None:
    before = planned(with_registry, rollback, LMS, "r141", sick="lms")
    demo.post("/registry/knobs", remove="lms:r141")
    assert planned(with_registry, rollback, LMS, "r141", sick="lms").digest == before.digest


def test_the_suggestion_passes_over_a_revision_that_could_not_start(
    demo: Any, rollback: Rollback, with_registry: Tools, trouble: None
) -> None:
    demo.post("/registry/knobs", remove="lms:r141")
    offers = rollback.offers(with_registry, LMS, before=with_registry.clock.now())
    assert [each.label for each in offers][:2] == ["r141", "r140"]
    assert [each.label for each in offers if each.suggested] == ["r140"]
    assert offers[0].warning == f"{GONE}: it would not start"
    assert offers[1].warning == ""


def test_offers_are_asked_about_once_each(
    demo: Any, rollback: Rollback, with_registry: Tools, trouble: None
) -> None:
    offers = rollback.offers(with_registry, LMS, before=None)
    asked = {each.path for each in sent(demo, "registry", "manifests")}
    assert len(asked) == len({each.image for each in offers}) == len(offers)
    assert {each.method for each in sent(demo, "registry", "manifests")} == {"HEAD"}


def test_without_a_registry_it_says_so(
    rollback: Rollback, demo_tools: Tools, trouble: None
) -> None:
    plan = planned(demo_tools, rollback, LMS, "r141", sick="lms")
    assert plan.images == (
        "whether lms:r141 still exists could not be asked: no registry is connected"
    )


# The words


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({"lms:r141": True, "nginx:1": True}, f"all 2 images exist in {HOST}"),
        (
            {"lms:r141": False, "nginx:1": True},
            f"{GONE}: the rollback would not start; nginx:1 exists in {HOST}",
        ),
        (
            {"lms:r141": True},
            f"whether nginx:1 still exists could not be asked: {HOST}: it answered 503;"
            f" lms:r141 exists in {HOST}",
        ),
        (
            {},
            "whether lms:r141 and nginx:1 still exist could not be asked:"
            f" {HOST}: it answered 503",
        ),
        (
            {"lms:r141": False, "nginx:1": False},
            f"{GONE}, nginx:1 is gone from {HOST}: the rollback would not start",
        ),
    ],
)
def test_several_images_are_told_with_the_worst_first(
    demo_tools: Tools, beside: SideBySide, there: dict[str, bool], said: str
) -> None:
    asked = on(demo_tools, beside, Shelf(there=there))
    assert with_images(asked, a_plan("lms:r141", "nginx:1")).images == said


def test_images_of_two_registries_are_told_with_both(
    demo_tools: Tools, beside: SideBySide
) -> None:
    plan = replace(a_plan("lms:r141"), needs=(f"{HOST}/lms:r141", "nginx:1.27"))
    shelf = Shelf(there={"lms:r141": True, "nginx:1.27": True})
    found = with_images(on(demo_tools, beside, shelf), plan)
    assert found.images == f"all 2 images exist in {HOST} and docker.io"


def test_many_images_are_all_asked_for_without_crowding_the_registry(
    demo_tools: Tools, beside: SideBySide
) -> None:
    names = [f"part-{n}:r141" for n in range(20)]
    shelf = Shelf(there=dict.fromkeys(names, True))
    found = with_images(on(demo_tools, beside, shelf), a_plan(*names, names[0]))
    assert found.images == f"all 20 images exist in {HOST}"
    assert sorted(shelf.asked) == sorted(names)


def test_what_is_no_name_of_an_image_is_not_asked_for(
    demo_tools: Tools, beside: SideBySide
) -> None:
    shelf = Shelf()
    plan = replace(a_plan(), needs=("{{ .Values.image }}",))
    found = with_images(on(demo_tools, beside, shelf), plan)
    assert found.images.endswith("could not be asked: that is not the name of an image")
    assert shelf.asked == []


def test_a_plan_whose_images_could_not_be_read_keeps_saying_so(
    demo_tools: Tools, beside: SideBySide
) -> None:
    plan = replace(a_plan(), images="which images it needs could not be read")
    assert with_images(on(demo_tools, beside, Shelf()), plan) == plan


# Which one is suggested


def offer(label: str, hours: float, **more: Any) -> Offer:
    return Offer(
        mitigation="rollback",
        target=label,
        title=label,
        label=label,
        image=f"{HOST}/lms:{label}",
        deployed_at=NOON - timedelta(hours=hours),
        **more,
    )


def suggested(demo_tools: Tools, beside: SideBySide, gone: list[str], *offers: Offer) -> list[str]:
    shelf = Shelf(there={f"lms:{each.label}": each.label not in gone for each in offers})
    found = passing_over(on(demo_tools, beside, shelf), offers, NOON)
    return [each.label for each in found if each.suggested]


def test_the_next_older_one_is_taken_that_nothing_speaks_against(
    demo_tools: Tools, beside: SideBySide
) -> None:
    offers = (
        offer("r141", 1, suggested=True),
        offer("r140", 2),
        offer("r139", 3, warning="rolled back from"),
        offer("r138", 4),
    )
    assert suggested(demo_tools, beside, ["r141"], *offers) == ["r140"]
    assert suggested(demo_tools, beside, ["r141", "r140"], *offers) == ["r138"]
    assert suggested(demo_tools, beside, ["r140"], *offers) == ["r141"]


def test_one_that_was_deployed_after_it_began_is_not_taken(
    demo_tools: Tools, beside: SideBySide
) -> None:
    offers = (offer("r141", 1, suggested=True), offer("r140", -1), offer("r139", 3))
    assert suggested(demo_tools, beside, ["r141"], *offers) == ["r139"]


def test_where_nothing_older_is_left_the_suggestion_stays_with_its_warning(
    demo_tools: Tools, beside: SideBySide
) -> None:
    only = offer("r141", 1, suggested=True)
    shelf = Shelf(there={"lms:r141": False})
    (found,) = passing_over(on(demo_tools, beside, shelf), [only], NOON)
    assert found.suggested
    assert found.warning == f"{GONE}: it would not start"


def test_a_registry_that_cannot_be_asked_warns_of_nothing(
    demo_tools: Tools, beside: SideBySide
) -> None:
    offers = [offer("r141", 1, suggested=True), offer("r140", 2)]
    assert passing_over(on(demo_tools, beside, Shelf()), offers, NOON) == offers


def test_a_warning_that_was_there_is_kept(demo_tools: Tools, beside: SideBySide) -> None:
    left = offer("r141", 1, warning="rolled back from at 11:02 UTC")
    shelf = Shelf(there={"lms:r141": False})
    (found,) = passing_over(on(demo_tools, beside, shelf), [left], NOON)
    assert found.warning == f"rolled back from at 11:02 UTC; {GONE}: it would not start"


def test_the_deadline_is_short() -> None:
    assert timedelta(0) < rollback_images.DEADLINE <= timedelta(seconds=3)
