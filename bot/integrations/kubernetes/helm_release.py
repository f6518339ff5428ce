"""Reads what Helm remembers of a release: its revisions, as they lie in Secrets of the namespace."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import yaml

from bot.domain.errors import VendorRejected
from bot.integrations.kubernetes.api import Api, Object, Place
from bot.integrations.manifests import images_of, main_image, tag_of

HELM = "Helm"
_TYPE = "helm.sh/release.v1"
_ROLLBACK = re.compile(r'Rollback (?:to (\d+)|")')
_FRACTION = re.compile(r"(\.\d{6})\d+")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, kw_only=True)
class Release:
    """One revision. `status` is Helm's own word: deployed, superseded, failed, pending-upgrade, …"""

    number: int
    status: str
    chart: str
    app_version: str
    description: str
    at: datetime
    manifest: str
    values: Mapping[str, Any]
    hooks: tuple[str, ...] = ()
    label: str = ""

    @property
    def objects(self) -> list[dict[str, Any]]:
        found = yaml.load_all(self.manifest, Loader=_LOADER)
        return [each for each in found if isinstance(each, dict)]

    @property
    def images(self) -> tuple[str, ...]:
        return images_of(self.objects)

    @property
    def pending(self) -> bool:
        return self.status.startswith("pending-")

    @property
    def ran(self) -> bool:
        """It was installed to the end once."""
        return self.status in ("deployed", "superseded")

    @property
    def back_to(self) -> int | None:
        """The revision that it is a rollback to, where it is one."""
        found = _ROLLBACK.match(self.description)
        return int(found[1]) if found and found[1] else None

    @property
    def is_rollback(self) -> bool:
        return self.status == "pending-rollback" or bool(_ROLLBACK.match(self.description))


@dataclass(frozen=True, kw_only=True)
class History:
    """Newest first."""

    name: str
    namespace: str
    releases: tuple[Release, ...]

    @property
    def current(self) -> Release:
        return self.releases[0]

    def find(self, target: str) -> Release | None:
        """By its number, with or without `#`, or by what it is called on screen."""
        wanted = target.strip().removeprefix("#")
        for each in self.releases:
            if wanted in (str(each.number), each.label):
                return each
        return None


def history_of(
    api: Api, name: str, namespace: str, *, service: str, image: str, doing: str
) -> History:
    """VendorRejected where there is no such release."""
    found = api.items(
        Place(group="v1", plural="secrets", namespace=namespace),
        doing=doing,
        params={"labelSelector": f"owner=helm,name={name}", "fieldSelector": f"type={_TYPE}"},
    )
    made = sorted((_release(each, doing) for each in found), key=lambda each: -each.number)
    if not made:
        raise VendorRejected(HELM, doing, f"there is no release {name} in namespace {namespace}")
    return History(name=name, namespace=namespace, releases=_named(made, service, image))


def _release(secret: Object, doing: str) -> Release:
    try:
        inner = base64.b64decode(base64.b64decode(secret["data"]["release"]))
        told = json.loads(gzip.decompress(inner) if inner[:2] == b"\x1f\x8b" else inner)
        info, chart = told["info"], told["chart"]["metadata"]
        return Release(
            number=int(told["version"]),
            status=str(info["status"]),
            chart=f"{chart['name']}-{chart['version']}",
            app_version=str(chart.get("appVersion") or ""),
            description=str(info.get("description") or ""),
            at=_moment(str(info["last_deployed"])),
            manifest=str(told.get("manifest") or ""),
            values=told.get("config") or {},
            hooks=tuple(
                f"{each.get('kind')} {each.get('name')}"
                for each in told.get("hooks") or ()
                if {"pre-rollback", "post-rollback"} & set(each.get("events") or ())
            ),
        )
    except (KeyError, TypeError, ValueError, OSError, EOFError, binascii.Error) as error:
        name = (secret.get("metadata") or {}).get("name", "a Secret")
        raise VendorRejected(HELM, doing, f"what {name} holds is no release") from error


def _moment(written: str) -> datetime:
    """Go writes nanoseconds."""
    return datetime.fromisoformat(_FRACTION.sub(r"\1", written))


def _named(found: Sequence[Release], service: str, image: str) -> tuple[Release, ...]:
    tags = [tag_of(main_image(each.images, service, image)) or each.chart for each in found]
    several = Counter(tags)
    return tuple(
        replace(each, label=tag if several[tag] == 1 else f"{tag} (revision {each.number})")
        for each, tag in zip(found, tags, strict=True)
    )
