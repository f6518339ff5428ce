"""What a change would do in a cluster: exact values of two sets of Kubernetes objects, side by side."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.domain.mitigation import Difference

MISSING = "—"
_HIDDEN = "(hidden) "
_SECRET = re.compile(r"secret|token|passw|credential|private|api_?key|dsn", re.IGNORECASE)
_HOOK = "argocd.argoproj.io/hook"
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|k|Ki|Mi|Gi|Ti|M|G|T)?")
_SCALE = {
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
_AMOUNTS = ("replicas", "minReplicas", "maxReplicas", "cpu", "memory")

Values = Mapping[tuple[str, str], str]
"""(object, field) → value; the object is a name like `lms-web`, or "" for all of them."""


def values_of(objects: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """What people compare: images, replicas, settings, limits, the chart. Never a secret's value."""
    found: dict[tuple[str, str], str] = {}
    for each in objects:
        metadata = each.get("metadata") or {}
        if _HOOK in (metadata.get("annotations") or {}):
            continue
        name = str(metadata.get("name", ""))
        chart = (metadata.get("labels") or {}).get("helm.sh/chart")
        if chart:
            found["", "chart"] = str(chart)
        for field, value in _fields(each):
            found[name, field] = value
    return found


def images_of(objects: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    named = values_of(objects).items()
    return tuple(dict.fromkeys(value for (_, field), value in named if _is_image(field)))


def differences(before: Values, after: Values) -> tuple[Difference, ...]:
    """One line per changed field; the same change in several objects is one line."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for place in (*before, *(each for each in after if each not in before)):
        old, new = before.get(place, MISSING), after.get(place, MISSING)
        if old != new:
            grouped.setdefault((place[1], old, new), []).append(place[0])
    rows = [
        Difference(what=_what(field, names), before=_veiled(old), after=_veiled(new, changed=True))
        for (field, old, new), names in grouped.items()
    ]
    return tuple(sorted(rows, key=lambda row: (_weight(row.what), row.what)))


def lowers(changes: Sequence[Difference]) -> tuple[str, ...]:
    """Every amount that would be smaller afterwards."""
    return tuple(
        f"{each.what} {each.before} → {each.after}"
        for each in changes
        if each.what.split(" ")[0] in _AMOUNTS and _less(each.after, each.before)
    )


def is_amount(field: str) -> bool:
    """Whether a field counts something that scaling changes."""
    return field in ("replicas", "minReplicas", "maxReplicas")


def parsed(found: object) -> list[Mapping[str, Any]]:
    """Manifests come as JSON inside strings."""
    texts = found if isinstance(found, list) else []
    objects = (json.loads(each) for each in texts if isinstance(each, str) and each)
    return [each for each in objects if isinstance(each, dict)]


def tag_of(image: str) -> str:
    """`r141` of `registry.example/lms:r141`; "" where it is named by digest only."""
    name = image.partition("@")[0].rsplit("/", 1)[-1]
    return name.partition(":")[2]


def main_image(images: Sequence[str], service: str, known: str = "") -> str:
    """Of several images the one that carries the service's own code."""
    wanted = known.partition(":")[0] if known else ""
    for each in images:
        repository = each.partition("@")[0].rsplit("/", 1)
        path = each.partition("@")[0].rpartition(":")[0] or each
        if (wanted and path == wanted) or repository[-1].partition(":")[0] == service:
            return each
    return images[0] if images else ""


def _fields(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    spec = one.get("spec") or {}
    match one.get("kind"):
        case "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Rollout":
            if spec.get("replicas") is not None:
                yield "replicas", str(spec["replicas"])
            yield from _containers(spec.get("template") or {})
        case "CronJob":
            yield "schedule", str(spec.get("schedule", ""))
            job = (spec.get("jobTemplate") or {}).get("spec") or {}
            yield from _containers(job.get("template") or {})
        case "HorizontalPodAutoscaler" | "ScaledObject":
            for name in ("minReplicas", "maxReplicas", "minReplicaCount", "maxReplicaCount"):
                if spec.get(name) is not None:
                    yield name.replace("Count", "s"), str(spec[name])
        case "ConfigMap":
            for key, value in (one.get("data") or {}).items():
                yield f"setting {key}", _shown(key, str(value))
        case _:
            return


def _containers(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    spec = template.get("spec") or {}
    containers = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
    alone = len(containers) == 1
    for each in containers:
        suffix = "" if alone else f" ({each.get('name', '')})"
        if each.get("image"):
            yield f"image{suffix}", str(each["image"])
        for name in ("command", "args"):
            if each.get(name):
                yield f"{name}{suffix}", " ".join(str(part) for part in each[name])
        for one in each.get("env") or ():
            yield f"{one.get('name', '')}{suffix}", _variable(one)
        for kind, amounts in (each.get("resources") or {}).items():
            if kind in ("limits", "requests"):
                for what, amount in (amounts or {}).items():
                    yield f"{what} {kind[:-1]}{suffix}", str(amount)


def _variable(one: Mapping[str, Any]) -> str:
    source = one.get("valueFrom")
    if source:
        kind, where = next(iter(source.items()))
        where = where or {}
        return f"from {kind.removesuffix('KeyRef')} {where.get('name', '')} {where.get('key', '')}"
    return _shown(str(one.get("name", "")), str(one.get("value", "")))


def _shown(name: str, value: str) -> str:
    """A value long or secret is only recognised again, never shown."""
    if _SECRET.search(name):
        return f"{_HIDDEN}{_mark(value)}"
    short = len(value) <= 80 and "\n" not in value
    return value if short else f"({len(value)} characters, {_mark(value)})"


def _veiled(value: str, *, changed: bool = False) -> str:
    """A secret is compared by its hash, and not even that is shown."""
    if not value.startswith(_HIDDEN):
        return value
    return "(hidden, another value)" if changed else "(hidden)"


def _mark(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:10]


def _what(field: str, names: list[str]) -> str:
    named = [name for name in names if name]
    return f"{field} of {', '.join(named)}" if named else field


def _weight(what: str) -> int:
    first = what.split(" ")[0]
    order = ("chart", "image", *_AMOUNTS)
    return order.index(first) if first in order else len(order)


def _is_image(field: str) -> bool:
    return field == "image" or field.startswith("image (")


def _less(one: str, other: str) -> bool:
    small, large = _amount(one), _amount(other)
    return small is not None and large is not None and small < large


def _amount(text: str) -> float | None:
    found = _QUANTITY.fullmatch(text)
    return float(found[1]) * _SCALE.get(found[2] or "", 1) if found else None
