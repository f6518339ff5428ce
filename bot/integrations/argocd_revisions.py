"""What lies behind a revision: who wrote it, when, and which images and values it deploys."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.catalog import Deployment
from bot.domain.errors import VendorError
from bot.integrations.argocd_history import Application, Release, sources_of
from bot.integrations.http import Vendor
from bot.integrations.manifests import images_of, main_image, parsed, tag_of, values_of

_KEPT = 2_000


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One revision as people know it. Everything but `label` may be empty."""

    label: str
    author: str = ""
    message: str = ""
    image: str = ""
    images: tuple[str, ...] = ()
    chart: str = ""


class Revisions:
    """Remembers what it read: a commit never changes."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._known: dict[tuple[str, ...], Any] = {}
        self._lock = threading.Lock()

    def revision(
        self, app: Application, key: str, *, deployment: Deployment, rendered: bool = True
    ) -> Revision:
        """`rendered` also asks what it deploys, a call more the first time."""
        revisions = revisions_in(key)
        metadata = self._metadata(app, revisions[0]) if revisions else {}
        objects = self.manifests(app, key) if rendered else None
        images = images_of(objects) if objects else ()
        image = main_image(images, deployment.service, deployment.image)
        author = str(metadata.get("author") or "").partition("<")[0].strip()
        return Revision(
            label=_label(image, metadata, revisions),
            author=author,
            message=str(metadata.get("message") or "").strip().partition("\n")[0],
            image=image,
            images=images,
            chart=values_of(objects).get(("", "chart"), "") if objects else _chart(app, key),
        )

    def manifests(self, app: Application, key: str) -> list[Mapping[str, Any]] | None:
        """What Argo CD renders for it; None where it cannot say."""
        revisions = revisions_in(key)
        if not revisions:
            return None
        if len(revisions) == 1:
            params: dict[str, Any] = {"revision": revisions[0]}
        else:
            positions = [str(each + 1) for each in range(len(revisions))]
            params = {"revisions": list(revisions), "sourcePositions": positions}
        found = self._remembered(
            ("manifests", app.namespace, app.name, *revisions),
            f"api/v1/applications/{app.name}/manifests",
            app,
            params=params,
        )
        objects = parsed((found or {}).get("manifests"))
        return objects or None

    def running(self, app: Application) -> list[Mapping[str, Any]] | None:
        """The objects as the cluster has them now."""
        if app.direct:
            return None
        try:
            found = self._vendor.read(
                f"api/v1/applications/{app.name}/managed-resources",
                doing=f"read what runs for {app.name}",
                params={"appNamespace": app.namespace, "project": app.project},
            )
        except VendorError:
            return None
        items = (found or {}).get("items") or ()
        return parsed([each.get("liveState") for each in items]) or None

    def _metadata(self, app: Application, sha: str) -> Mapping[str, Any]:
        path = f"api/v1/applications/{app.name}/revisions/{sha}/metadata"
        return self._remembered(("metadata", sha), path, app, params={}) or {}

    def _remembered(
        self, place: tuple[str, ...], path: str, app: Application, *, params: Mapping[str, Any]
    ) -> Any:
        with self._lock:
            if place in self._known:
                return self._known[place]
        if app.direct:
            # Its server is down: one answer is missed, and not a dozen waited for.
            return None
        try:
            found = self._vendor.read(
                path,
                doing=f"read a revision of {app.name}",
                params={"appNamespace": app.namespace, "project": app.project, **params},
            )
        except VendorError:
            # Nice to have: an old chart, a missing right or a slow repository costs the detail only.
            return None
        with self._lock:
            if len(self._known) > _KEPT:
                self._known.clear()
            self._known[place] = found
        return found


def revisions_in(key: str) -> tuple[str, ...]:
    """The revisions of a key made by `key_of`."""
    return tuple(each for each in key.partition("~")[0].split(",") if each)


def short(key: str) -> str:
    """How a revision is called while nothing better is known."""
    revisions = revisions_in(key)
    names = [each[:7] if len(each) == 40 else each for each in revisions]
    return "+".join(names) or "nothing"


def apart(named: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Labels by key, with the commit added where two different revisions carry one name."""
    labels = [label for _, label in named]
    return {
        key: label
        if labels.count(label) == 1 or label == short(key)
        else f"{label} ({short(key)})"
        for key, label in named
    }


def source_changes(before: Release | None, after: Release) -> tuple[str, str] | None:
    """Where the two were taken from, if the application's source itself moved in between."""
    if before is None:
        return None
    one, other = _place(before.sources), _place(after.sources)
    return None if one == other else (one, other)


def _place(sources: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(
        f"{each.get('repoURL', '')} {each.get('path') or each.get('chart') or ''}".strip()
        for each in sources
    )


def _label(image: str, metadata: Mapping[str, Any], revisions: tuple[str, ...]) -> str:
    tags = metadata.get("tags") or ()
    return tag_of(image) or (str(tags[0]) if tags else "") or short(",".join(revisions))


def _chart(app: Application, key: str) -> str:
    sources = sources_of(app.raw.get("spec") or {})
    charts = [str(each["chart"]) for each in sources if each.get("chart")]
    return f"{charts[0]}-{revisions_in(key)[0]}" if charts else ""
