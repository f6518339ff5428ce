"""What a service stands on is asked in triage; what gives no answer is named, and asked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.domain.capacity import NodeGroup, WaitingPod
from bot.domain.catalog import Catalog, Resource
from bot.domain.errors import Refused, VendorDown, VendorRejected
from bot.domain.events import Finding, NotChecked, Question, VitalsRead
from bot.domain.incident import Incident
from bot.domain.places import Deployment, Driver
from bot.domain.vitals import Condition, Sign, Vital
from bot.domain.workload import Node
from bot.flow import conditions
from bot.slack.cards.catchup import catch_up
from bot.slack.cards.standing import standing as on_the_card
from tests.doubles.house import House
from tests.doubles.pages import page, paged
from tests.doubles.people import ANA, CATALOG
from tests.timeline.ledgers import NOON

FULL = Condition(
    vitals=(Vital(sign=Sign.CONNECTIONS, value=4790, of=5000, basis="db.r6g.2xlarge"),)
)
WELL = Condition(vitals=(Vital(sign=Sign.CPU, value=12),))


@dataclass
class Health:
    """As the account would answer, by the resource's name."""

    says: dict[str, Condition | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    group: NodeGroup = field(default_factory=lambda: NodeGroup(lowest=1, desired=1, highest=1))

    def node_group(self, place: Deployment) -> NodeGroup:
        return self.group

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
    def one(*kinds: str, clouds: str = "production", **page_more: Any) -> str:
        held: Any = {clouds: account} if clouds else {}
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
    assert "• RDS: 4,790 of 5,000 connections (db.r6g.2xlarge)" in card(made)


def test_who_comes_late_reads_what_is_unwell(
    house: House, account: Account, triaged: Callable[..., str]
) -> None:
    account.health.says["rds"] = FULL
    lines = catch_up(house.incident(triaged("rds")), now=NOON, update_due=None)
    assert len(lines) == 8
    assert lines[-1].startswith("*Unwell beneath it:* RDS: 4,790 of 5,000 connections")


def test_where_all_is_well_one_line_says_so(house: House, triaged: Callable[..., str]) -> None:
    made = house.incident(triaged("rds", "elasticache"))
    assert finding(made).text == "All is well of what it stands on (2 asked)"
    assert card(made) == "*What it stands on* all 2 are well (12:00 UTC): RDS, ELASTICACHE"


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


def test_where_nothing_is_configured_the_card_says_so_once_and_not_here(
    house: House, triaged: Callable[..., str]
) -> None:
    made = house.incident(triaged("rds", clouds=""))
    assert Question.STANDING not in made.findings
    assert card(made) == ""


def test_without_an_account_in_this_environment_one_line_says_why_nobody_was_asked(
    house: House, triaged: Callable[..., str]
) -> None:
    made = house.incident(triaged("rds", clouds="staging"))
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


def test_of_a_service_that_was_named_wrongly_nothing_is_kept(
    house: House, account: Account, triaged: Callable[..., str]
) -> None:
    account.health.says["rds"] = down()
    made = triaged("rds", "elasticache")
    with house.store.open(made) as incident:
        incident.name_service("forums", "production", by=ANA)
    house.work()
    assert card(house.incident(made)) == ""
    account.health.asked.clear()
    house.forward(minutes=1)
    assert account.health.asked == []


@dataclass
class Cluster:
    """As the cluster would answer about nodes and pods."""

    found: tuple[Node, ...] = ()
    waits: tuple[WaitingPod, ...] = ()

    def nodes(self, group: str, *, doing: str) -> tuple[Node, ...]:
        return self.found

    def waiting(self, place: Deployment, *, doing: str) -> tuple[tuple[WaitingPod, ...], int]:
        return self.waits, 40


def node(number: int, *, trouble: str = "", cordoned: bool = False) -> Node:
    return Node(name=f"node-{number}", ready=not trouble, cordoned=cordoned, trouble=trouble)


GROUP = Deployment(
    service="general",
    environment="production",
    driver=Driver.MANAGED,
    kind="nodegroup",
    identifier="general",
)


def said_of(house: House, place: Deployment, **held: Any) -> Condition:
    tools = replace(house.tools, catalog=known("rds"), **held)
    return conditions.condition(tools, place)


def test_a_node_group_is_ready_of_desired_and_names_the_nodes_that_are_not(
    house: House, account: Account
) -> None:
    account.health.group = NodeGroup(lowest=2, desired=4, highest=6)
    cluster = Cluster(found=(node(1), node(2, trouble="NotReady"), node(3, cordoned=True)))
    found = said_of(house, GROUP, clouds={"production": account}, clusters={"production": cluster})
    assert found.ills == (
        "node-2 NotReady",
        "1 cordoned",
        "1 of 4 nodes in service (at most 6)",
    )


def test_without_a_cluster_a_node_group_tells_only_what_is_wanted(
    house: House, account: Account
) -> None:
    account.health.group = NodeGroup(lowest=2, desired=4, highest=6)
    found = said_of(house, GROUP, clouds={"production": account})
    assert found.blind
    assert "no cluster is configured for production (wanted 4, at most 6)" in found.unseen[0]


def test_without_an_account_the_cluster_alone_tells_of_its_nodes(house: House) -> None:
    found = said_of(house, GROUP, clusters={"production": Cluster(found=(node(1), node(2)))})
    assert str(found) == "2 of 2 nodes in service"


LMS = Deployment(service="lms", environment="production", namespace="lms")
NO_ROOM = "0/40 nodes are available: 40 Insufficient cpu."


def test_pending_pods_are_told_with_the_reason_of_the_scheduler(house: House) -> None:
    waits = tuple(WaitingPod(name=f"lms-{n}", why=NO_ROOM) for n in range(3))
    found = said_of(house, LMS, clusters={"production": Cluster(waits=waits)})
    assert found.ills == ("3 of 40 pods pending (0/40 nodes are available: 40 Insufficient cpu)",)


def test_an_incident_about_a_resource_asks_the_resource_itself(
    house: House, account: Account, triaged: Callable[..., str]
) -> None:
    account.health.says["rds"] = FULL
    made = triaged("rds", "elasticache")
    with house.store.open(made) as incident:
        incident.name_service("rds", "production", by=ANA)
    house.work()
    found = house.incident(made)
    assert found.vitals is not None
    assert [each.name for each in found.vitals.readings] == ["rds"]
    introduced = found.findings[Question.SERVICE]
    assert isinstance(introduced, Finding)
    assert introduced.text == "RDS (rds): tier 1, owned by nobody"
