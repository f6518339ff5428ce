"""Takes the name of a container image apart, by the rules that container runtimes share."""

from __future__ import annotations

import re
from dataclasses import dataclass

HUB = "docker.io"
_HUB_ALIASES = ("index.docker.io", "registry-1.docker.io")
_HOST = re.compile(r"(?:[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")
_NAME = re.compile(r"[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z0-9_+.-]+:[0-9a-fA-F]{32,}")


@dataclass(frozen=True, kw_only=True)
class Image:
    """`tag` may be empty where there is a digest, and the digest counts where both are given."""

    host: str
    name: str
    tag: str = ""
    digest: str = ""

    @property
    def reference(self) -> str:
        return self.digest or self.tag

    @property
    def label(self) -> str:
        """What people call it: `lms:r141`, or `lms@sha256:3f2a91c` by digest only."""
        short = self.name.rsplit("/", 1)[-1]
        if self.tag:
            return f"{short}:{self.tag}"
        algorithm, _, value = self.digest.partition(":")
        return f"{short}@{algorithm}:{value[:7]}"


def image(text: str) -> Image | None:
    """None for what is no image name. Without a host it is Docker Hub's, without a tag `latest`."""
    rest, _, digest = text.strip().partition("@")
    host, name = _host_and_rest(rest)
    name, _, tag = name.partition(":")
    if not tag and not digest:
        tag = "latest"
    whole = (
        _HOST.fullmatch(host)
        and _NAME.fullmatch(name)
        and (not tag or _TAG.fullmatch(tag))
        and (not digest or _DIGEST.fullmatch(digest))
    )
    return Image(host=host, name=name, tag=tag, digest=digest) if whole else None


def _host_and_rest(text: str) -> tuple[str, str]:
    """The first part is a host only if it looks like one: `team/app` is a name on Docker Hub."""
    first, slash, rest = text.partition("/")
    if not slash:
        return HUB, f"library/{text}"
    if first in (HUB, *_HUB_ALIASES):
        return HUB, rest if "/" in rest else f"library/{rest}"
    if "." in first or ":" in first or first == "localhost" or first.lower() != first:
        return first, rest
    return HUB, text
