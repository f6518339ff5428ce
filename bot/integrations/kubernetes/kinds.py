"""The kinds of objects that are asked for, with where each lives in the API."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused
from bot.domain.workload import WorkloadKind
from bot.integrations.kubernetes.api import Object, Place

ATTEMPT = "tocsin.dev/attempt"
"""The annotation by which a change of ours is found again."""
RESTARTED = "kubectl.kubernetes.io/restartedAt"
_GROUPS = {WorkloadKind.CRONJOB: "batch/v1", WorkloadKind.ROLLOUT: "argoproj.io/v1alpha1"}
HASHES = ("pod-template-hash", "rollouts-pod-template-hash")
"""The labels by which the controllers tell their ReplicaSets apart."""


def place_of(kind: WorkloadKind, namespace: str) -> Place:
    return Place(group=_GROUPS.get(kind, "apps/v1"), plural=f"{kind}s", namespace=namespace)


def named_in(place: Deployment) -> tuple[WorkloadKind, str]:
    """`deployment/lms-web` of the catalog; a Deployment called like the service where it is silent."""
    if not place.namespace:
        raise Refused(
            f"The catalog does not say in which namespace {place.ref} runs"
            " (backstage.io/kubernetes-namespace)."
        )
    kind, _, name = (place.workload or f"deployment/{place.service}").partition("/")
    try:
        return WorkloadKind(kind.lower()), name
    except ValueError as error:
        raise Refused(
            f"The catalog calls {place.ref} a {kind}; only a deployment, statefulset, daemonset,"
            " cronjob or rollout can be changed."
        ) from error


def metadata(one: Object) -> Mapping[str, Any]:
    found = one.get("metadata")
    return found if isinstance(found, Mapping) else {}


def annotated(one: Object) -> Mapping[str, str]:
    return metadata(one).get("annotations") or {}


def labels(one: Object) -> Mapping[str, str]:
    return metadata(one).get("labels") or {}


def spec(one: Object) -> Mapping[str, Any]:
    found = one.get("spec")
    return found if isinstance(found, Mapping) else {}


def status(one: Object) -> Mapping[str, Any]:
    found = one.get("status")
    return found if isinstance(found, Mapping) else {}


def template(one: Object) -> Mapping[str, Any]:
    """The pod template, of a CronJob the one inside its job."""
    inside = spec(one)
    if one.get("kind") == "CronJob":
        inside = (inside.get("jobTemplate") or {}).get("spec") or {}
    return inside.get("template") or {}


def images(of_template: Mapping[str, Any]) -> tuple[str, ...]:
    inside = of_template.get("spec") or {}
    listed = [*(inside.get("containers") or ()), *(inside.get("initContainers") or ())]
    return tuple(dict.fromkeys(str(each["image"]) for each in listed if each.get("image")))


def mark(of_template: Mapping[str, Any]) -> str:
    """Tells one content of a pod template from another; the controller's own label is none of it."""
    meta = of_template.get("metadata") or {}
    kept = {k: v for k, v in (meta.get("labels") or {}).items() if k not in HASHES}
    told = {
        "spec": of_template.get("spec"),
        "labels": kept,
        "annotations": meta.get("annotations") or {},
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def controller(one: Object) -> Mapping[str, Any]:
    """The owner that made it, if one did."""
    owners = metadata(one).get("ownerReferences") or ()
    return next((each for each in owners if each.get("controller")), {})


def selects(selector: Mapping[str, Any] | None, of: Mapping[str, str]) -> bool:
    """As Kubernetes reads a label selector; an absent one selects nothing, an empty one all."""
    if selector is None:
        return False
    wanted = selector.get("matchLabels") or {}
    if any(of.get(key) != value for key, value in wanted.items()):
        return False
    return all(_holds(each, of) for each in selector.get("matchExpressions") or ())


def _holds(one: Mapping[str, Any], of: Mapping[str, str]) -> bool:
    key, values = str(one.get("key")), one.get("values") or ()
    match one.get("operator"):
        case "In":
            return of.get(key) in values
        case "NotIn":
            return of.get(key) not in values
        case "Exists":
            return key in of
        case "DoesNotExist":
            return key not in of
        case _:
            return False
