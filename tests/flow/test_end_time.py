"""What was done for a stated time is put back by itself when that is over: once, and late if need be."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.domain.catalog import Deployment
from bot.domain.errors import NotSent, VendorRejected
from bot.domain.events import LeftoverBlocked, LeftoverCleared
from bot.domain.mitigation import Cleared, Plan, StillThere
from bot.flow import mitigate
from bot.tools import Tools
from tests.doubles.house import House
from tests.doubles.pages import paged
from tests.doubles.people import ANA, BEN
from tests.doubles.production import HEALTHY, Production, Rollback, SimulatedCrash
from tests.timeline.ledgers import HandClock


@dataclass(frozen=True)
class Temporary(Rollback):
    """Ends an hour after it started; `on_end` is how putting it back goes the next times."""

    on_end: deque[str] = field(default_factory=deque)

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        made = super().plan(tools, deployment, target)
        return replace(made, ends_after=timedelta(hours=1))

    def put_back(self, tools: Tools, plan: Plan) -> None:
        match self.on_end.popleft() if self.on_end else "fine":
            case "throttled":
                raise NotSent("AWS", "put it back", "too many calls")
            case "denied":
                raise VendorRejected("AWS", "put it back", "our role lacks a right")
            case "crash":
                super().put_back(tools, plan)
                raise SimulatedCrash
        super().put_back(tools, plan)


@pytest.fixture
def production(clock: HandClock) -> Production:
    return Production(clock=clock, verdict=HEALTHY, left=StillThere(shows="it blocks"))


@pytest.fixture
def kind(house: House, production: Production) -> Temporary:
    made = Temporary(production)
    house.world.mitigations["rollback"] = made
    house.restart()
    return made


@pytest.fixture
def made(house: House, kind: Temporary) -> str:
    """An incident in which it is under way."""
    house.world.pager.on_duty = ("ana@demo.example", "ben@demo.example")
    found = paged(house)
    house.work()
    id_ = mitigate.propose(house.tools, found, "r141", by=ANA)
    digest = house.incident(found).mitigation(id_).plan.digest
    mitigate.approve(house.tools, found, id_, by=BEN, digest=digest)
    house.work()
    return found


def cleared(house: House, made: str) -> list[str]:
    return [each.shows for each in house.facts(made, LeftoverCleared)]  # type: ignore[attr-defined]


def test_before_its_end_it_stays(house: House, production: Production, made: str) -> None:
    house.forward(minutes=59)
    assert production.put_back == 0


def test_at_its_end_it_is_put_back_once(house: House, production: Production, made: str) -> None:
    house.forward(hours=3)
    assert production.put_back == 1
    assert cleared(house, made) == ["put back at its end time"]


def test_after_a_time_without_the_bot_it_is_put_back_late_and_says_so(
    house: House, production: Production, clock: HandClock, made: str
) -> None:
    house.forward(minutes=10)
    clock.forward(timedelta(hours=2))
    house.restart()
    house.work()
    assert production.put_back == 1
    assert cleared(house, made) == [
        "put back at its end time, 1 h 10 min late: nobody was here to do it"
    ]


def test_what_people_put_back_earlier_is_left_alone(
    house: House, production: Production, made: str
) -> None:
    production.left = Cleared(shows="it counts")
    house.forward(hours=3)
    assert production.put_back == 0
    assert cleared(house, made) == ["it counts"]


def test_a_crash_after_putting_it_back_does_not_do_it_twice(
    house: House, production: Production, kind: Temporary, made: str
) -> None:
    kind.on_end.append("crash")
    with pytest.raises(SimulatedCrash):
        house.forward(hours=2)
    house.restart()
    house.forward(hours=1)
    assert production.put_back == 1
    assert len(cleared(house, made)) == 1


def test_what_passes_is_tried_again(
    house: House, production: Production, kind: Temporary, made: str
) -> None:
    kind.on_end.append("throttled")
    house.forward(hours=2)
    assert production.put_back == 1
    assert house.facts(made, LeftoverBlocked) == []


def test_what_does_not_pass_is_said_once_and_tried_again(
    house: House, production: Production, kind: Temporary, made: str
) -> None:
    kind.on_end.extend(["denied"] * 13)
    house.forward(hours=2)
    (said,) = house.facts(made, LeftoverBlocked)
    assert said.why == "our role lacks a right"  # type: ignore[attr-defined]
    kind.on_end.clear()
    house.forward(minutes=10)
    assert production.put_back == 1


def test_a_plan_with_another_end_is_another_plan(house: House, kind: Temporary) -> None:
    place = Deployment(service="lms", environment="production")
    plan = kind.plan(house.tools, place, "r141")
    assert replace(plan, ends_after=timedelta(hours=2)).digest != plan.digest
    assert replace(plan, ends_after=None).digest != plan.digest
