"""What a workload ran before: old ReplicaSets of a Deployment, ControllerRevisions of the others."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.domain.workload import WorkloadKind
from bot.integrations.kubernetes.api import Api, Object, Place
from bot.integrations.kubernetes.kinds import (
    HASHES,
    annotated,
    controller,
    images,
    labels,
    mark,
    metadata,
    selects,
    spec,
    status,
    template,
)
from bot.integrations.kubernetes.progressive import progressive_of
from bot.integrations.manifests import main_image, tag_of

_NUMBER = "deployment.kubernetes.io/revision"
_CAUSE = "kubernetes.io/change-cause"
_NUMBER_OF_ROLLOUTS = "rollout.argoproj.io/revision"
_HASH_OF_ROLLOUTS = HASHES[1]
_LENT = "rollout.argoproj.io/ephemeral-metadata"
"""What Argo Rollouts puts on pods for as long as they are the canary's or the stable ones."""
_KEPT_UP = "scale-down-deadline"


@dataclass(frozen=True, kw_only=True)
class Revision:
    """`name` is the object that remembers it: its number moves when it is gone back to."""

    name: str
    number: int
    template: Mapping[str, Any]
    data: Mapping[str, Any] | None = None
    """Of a ControllerRevision: the patch that leads back to it."""
    made_at: datetime | None = None
    cause: str = ""
    label: str = ""
    hash: str = ""
    """By which Argo Rollouts tells it apart; empty where another controller made it."""
    ready: int = 0
    kept_up: bool = False
    """Its pods still run, for a while after the last switch."""

    @property
    def mark(self) -> str:
        return mark(self.template)

    @property
    def images(self) -> tuple[str, ...]:
        return images(self.template)


@dataclass(frozen=True, kw_only=True)
class History:
    """Newest first; `live` is what the workload's template says now, remembered or not."""

    live: Revision
    earlier: tuple[Revision, ...]

    def find(self, target: str) -> Revision | None:
        """By its name, by what it is called on screen, or by `#` and its number."""
        for each in (self.live, *self.earlier):
            if target in (each.name, each.label, f"#{each.number}"):
                return each
        return None


def history_of(api: Api, one: Object, kind: WorkloadKind, *, known_image: str) -> History:
    namespace = str(metadata(one).get("namespace"))
    deployment = kind is WorkloadKind.DEPLOYMENT
    where = Place(
        group="apps/v1",
        plural="replicasets" if deployment else "controllerrevisions",
        namespace=namespace,
    )
    if kind is WorkloadKind.ROLLOUT:
        return _of_rollout(api, one, known_image)
    uid, selector = metadata(one).get("uid"), spec(one).get("selector")
    listed = api.items(where, doing=f"read what {metadata(one).get('name')} ran before")
    made = [
        _of_set(each) if deployment else _of_revision(each)
        for each in listed
        if controller(each).get("uid") == uid
        and selects(selector, metadata(each).get("labels") or {})
    ]
    ordered = sorted(made, key=lambda each: -each.number)
    now = mark(template(one))
    live = next((each for each in ordered if each.mark == now), _unremembered(one))
    earlier = [each for each in ordered if each.mark != now]
    named = _named([live, *earlier], str(metadata(one).get("name")), known_image)
    return History(live=named[0], earlier=tuple(named[1:]))


def _of_rollout(api: Api, one: Object, known_image: str) -> History:
    """By hash, not by content: the API fills in a ReplicaSet's template, and no Rollout's."""
    where = Place(
        group="apps/v1", plural="replicasets", namespace=str(metadata(one).get("namespace"))
    )
    uid, now = metadata(one).get("uid"), progressive_of(one)
    listed = api.items(where, doing=f"read what {metadata(one).get('name')} ran before")
    made = [_of_rollouts_set(each) for each in listed if controller(each).get("uid") == uid]
    ordered = sorted(made, key=lambda each: -each.number)
    current = now.current if now.seen else ""
    live = next((each for each in ordered if each.hash == current), _unremembered(one))
    rest = [each for each in ordered if each.hash != live.hash]
    named = _named([live, *rest], str(metadata(one).get("name")), known_image)
    return History(live=named[0], earlier=tuple(named[1:]))


def _of_rollouts_set(one: Object) -> Revision:
    inside = _plain(spec(one).get("template") or {})
    lent = json.loads(annotated(one).get(_LENT) or "{}")
    for part, given in lent.items():
        held = (inside.get("metadata") or {}).get(part) or {}
        for name in given or {}:
            held.pop(name, None)
    _take_apart_rule_away(inside.get("spec") or {})
    return Revision(
        name=str(metadata(one).get("name")),
        number=int(annotated(one).get(_NUMBER_OF_ROLLOUTS, 0)),
        template=inside,
        made_at=_made(one),
        cause=annotated(one).get(_CAUSE, ""),
        hash=labels(one).get(_HASH_OF_ROLLOUTS, ""),
        ready=int(status(one).get("readyReplicas", 0)),
        kept_up=bool(annotated(one).get(_KEPT_UP)),
    )


def _take_apart_rule_away(pod: dict[str, Any]) -> None:
    """The rule that keeps pods of two revisions apart (antiAffinity) is the controller's own."""
    rules = (pod.get("affinity") or {}).get("podAntiAffinity") or {}
    for when, terms in list(rules.items()):
        kept = [each for each in terms or () if _HASH_OF_ROLLOUTS not in json.dumps(each)]
        rules[when] = kept
        if not kept:
            del rules[when]
    if not rules:
        (pod.get("affinity") or {}).pop("podAntiAffinity", None)
    if not pod.get("affinity"):
        pod.pop("affinity", None)


def _of_set(one: Object) -> Revision:
    return Revision(
        name=str(metadata(one).get("name")),
        number=int(annotated(one).get(_NUMBER, 0)),
        template=_plain(spec(one).get("template") or {}),
        made_at=_made(one),
        cause=annotated(one).get(_CAUSE, ""),
    )


def _of_revision(one: Object) -> Revision:
    data = one.get("data") or {}
    inside = dict((data.get("spec") or {}).get("template") or {})
    inside.pop("$patch", None)
    return Revision(
        name=str(metadata(one).get("name")),
        number=int(one.get("revision", 0)),
        template=inside,
        data=data,
        made_at=_made(one),
        cause=annotated(one).get(_CAUSE, ""),
    )


def _unremembered(one: Object) -> Revision:
    """Patched a moment ago, or kept by no history."""
    inside = template(one)
    return Revision(name=f"template-{mark(inside)}", number=0, template=inside)


def _plain(inside: Mapping[str, Any]) -> dict[str, Any]:
    """Without the label by which the controller tells its sets apart."""
    kept = copy.deepcopy(dict(inside))
    marks = (kept.get("metadata") or {}).get("labels") or {}
    for each in HASHES:
        marks.pop(each, None)
    return kept


def _made(one: Object) -> datetime | None:
    written = metadata(one).get("creationTimestamp")
    return datetime.fromisoformat(written) if written else None


def _named(found: Sequence[Revision], service: str, known_image: str) -> list[Revision]:
    """By the tag of the service's own image; by its number too where several have one tag."""
    tags = [
        tag_of(main_image(each.images, service, known_image)) or f"revision {each.number}"
        for each in found
    ]
    several = Counter(tags)
    return [
        replace(each, label=tag if several[tag] == 1 else f"{tag} (revision {each.number})")
        for each, tag in zip(found, tags, strict=True)
    ]
