"""Which pods leave a drained node, what is said about it, and when it is through."""

from __future__ import annotations

from dataclasses import replace

from bot.domain import draining
from bot.domain.workload import Node, NodePod

WEB = NodePod(namespace="lms", name="web-1", owner="Deployment web", uid="1")
RUN = NodePod(namespace="lms", name="nightly-28-x", owner="Job nightly", uid="2")
AGENT = NodePod(
    namespace="kube-system", name="agent", owner="DaemonSet agent", stays="on every node"
)
NODE = Node(name="n1", ready=True, cordoned=False, uid="u1", pods=(WEB, RUN, AGENT))
FREE = Node(name="n2", ready=True, cordoned=False)


def test_what_has_to_stay_does_not_leave() -> None:
    assert draining.going(NODE) == (WEB, RUN)
    assert "1 stays: on every node" in draining.cautions(NODE)


def test_a_pod_that_is_stopping_is_not_told_again() -> None:
    stopping = replace(WEB, leaving=True)
    node = replace(NODE, pods=(stopping, AGENT))

    assert draining.going(node) == ()
    assert draining.stopping(node) == (stopping,)


def test_a_run_that_comes_or_goes_makes_no_plan_stale() -> None:
    known = draining.before(replace(NODE, pods=(WEB,)))

    assert draining.strangers(NODE, known) == ()
    assert draining.lasting(draining.going(NODE)) == ("lms/Deployment web",)


def test_pods_of_another_workload_are_strangers() -> None:
    known = draining.before(NODE)
    other = replace(WEB, name="api-1", owner="Deployment api")

    assert draining.strangers(replace(NODE, pods=(WEB, other)), known) == ("lms/Deployment api",)


def test_it_remembers_what_it_was_planned_for() -> None:
    known = draining.before(NODE)

    assert draining.before_in(known.inside()) == known


def test_it_is_through_when_every_planned_pod_has_left() -> None:
    known = draining.before(NODE)

    assert draining.emptied(NODE, known) == ""
    assert draining.emptied(replace(NODE, pods=(replace(WEB, leaving=True),)), known) == ""
    assert "has left n1" in draining.emptied(replace(NODE, pods=(AGENT,)), known)


def test_a_node_that_does_not_answer_is_through_when_all_were_told() -> None:
    silent = replace(NODE, ready=False, pods=(replace(WEB, leaving=True),))

    said = draining.emptied(silent, draining.before(NODE))

    assert said == "every pod was told to leave n1; it does not answer, so 1 stay listed"


def test_a_run_that_came_since_is_left_to_end() -> None:
    known = draining.before(replace(NODE, pods=(WEB,)))

    said = draining.emptied(replace(NODE, pods=(RUN,)), known)

    assert said.endswith("what came since stays: lms/nightly-28-x")


def test_what_is_in_trouble_is_offered_first_and_what_is_cordoned_last() -> None:
    sick = replace(FREE, name="n3", ready=False, trouble="NotReady")
    cordoned = replace(FREE, name="n1", cordoned=True)

    found = draining.offers("drain_node", [cordoned, FREE, sick])

    assert [(each.target, each.suggested) for each in found] == [
        ("n3", True),
        ("n2", False),
        ("n1", False),
    ]
    assert found[-1].message == "ready, cordoned"


def test_of_two_in_trouble_neither_is_suggested() -> None:
    sick = replace(FREE, ready=False, trouble="NotReady")

    assert not any(each.suggested for each in draining.offers("drain_node", [sick, sick]))


def test_a_plan_worries_where_the_pods_would_have_nowhere_to_go() -> None:
    full = replace(FREE, cordoned=True)

    assert draining.worries(NODE, [full], {}) == (
        "no other node of its group is ready to take its pods",
    )
    assert draining.worries(NODE, [FREE], {}) == ()


def test_a_plan_worries_about_budgets_local_disks_and_silent_nodes() -> None:
    node = replace(NODE, ready=False, pods=(replace(WEB, local=True),))

    budget, disk, silent = draining.worries(node, [FREE], {WEB.workload: "needs 2 healthy pods"})

    assert budget == "the drain waits for lms/Deployment web: needs 2 healthy pods"
    assert disk.endswith("is lost: lms/web-1")
    assert silent.startswith("it is NotReady")
