"""What the name of an image says: its registry, its repository, and which version."""

from __future__ import annotations

import pytest

from bot.domain.image import Image, image

DIGEST = "sha256:" + "3f2a91c0" * 8


@pytest.mark.parametrize(
    ("text", "host", "name", "reference"),
    [
        ("registry.example/lms:r141", "registry.example", "lms", "r141"),
        ("registry.example:5000/team/lms:r141", "registry.example:5000", "team/lms", "r141"),
        ("localhost/lms:r141", "localhost", "lms", "r141"),
        ("[::1]:5000/lms:r141", "[::1]:5000", "lms", "r141"),
        ("nginx", "docker.io", "library/nginx", "latest"),
        ("nginx:1.27", "docker.io", "library/nginx", "1.27"),
        ("bitnami/redis:7", "docker.io", "bitnami/redis", "7"),
        ("docker.io/nginx:1.27", "docker.io", "library/nginx", "1.27"),
        ("index.docker.io/bitnami/redis:7", "docker.io", "bitnami/redis", "7"),
        (f"registry.example/lms@{DIGEST}", "registry.example", "lms", DIGEST),
        (f"registry.example/lms:r141@{DIGEST}", "registry.example", "lms", DIGEST),
    ],
)
def test_a_name_is_taken_apart_as_container_runtimes_do(
    text: str, host: str, name: str, reference: str
) -> None:
    found = image(text)
    assert found is not None
    assert (found.host, found.name, found.reference) == (host, name, reference)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":r141",
        "registry.example/LMS:r141",
        "registry.example/lms:a tag",
        "registry.example/../lms:r141",
        "registry.example/lms:r141?x=1",
        "registry.example/lms@sha256:short",
        "reg istry.example/lms:r141",
        "{{ .Values.image }}",
    ],
)
def test_what_is_no_name_is_not_made_into_one(text: str) -> None:
    assert image(text) is None


def test_it_is_called_by_its_tag_and_else_by_the_beginning_of_its_digest() -> None:
    tagged = Image(host="h", name="team/lms", tag="r141", digest=DIGEST)
    assert tagged.label == "lms:r141"
    assert Image(host="h", name="lms", digest=DIGEST).label == "lms@sha256:3f2a91c"
