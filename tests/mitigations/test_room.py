"""Which node group a plan names where its pods do not fit, and what it says where nobody knows."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any

from bot.domain.capacity import Need, NodeGroup, Room, Space
from bot.domain.catalog import Catalog, Deployment, Driver, Environment
from bot.domain.errors import VendorDown, VendorRejected
from bot.domain.mitigation import Plan
from bot.mitigations.room import with_room
from bot.tools import Tools

GIB = 2**30
WEB = Deployment(service="web", environment="production", namespace="web")
PLAN = Plan(
    mitigation="restart",
    title="Restart web",
    service="web",
    environment="production",
    target="restart",
    target_label="new pods",
    live="a",
    live_label="the pods as they run",
)


@dataclass
class Cluster:
    left: int = 0
    surge: int = 2
    fails: Exception | None = None

    def space(self, place: Deployment, *, doing: str) -> Space:
        if self.fails:
            raise self.fails
        room = Room(
            node="n",
            group="general",
            cpu=self.left,
            memory=9 * GIB,
            pods=9,
            empty_cpu=4000,
            empty_memory=16 * GIB,
            empty_pods=58,
        )
        return Space(need=Need(cpu=500, memory=GIB), surge=self.surge, rooms=(room,))


@dataclass
class Account:
    fails: Exception | None = None

    @property
    def health(self) -> Account:
        return self

    def node_group(self, place: Deployment) -> NodeGroup:
        assert (place.cluster, place.identifier) == ("prod-eks-1", "general")
        if self.fails:
            raise self.fails
        return NodeGroup(lowest=1, desired=20, highest=30)


def tools(cluster: Cluster | None, account: Account | None = None) -> Tools:
    unused: dict[str, Any] = dict.fromkeys(
        each.name
        for each in fields(Tools)
        if each.default is MISSING and each.default_factory is MISSING
    )
    known = Catalog(environments=(Environment(name="production", cluster="prod-eks-1"),))
    held: dict[str, Any] = {
        "clusters": {"production": cluster} if cluster else {},
        "clouds": {"production": account} if account else {},
    }
    return Tools(**{**unused, **held, "catalog": known})


def test_where_pods_do_not_fit_the_account_says_how_far_the_group_may_grow() -> None:
    made = with_room(tools(Cluster(), Account()), PLAN, WEB)
    assert made.room == (
        "2 more pods of 500m/1Gi do not fit: room for 0 on ready nodes;"
        " the node group general would have to grow from 20 to 21 (at most 30)"
    )


def test_where_they_fit_the_account_is_not_asked() -> None:
    down = Account(fails=AssertionError("asked"))
    made = with_room(tools(Cluster(left=4000), down), PLAN, WEB, added=3)
    assert made.room == "3 more pods of 500m/1Gi; room for 8 on ready nodes"


def test_an_account_that_gives_no_answer_leaves_the_growth_open() -> None:
    down = Account(fails=VendorDown("AWS", "read it", "it answered 503"))
    made = with_room(tools(Cluster(), down), PLAN, WEB)
    assert made.room.endswith("which nodes could be added is not known")


def test_a_missing_right_is_said_and_the_plan_is_made() -> None:
    no = VendorRejected("Kubernetes", "read it", "our account lacks the right to list nodes")
    made = with_room(tools(Cluster(fails=no)), PLAN, WEB)
    assert made.room == (
        "whether its pods find room is not known (our account lacks the right to list nodes)"
    )


def test_what_adds_no_pods_says_nothing_of_room() -> None:
    assert with_room(tools(Cluster(surge=0)), PLAN, WEB).room == ""
    assert with_room(tools(Cluster()), PLAN, WEB, added=-2).room == ""


def test_outside_of_a_cluster_nothing_is_asked() -> None:
    machines = Deployment(service="web", environment="production", driver=Driver.ASG, asg="web")
    assert with_room(tools(Cluster()), PLAN, machines) == PLAN
    assert with_room(tools(None), PLAN, WEB) == PLAN


def test_room_is_no_part_of_what_an_approval_is_bound_to() -> None:
    assert with_room(tools(Cluster()), PLAN, WEB).digest == PLAN.digest
