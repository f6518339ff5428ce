"""What a pod asks for as the scheduler counts it, and what the demo world's nodes have left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.domain.capacity import Need, total
from bot.domain.places import Deployment
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.integrations.kubernetes.kubeconfig import from_token
from bot.integrations.kubernetes.scheduling import milli, need_of, whole
from tests.integrations.worlds import OPEN, url

GIB = 2**30
LMS = Deployment(
    service="lms", environment="production", namespace="lms", workload="deployment/lms-web"
)


@pytest.mark.parametrize(
    ("written", "thousandths"), [("500m", 500), ("0.5", 500), ("2", 2000), (None, 0), ("1.5m", 2)]
)
def test_cpu_is_counted_in_thousandths(written: str | None, thousandths: int) -> None:
    assert milli(written) == thousandths


@pytest.mark.parametrize(
    ("written", "count"),
    [("1Gi", GIB), ("512Mi", GIB // 2), ("1G", 10**9), ("128974848", 128974848), ("1e3", 1000)],
)
def test_memory_is_counted_in_bytes(written: str, count: int) -> None:
    assert whole(written) == count


def asking(cpu: str, memory: str = "0") -> dict[str, Any]:
    return {"resources": {"requests": {"cpu": cpu, "memory": memory}}}


def test_a_pod_asks_for_all_its_containers_together() -> None:
    pod = {"containers": [asking("500m", "1Gi"), asking("100m", "1Gi")]}
    assert need_of(pod) == Need(cpu=600, memory=2 * GIB)


def test_a_greedy_container_that_runs_before_them_counts_for_the_whole_pod() -> None:
    pod = {"containers": [asking("500m")], "initContainers": [asking("2"), asking("1")]}
    assert need_of(pod).cpu == 2000


def test_a_limit_without_a_request_counts_as_one() -> None:
    resources = {"requests": {"memory": "1Gi"}, "limits": {"cpu": "700m", "memory": "2Gi"}}
    pod = {"containers": [{"resources": resources}]}
    assert need_of(pod) == Need(cpu=700, memory=GIB)


@pytest.fixture
def cluster(demo: Any) -> Iterator[Kubernetes]:
    api = Api(
        environment="production",
        open=lambda: from_token(url(demo, "/kubernetes"), "k8s-demo-token", ""),
        gate=OPEN,
    )
    made = Kubernetes(api)
    yield made
    made.close()


def test_the_nodes_of_the_demo_are_ready_and_have_room(cluster: Kubernetes) -> None:
    nodes = cluster.nodes("prod-eks-1-general", doing="read nodes")
    assert (len(nodes), all(each.ready for each in nodes)) == (20, True)
    space = cluster.space(LMS, doing="see whether pods fit")
    assert (space.need, space.surge) == (Need(cpu=500, memory=GIB), 15)
    assert total(space) > 15


def test_no_pod_of_the_demo_waits(cluster: Kubernetes) -> None:
    assert cluster.waiting(LMS, doing="read pods") == ((), 60)
