"""What a service stands on is asked in triage; what gives no answer is named, and asked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.domain.catalog import Catalog, Resource
from bot.domain.errors import Refused, VendorDown, VendorRejected
from bot.domain.events import Finding, NotChecked, Question, VitalsRead
from bot.domain.incident import Incident
from bot.domain.places import Deployment
from bot.domain.vitals import Condition, Sign, Vital
from bot.slack.cards.standing import standing as on_the_card
from tests.doubles.house import House
from tests.doubles.pages import page, paged
from tests.doubles.people import CATALOG

FULL = Condition(
    vitals=(Vital(sign=Sign.CONNECTIONS, value=4790, of=5000, basis="db.r6g.2xlarge"),)
)
WELL = Condition(vitals=(Vital(sign=Sign.CPU, value=12),))


@dataclass
class Health:
    """As the account would answer, by the resource's name."""

    says: dict[str, Condition | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def condition(self, place: Deployment) -> Condition:
        self.asked.append(place.service)
        answer = self.says.get(place.service, WELL)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Account:
    health: Health = field(default_factory=Health)


def down(why: str = "it answered 503") -> VendorDown:
    return VendorDown("AWS", "read how it is", why)


def known(*kinds: str) -> Catalog:
    """The LMS stands on one of each."""
    resources = tuple(
        Resource(name=each, kind=each, environments=("production",), title=each.upper())
        for each in kinds
    )
    services = tuple(
        replace(one, depends_on=(*one.depends_on, *kinds)) if one.name == "lms" else one
        for one in CATALOG.services
    )
    return replace(CATALOG, services=services, resources=resources)


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def triaged(house: House, account: Account) -> Callable[..., str]:
    def one(*kinds: str, clouds: bool = True, **page_more: Any) -> str:
        held: Any = {"production": account} if clouds else {}
        house.tools = replace(house.tools, catalog=known(*kinds), clouds=held)
        made = paged(house, page(**page_more)) if page_more else paged(house)
        house.channel(made)
        house.work()
        return made

    return one


def finding(incident: Incident) -> Finding:
    found = incident.findings[Question.STANDING]
    assert isinstance(found, Finding)
    return found


def card(incident: Incident) -> str:
    return "\n".join(on_the_card(incident))


def test_what_is_unwell_is_a_line_with_numbers_and_the_well_are_summed_up(
    house: House, account: Account, triaged: Callable[..., str]
) -> None:
    account.health.says["rds"] = FULL
    made = house.incident(triaged("rds", "elasticache", "s3"))
    said = finding(made)
    assert said.text == (
        "Unwell, 1 of 3 it stands on: RDS: 4,790 of 5,000 connections (db.r6g.2xlarge)"
    )
    assert said.details[-1] == "well: ELASTICACHE, S3"
    assert said.source == "AWS"
    assert "1 of 3 unwell (12:00 UTC); well: ELASTICACHE, S3" in card(made)
    assert "• RDS: 4,790 of 5,000 connections (db.r6g.2xlarge) (12:00 UTC)" in card(made)


def test_where_all_is_well_one_line_says_so(house: House, triaged: Callable[..., str]) -> None:
    made = house.incident(triaged("rds", "elasticache"))
    assert finding(made).text == "All is well of what it stands on (2 asked)"
    assert card(made) == "*Stands on* all 2 are well (12:00 UTC): RDS, ELASTICACHE"


def test_the_card_shows_three_and_counts_the_rest(
    house: House, account: Account, triaged: Callable[..., str]
) -> None:
    kinds = ("rds", "aurora", "elasticache", "s3", "waf")
    account.health.says |= dict.fromkeys(kinds, FULL)
    shown = card(house.incident(triaged(*kinds)))
    assert shown.count("4,790") == 3
    assert "and 2 more unwell" in shown


def test_what_failed_is_named_with_its_reason_and_asked_again_alone(
    house: House, account: Account, triaged: Callable[..., str]
) -> None:
    account.health.says["rds"] = down()
    made = triaged("rds", "elasticache")
    assert finding(house.incident(made)).details[-1] == "not checked: RDS (it answered 503)"
    assert "• not checked: RDS (it answered 503)" in card(house.incident(made))
    account.health.says["rds"] = FULL
    account.health.asked.clear()
    house.forward(minutes=1)
    assert account.health.asked == ["rds"]
    after = house.incident(made)
    assert finding(after).text.startswith("Unwell, 1 of 2 it stands on: RDS: 4,790")
    assert "not checked" not in card(after)


def test_what_stays_silent_is_recorded_once(
    house: House, account: Account, triaged: Callable[..., str]
) -> None:
    account.health.says["rds"] = down()
    made = triaged("rds", "elasticache")
    house.forward(minutes=15)
    assert account.health.asked.count("rds") > 3
    assert account.health.asked.count("elasticache") == 1
    assert len(house.facts(made, VitalsRead)) == 1


@pytest.mark.parametrize(
    "no", [VendorRejected("AWS", "read", "our role lacks rds:X"), Refused("our role lacks rds:X")]
)
def test_what_will_not_pass_by_waiting_is_not_asked_again(
    house: House, account: Account, triaged: Callable[..., str], no: Exception
) -> None:
    account.health.says["rds"] = no
    made = triaged("rds", "elasticache")
    house.forward(minutes=5)
    assert account.health.asked.count("rds") == 1
    assert "our role lacks rds:X" in card(house.incident(made))


def test_too_slow_a_lane_leaves_its_resources_named(
    house: House, triaged: Callable[..., str]
) -> None:
    house.world.beside.slow = {"lane 0"}
    made = house.incident(triaged("rds", "elasticache"))
    assert "not checked: RDS (no answer within 10 s)" in card(made)
    assert made.vitals is not None
    assert [each.name for each in made.vitals.readings] == ["elasticache"]


def test_without_an_account_one_line_says_why_nobody_was_asked(
    house: House, triaged: Callable[..., str]
) -> None:
    made = house.incident(triaged("rds", clouds=False))
    said = made.findings[Question.STANDING]
    assert isinstance(said, NotChecked)
    assert said.why == "no AWS account is configured for production"
    assert card(made).startswith("*Not checked* what it stands on: no AWS account")


def test_a_service_that_stands_on_nothing_measured_has_no_such_line(
    house: House, triaged: Callable[..., str]
) -> None:
    made = house.incident(triaged("appconfig"))
    assert Question.STANDING not in made.findings
    assert card(made) == ""
