"""Who would put a change back: Argo CD with self-heal, an ApplicationSet, Helm, KEDA."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.catalog import Deployment, Driver
from bot.domain.errors import VendorError
from bot.domain.workload import Owner, Scaler, WorkloadKind
from bot.integrations.kubernetes.api import Api, Object, Place
from bot.integrations.kubernetes.kinds import ATTEMPT, annotated, labels, metadata, spec

_TRACKING = "argocd.argoproj.io/tracking-id"
_INSTANCE = "argocd.argoproj.io/instance"
_RELEASE = "meta.helm.sh/release-name"
_KEEPERS = {
    "argocd-controller": "Argo CD",
    "argocd-application-controller": "Argo CD",
    "helm": "Helm",
    "helm-controller": "Flux",
    "kustomize-controller": "Flux",
    "Terraform": "Terraform",
}


def owner_of(api: Api, one: Object, place: Deployment) -> Owner | None:
    if app := _application(one, place):
        return _argocd(api, app, place)
    if release := annotated(one).get(_RELEASE, ""):
        return Owner(name=f"the Helm release {release}", helm=True)
    return None


def _application(one: Object, place: Deployment) -> str:
    """`namespace_app` where applications live in several namespaces."""
    tracked = annotated(one).get(_TRACKING, "").partition(":")[0]
    found = tracked or labels(one).get(_INSTANCE, "")
    return found or (place.app if place.driver is Driver.ARGOCD else "")


def _argocd(api: Api, app: str, place: Deployment) -> Owner:
    namespace, _, name = app.rpartition("_")
    where = Place(
        group="argoproj.io/v1alpha1",
        plural="applications",
        namespace=namespace or place.app_namespace,
    )
    called = f"the Argo CD application {name}"
    try:
        found = api.find(where, name, doing=f"read who owns {place.service}")
    except VendorError as error:
        return Owner(name=called, unclear=f"whether its self-heal is on: {error.why}")
    if found is None:
        why = "whether its self-heal is on: it is not in this cluster"
        return Owner(name=called, unclear=why)
    above = metadata(found).get("ownerReferences") or ()
    sets = [str(each.get("name")) for each in above if each.get("kind") == "ApplicationSet"]
    if sets:
        called += f" (made by the ApplicationSet {sets[0]})"
    automated = (spec(found).get("syncPolicy") or {}).get("automated") or {}
    heals = automated.get("enabled") is not False and bool(automated.get("selfHeal"))
    return Owner(name=called, holds="its self-heal is on" if heals else "")


def keeper(one: Object, field: str) -> str:
    """Who besides people writes this field, as the cluster keeps book of it."""
    for each in metadata(one).get("managedFields") or ():
        fields = each.get("fieldsV1") or {}
        if f"f:{field}" in (fields.get("f:spec") or {}) and each.get("subresource") != "scale":
            known = _KEEPERS.get(str(each.get("manager")), "")
            if known:
                return known
    return ""


def scaler_of(api: Api, kind: WorkloadKind, name: str, namespace: str) -> Scaler | None:
    where = Place(group="autoscaling/v2", plural="horizontalpodautoscalers", namespace=namespace)
    for each in api.items(where, doing=f"read what scales {name}"):
        target: Mapping[str, Any] = spec(each).get("scaleTargetRef") or {}
        if (str(target.get("kind", "")).lower(), target.get("name")) == (kind.value, name):
            return _scaler(each)
    return None


def _scaler(one: Object) -> Scaler:
    above = metadata(one).get("ownerReferences") or ()
    keda = [str(each.get("name")) for each in above if each.get("kind") == "ScaledObject"]
    return Scaler(
        name=str(metadata(one).get("name")),
        lowest=int(spec(one).get("minReplicas", 1)),
        highest=int(spec(one).get("maxReplicas", 1)),
        owner=f"the KEDA ScaledObject {keda[0]}" if keda else "",
        attempt=annotated(one).get(ATTEMPT, ""),
        version=str(metadata(one).get("resourceVersion", "")),
    )
