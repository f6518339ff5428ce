"""Whether more pods fit on the nodes that are ready, and what has to grow where they do not."""

from __future__ import annotations

import pytest

from bot.domain.capacity import Need, NodeGroup, Room, Space, fitting, surging, told, total

GIB = 2**30
NEED = Need(cpu=500, memory=GIB)


def room(cpu: int, memory: int = 100, pods: int = 50, *, group: str = "general") -> Room:
    """A node of 4 CPUs and 16 GiB with that much left."""
    return Room(
        node="n",
        group=group,
        cpu=cpu,
        memory=memory * GIB,
        pods=pods,
        empty_cpu=4000,
        empty_memory=16 * GIB,
        empty_pods=58,
    )


def space(*rooms: Room, need: Need = NEED, uncounted: str = "") -> Space:
    return Space(need=need, surge=2, rooms=rooms, uncounted=uncounted)


@pytest.mark.parametrize(
    ("one", "takes"),
    [
        (room(1700), 3),
        (room(4000, memory=2), 2),
        (room(4000, pods=1), 1),
        (room(-200), 0),
    ],
)
def test_a_node_takes_as_many_as_its_scarcest_good_allows(one: Room, takes: int) -> None:
    assert fitting(one, NEED) == takes


def test_pods_do_not_spread_over_two_nodes() -> None:
    assert total(space(room(400), room(400))) == 0


def test_what_asks_for_nothing_is_bound_by_the_number_of_pods_alone() -> None:
    assert fitting(room(0, pods=7), Need()) == 7


@pytest.mark.parametrize(
    ("replicas", "most", "more"), [(40, "25%", 10), (3, "25%", 1), (10, 2, 2), (10, "0%", 0)]
)
def test_a_surge_in_percent_is_rounded_up(replicas: int, most: int | str, more: int) -> None:
    assert surging(replicas, most) == more


def test_what_fits_is_told_with_the_room_there_is() -> None:
    assert told(space(room(3500), room(3500)), 2, {}) == (
        "2 more pods of 500m/1Gi; room for 14 on ready nodes"
    )


def test_what_does_not_fit_waits_for_the_node_group_to_grow() -> None:
    groups = {"general": NodeGroup(lowest=10, desired=20, highest=40)}
    assert told(space(room(1000)), 12, groups) == (
        "12 more pods of 500m/1Gi do not fit: room for 2 on ready nodes;"
        " the node group general would have to grow from 20 to 22 (at most 40)"
    )


def test_a_group_that_may_not_grow_so_far_is_said() -> None:
    groups = {"general": NodeGroup(lowest=10, desired=20, highest=20)}
    said = told(space(room(0)), 1, groups)
    assert said.endswith("from 20 to 21, and it may have 20 at most")


def test_of_several_groups_the_one_that_can_grow_is_named() -> None:
    groups = {
        "full": NodeGroup(lowest=1, desired=4, highest=4),
        "free": NodeGroup(lowest=1, desired=4, highest=9),
    }
    said = told(space(room(0, group="full"), room(0, group="free")), 9, groups)
    assert "node group free would have to grow from 4 to 6 (at most 9)" in said


def test_a_pod_that_is_larger_than_every_node_is_not_promised_anything() -> None:
    groups = {"general": NodeGroup(lowest=1, desired=4, highest=9)}
    said = told(space(room(0), need=Need(cpu=64_000, memory=GIB)), 1, groups)
    assert said == (
        "1 more pod of 64/1Gi does not fit: room for 0 on ready nodes;"
        " which nodes could be added is not known"
    )


def test_what_was_not_counted_is_said() -> None:
    said = told(space(room(4000), uncounted="affinity and spread"), 2, {})
    assert said.endswith("(affinity and spread not counted)")
