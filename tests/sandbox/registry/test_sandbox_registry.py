"""The simulated registry is as strict as a real one: who may read, what is accepted, what is there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

ACCOUNT = ("tocsin", "registry-demo-password")
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def token(demo: Any, scope: str = "repository:lms:pull", auth: Any = ACCOUNT) -> str:
    asked = {"service": "registry.demo.example", "scope": scope}
    answer = demo.http.get("/registry/token", params=asked, auth=auth)
    assert answer.status_code == 200, answer.text
    return answer.json()["token"]


def manifest(
    demo: Any, reference: str, *, name: str = "lms", method: str = "GET", **headers: str
) -> httpx.Response:
    said = {"accept": OCI_INDEX, "authorization": f"Bearer {token(demo)}", **headers}
    return demo.http.request(method, f"/registry/v2/{name}/manifests/{reference}", headers=said)


def code(answer: httpx.Response) -> str:
    return answer.json()["errors"][0]["code"]


def test_a_stranger_is_told_where_to_get_a_token(demo: Any) -> None:
    answer = demo.http.head("/registry/v2/lms/manifests/r141")
    assert answer.status_code == 401
    assert answer.content == b""
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="http://127.0.0.1:')
    assert 'service="registry.demo.example",scope="repository:lms:pull"' in challenge


def test_the_image_of_a_seeded_release_is_there_by_tag_and_by_digest(demo: Any) -> None:
    answer = manifest(demo, "r141", method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == OCI_INDEX
    digest = answer.headers["docker-content-digest"]
    assert manifest(demo, digest).json()["mediaType"] == OCI_INDEX


def test_the_image_of_a_release_that_the_world_brings_comes_with_it(demo: Any) -> None:
    assert manifest(demo, "r142").status_code == 404
    demo.post("/world", set={"lms-web.revision": "r142"})
    assert manifest(demo, "r142").status_code == 200


def test_who_does_not_accept_its_type_is_told_that_there_is_nothing(demo: Any) -> None:
    answer = manifest(demo, "r141", accept=DOCKER_MANIFEST)
    assert (answer.status_code, code(answer)) == (404, "MANIFEST_UNKNOWN")
    assert "accept header does not support OCI indexes" in answer.text


@pytest.mark.parametrize(
    ("name", "reference", "status", "said"),
    [
        ("lms", "r999", 404, "MANIFEST_UNKNOWN"),
        ("lms", "sha256:" + "0" * 64, 404, "MANIFEST_UNKNOWN"),
        ("lms", "sha256:short", 400, "DIGEST_INVALID"),
        ("LMS", "r141", 400, "NAME_INVALID"),
    ],
)
def test_what_is_not_there_has_its_code(
    demo: Any, name: str, reference: str, status: int, said: str
) -> None:
    answer = manifest(demo, reference, name=name)
    assert (answer.status_code, code(answer)) == (status, said)


def test_a_repository_that_nobody_has_is_unknown_by_name(demo: Any) -> None:
    bearer = f"Bearer {token(demo, 'repository:nothing:pull')}"
    answer = manifest(demo, "r1", name="nothing", authorization=bearer)
    assert (answer.status_code, code(answer)) == (404, "NAME_UNKNOWN")


def test_a_token_is_good_for_its_repository_alone_and_for_five_minutes(demo: Any) -> None:
    mine = f"Bearer {token(demo)}"
    other = manifest(demo, "r88", name="cms", authorization=mine)
    assert other.status_code == 401
    assert 'error="insufficient_scope"' in other.headers["www-authenticate"]
    assert manifest(demo, "r141", authorization=mine).status_code == 200
    demo.advance(301)
    assert manifest(demo, "r141", authorization=mine).status_code == 401


def test_a_stranger_gets_a_token_that_opens_nothing(demo: Any) -> None:
    bearer = f"Bearer {token(demo, auth=None)}"
    assert manifest(demo, "r141", authorization=bearer).status_code == 401


def test_a_wrong_password_gets_no_token(demo: Any) -> None:
    asked = {"service": "registry.demo.example", "scope": "repository:lms:pull"}
    answer = demo.http.get("/registry/token", params=asked, auth=("tocsin", "wrong"))
    assert (answer.status_code, code(answer)) == (401, "UNAUTHORIZED")


def test_an_image_can_be_lost_and_found(demo: Any) -> None:
    assert demo.post("/registry/knobs", remove="lms:r141")["removed"] == ["lms:r141"]
    assert code(manifest(demo, "r141")) == "MANIFEST_UNKNOWN"
    assert manifest(demo, "r140").status_code == 200
    demo.post("/registry/knobs", restore="lms:r141")
    assert manifest(demo, "r141").status_code == 200
    demo.post("/registry/knobs", remove=["lms"])
    assert code(manifest(demo, "r141")) == "NAME_UNKNOWN"


def test_it_can_ask_for_the_password_itself_or_for_nothing(demo: Any) -> None:
    demo.post("/registry/knobs", auth="basic")
    asked = demo.http.get("/registry/v2/")
    assert asked.headers["www-authenticate"].startswith("Basic realm=")
    assert demo.http.get("/registry/v2/", auth=ACCOUNT).status_code == 200
    demo.post("/registry/knobs", auth="none")
    assert demo.http.get("/registry/v2/").status_code == 200


def test_a_repository_can_be_denied(demo: Any) -> None:
    demo.post("/registry/knobs", denied=["lms"])
    answer = manifest(demo, "r141")
    assert (answer.status_code, code(answer)) == (403, "DENIED")


def test_nobody_writes(demo: Any) -> None:
    answer = manifest(demo, "r141", method="DELETE")
    assert (answer.status_code, code(answer)) == (405, "UNSUPPORTED")


@pytest.mark.parametrize("said", [{"auth": "magic"}, {"lose": "lms:r141"}])
def test_a_knob_that_makes_no_sense_is_refused(demo: Any, said: dict[str, Any]) -> None:
    assert demo.http.post("/_sandbox/registry/knobs", json=said).status_code == 422
