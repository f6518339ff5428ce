"""Somebody's cluster is used only where it was named, and looks afterwards as it did before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.cluster.bots import bound_everywhere, cluster_role, roles
from tests.cluster.control_plane import BOT, ControlPlane, running
from tests.cluster.whose import (
    CONTEXT,
    IS_KWOK,
    KUBECONFIG,
    PRODUCTION,
    NotThere,
    header,
    named,
    namespace,
    reached,
    settled_in,
)
from tests.cluster.world import MARK, answered, node, seat

_RBAC = "/apis/rbac.authorization.k8s.io/v1"


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A second control plane, which is nobody's of these tests."""
    with running(tmp_path_factory.mktemp("theirs")) as started:
        yield started


def written(folder: Path, *contexts: str, server: str = "https://127.0.0.1:9") -> dict[str, str]:
    """The variables that name a kubeconfig with these contexts, the first chosen."""
    file = folder / "theirs.yaml"
    config = {
        "current-context": contexts[0],
        "contexts": [
            {"name": each, "context": {"cluster": "c", "user": "u"}} for each in contexts
        ],
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
    file.write_text(yaml.safe_dump(config))
    return {KUBECONFIG: str(file)}


def test_the_ambient_kubeconfig_is_not_used_and_the_way_is_told(tmp_path: Path) -> None:
    ambient = {"KUBECONFIG": written(tmp_path, "kind")[KUBECONFIG]}

    assert named(ambient) is None
    assert f"{KUBECONFIG}={ambient['KUBECONFIG']} would" in header(ambient)


def test_which_context_is_going_to_be_used_is_told(tmp_path: Path) -> None:
    assert "context kind of" in header(written(tmp_path, "kind", "other"))
    assert "context other of" in header({**written(tmp_path, "kind", "other"), CONTEXT: "other"})


@pytest.mark.parametrize("context", ["prod-eks-1", "arn:aws:eks:eu:1:cluster/Production", "live"])
def test_what_looks_like_production_is_refused(tmp_path: Path, context: str) -> None:
    with pytest.raises(NotThere, match=re.escape(f"{PRODUCTION}={context}")):
        named(written(tmp_path, context))


def test_so_it_is_where_only_the_address_looks_so(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="looks like production"):
        named(written(tmp_path, "mine", server="https://api.prod.example"))


def test_it_is_taken_when_somebody_names_that_context_once_more(tmp_path: Path) -> None:
    variables = written(tmp_path, "prod-like", "prod-real")

    assert named({**variables, PRODUCTION: "prod-like"}) is not None
    with pytest.raises(NotThere):
        named({**variables, CONTEXT: "prod-real", PRODUCTION: "prod-like"})


def test_a_context_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match=r"has no context gone; .*: kind, other"):
        named({**written(tmp_path, "kind", "other"), CONTEXT: "gone"})


def test_a_cluster_that_does_not_answer_is_told(tmp_path: Path) -> None:
    found = named(written(tmp_path, "kind"))
    assert found is not None

    with pytest.raises(NotThere, match="does not answer"):
        reached(found, tmp_path, {})


def at(theirs: ControlPlane, work: Path, **more: str) -> ControlPlane:
    variables = {KUBECONFIG: str(theirs.kubeconfig), **more}
    found = named(variables)
    assert found is not None
    return reached(found, work, variables)


def test_its_kubelets_are_real_until_somebody_says_otherwise(
    theirs: ControlPlane, tmp_path: Path
) -> None:
    assert not at(theirs, tmp_path).played
    assert at(theirs, tmp_path, **{IS_KWOK: "1"}).played


def test_nodes_of_kwok_alone_say_it_themselves(theirs: ControlPlane, tmp_path: Path) -> None:
    with theirs.client() as client:
        node(client, "played")
        assert at(theirs, tmp_path).played
        real = {"metadata": {"name": "real", "labels": {"broken": "yes"}}}
        answered(client.post("/api/v1/nodes", json=real))
        assert not at(theirs, tmp_path).played
        for name in ("played", "real"):
            client.delete(f"/api/v1/nodes/{name}")


def test_what_is_made_there_is_removed_and_what_was_there_stays(
    theirs: ControlPlane, tmp_path: Path
) -> None:
    documented = roles()[0]
    with theirs.client() as client:
        answered(client.post(f"{_RBAC}/clusterroles", json=documented))
        before = everything(client)

        with settled_in(at(theirs, tmp_path)):
            namespace(client, f"{MARK}-a")
            cluster_role(client, documented)
            with bound_everywhere(client, BOT, documented["metadata"]["name"]):
                assert everything(client) != before

        assert everything(client) == before


def test_it_is_removed_though_the_run_ends_badly(theirs: ControlPlane, tmp_path: Path) -> None:
    with theirs.client() as client:
        before = everything(client)
        with pytest.raises(KeyboardInterrupt), settled_in(at(theirs, tmp_path)):
            raise KeyboardInterrupt
        assert everything(client) == before


def test_a_pod_of_theirs_that_waits_is_given_no_node(theirs: ControlPlane) -> None:
    pod: dict[str, Any] = {
        "metadata": {"name": "waits", "namespace": "default"},
        "spec": {"containers": [{"name": "app", "image": "registry.k8s.io/pause:3.9"}]},
    }
    path = "/api/v1/namespaces/default/pods"
    with theirs.client() as client:
        node(client, "free")
        answered(client.post(path, json=pod))
        seat(client)
        assert "nodeName" not in answered(client.get(f"{path}/waits"))["spec"]


def everything(client: httpx.Client) -> set[str]:
    """What no namespace holds, by name."""
    kinds = (f"{_RBAC}/clusterroles", f"{_RBAC}/clusterrolebindings", "/api/v1/namespaces")
    found = [(kind, each) for kind in kinds for each in answered(client.get(kind))["items"]]
    return {f"{kind}/{each['metadata']['name']}" for kind, each in found}
