"""What Helm's client may ask the simulated cluster; the real helm against it is in `tests/cluster/`."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from sandbox.kubernetes.releases import opened, packed
from sandbox.kubernetes.secrets import PROTOBUF, Unreadable, secret
from tests.sandbox.conftest import Demo

TOKEN = {"Authorization": "Bearer k8s-demo-token"}
APPLY = {"Content-Type": "application/apply-patch+yaml"}
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}
WEB = "/apis/apps/v1/namespaces/proctoring/deployments/proctoring"
SETTINGS = "/api/v1/namespaces/proctoring/configmaps/proctoring"
SECRETS = "/api/v1/namespaces/proctoring/secrets"
SCENARIO = "bad-helm-upgrade"


def asked(demo: Demo, method: str, path: str, **more: Any) -> httpx.Response:
    headers = {**TOKEN, **more.pop("headers", {})}
    return demo.http.request(method, f"/kubernetes{path}", headers=headers, **more)


def releases(demo: Demo) -> list[dict[str, Any]]:
    found = asked(demo, "GET", SECRETS, params={"labelSelector": "owner=helm,name=proctoring"})
    return [opened(each["data"]["release"]) for each in found.json()["items"]]


def image(demo: Demo) -> str:
    spec = asked(demo, "GET", WEB).json()["spec"]["template"]["spec"]
    return str(spec["containers"][0]["image"])


def to_image(name: str, tag: str) -> dict[str, Any]:
    container = {"name": name, "image": f"registry.demo.example/proctoring:{tag}"}
    return {"spec": {"template": {"spec": {"containers": [container]}}}}


def field(number: int, content: bytes) -> bytes:
    """A field of protobuf with a length of less than 128."""
    return bytes([number << 3 | 2, len(content)]) + content


def test_a_secret_in_the_api_servers_protobuf_is_read() -> None:
    labels = field(11, field(1, b"owner") + field(2, b"helm"))
    meta = field(1, b"it") + field(3, b"shop") + bytes([7 << 3, 5]) + labels
    data = field(1, b"release") + field(2, b"H4sI")
    raw = field(1, meta) + field(2, data) + field(3, b"helm.sh/release.v1")
    content = b"k8s\0" + field(1, field(1, b"v1") + field(2, b"Secret")) + field(2, raw)

    read = secret(content, PROTOBUF)

    assert read["metadata"] == {"name": "it", "namespace": "shop", "labels": {"owner": "helm"}}
    assert read["data"] == {"release": base64.b64encode(b"H4sI").decode()}
    assert read["type"] == "helm.sh/release.v1"


@pytest.mark.parametrize("content", [b"", b"{}", b"k8s\0\x12", b"k8s\0" + field(2, b"\x0a\x7f")])
def test_bytes_that_are_no_secret_are_refused(demo: Demo, content: bytes) -> None:
    answer = asked(demo, "POST", SECRETS, content=content, headers={"Content-Type": PROTOBUF})

    assert answer.status_code == 400
    assert len(releases(demo)) == 2


def test_bytes_that_end_too_early_are_unreadable() -> None:
    with pytest.raises(Unreadable):
        secret(b"k8s\0\x12", PROTOBUF)


def test_helm_comes_without_a_token_and_nobody_else(demo: Demo) -> None:
    """Its client sends none over plain HTTP."""
    answers = {
        who: demo.http.get("/kubernetes/version", headers={"User-Agent": who}).status_code
        for who in ("Helm/4.2.4", "curl/8")
    }
    assert answers == {"Helm/4.2.4": 200, "curl/8": 401}
    wrong = {"User-Agent": "Helm/4.2.4", "Authorization": "Bearer another"}
    assert demo.http.get("/kubernetes/version", headers=wrong).status_code == 401


def test_an_upgrade_in_the_world_is_a_revision_with_its_own_settings(demo: Demo) -> None:
    demo.post("/scenario", id=SCENARIO)
    demo.advance(125)

    told = [
        (e["version"], e["info"]["status"], e["config"]["image"]["tag"]) for e in releases(demo)
    ]
    assert told == [(1, "superseded", "r46"), (2, "superseded", "r47"), (3, "deployed", "r48")]
    assert image(demo).endswith(":r48")
    assert asked(demo, "GET", SETTINGS).json()["data"]["PARTNER_API"] == "v3"


def test_the_image_of_an_upgrade_is_in_the_registry(demo: Demo) -> None:
    demo.post("/scenario", id=SCENARIO)
    demo.advance(125)
    account = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
    demo.post("/registry/knobs", auth="basic")

    found = demo.http.get(
        "/registry/v2/proctoring/manifests/r48",
        headers=account,
        auth=("tocsin", "registry-demo-password"),
    )
    assert found.status_code == 200, found.text


def test_a_scenario_begun_again_begins_with_its_first_history(demo: Demo) -> None:
    demo.post("/scenario", id=SCENARIO)
    demo.advance(125)
    demo.post("/scenario", id=SCENARIO)

    assert [each["version"] for each in releases(demo)] == [1, 2]
    assert image(demo).endswith(":r47")


def test_a_rehearsal_changes_nothing(demo: Demo) -> None:
    before = asked(demo, "GET", WEB).json()
    rehearsed = {"dryRun": "All", "fieldManager": "tocsin"}
    for path, body in ((WEB, to_image("web", "r46")), (SETTINGS, {"data": {"PARTNER_API": "v1"}})):
        answer = asked(demo, "PATCH", path, json=body, params=rehearsed, headers=APPLY)
        assert answer.status_code == 200, answer.text

    assert asked(demo, "GET", WEB).json() == before
    assert asked(demo, "GET", SETTINGS).json()["data"]["PARTNER_API"] == "v2"


def test_what_an_application_leaves_out_is_taken_away_and_a_patch_leaves_it(demo: Demo) -> None:
    asked(demo, "PATCH", SETTINGS, json={"data": {"PARTNER_API": "v1"}}, headers=STRATEGIC)
    patched = asked(demo, "GET", SETTINGS).json()["data"]
    asked(demo, "PATCH", SETTINGS, json={"data": {"PARTNER_API": "v1"}}, headers=APPLY)
    applied = asked(demo, "GET", SETTINGS).json()["data"]

    assert patched == {"PARTNER_API": "v1", "EXAM_MINUTES_GRACE": "5"}
    assert applied == {"PARTNER_API": "v1"}


def test_another_container_is_not_played(demo: Demo) -> None:
    answer = asked(demo, "PATCH", WEB, json=to_image("sidecar", "r46"), headers=APPLY)

    assert answer.status_code == 422
    assert "not played here: the container sidecar" in answer.json()["message"]
    assert image(demo).endswith(":r47")


def test_a_revision_keeps_its_first_moment_in_the_worlds_time(demo: Demo) -> None:
    told = {**releases(demo)[-1], "version": 3}
    meta = {"name": "sh.helm.release.v1.proctoring.v3", "labels": {"version": "3", "status": "x"}}

    def written(moment: str) -> str:
        told["info"]["last_deployed"] = moment
        return json.dumps({"metadata": meta, "data": {"release": packed(told)}, "type": "t"})

    as_json = {"Content-Type": "application/json"}
    path = f"{SECRETS}/{meta['name']}"
    assert asked(demo, "POST", SECRETS, content=written("2031-01-01T00:00:00Z"), headers=as_json)
    now = demo.sim.clock.now()
    demo.advance(60)
    asked(demo, "PUT", path, content=written("2031-01-01T00:01:00Z"), headers=as_json)

    found = opened(asked(demo, "GET", path).json()["data"]["release"])
    assert found["info"]["last_deployed"] == now.isoformat()


def test_a_revision_is_written_once_and_can_be_forgotten(demo: Demo) -> None:
    found = asked(demo, "GET", SECRETS).json()["items"][0]
    again = asked(demo, "POST", SECRETS, json=found)
    assert (again.status_code, again.json()["reason"]) == (409, "AlreadyExists")

    path = f"{SECRETS}/{found['metadata']['name']}"
    assert asked(demo, "DELETE", path).status_code == 200
    assert asked(demo, "GET", path).status_code == 404


def test_argo_cd_has_no_hand_in_what_helm_installed(demo: Demo) -> None:
    assert "proctoring" not in demo.get("/state")["argocd"]["apps"]
    assert "forums" in demo.get("/state")["argocd"]["apps"]
