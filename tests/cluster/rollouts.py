"""Argo Rollouts as far as a cluster shows it: its definition, and a hand that plays its controller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.cluster.world import World, answered, until

GROUP = "argoproj.io/v1alpha1"
HASH = "rollouts-pod-template-hash"
CANARY: Mapping[str, Any] = {
    "canary": {"steps": [{"setWeight": 20}, {"pause": {}}, {"setWeight": 60}, {"pause": {}}]}
}
BLUE_GREEN: Mapping[str, Any] = {
    "blueGreen": {"activeService": "web", "previewService": "next", "autoPromotionEnabled": False}
}
_OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_STATUS = {
    **_OPEN,
    "properties": {
        "abort": {"type": "boolean"},
        "abortedAt": {"type": "string", "format": "date-time"},
        "observedGeneration": {"type": "string"},
        "currentPodHash": {"type": "string"},
        "stableRS": {"type": "string"},
        "phase": {"type": "string"},
        "promoteFull": {"type": "boolean"},
    },
}
_DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "rollouts.argoproj.io"},
    "spec": {
        "group": "argoproj.io",
        "scope": "Namespaced",
        "names": {"kind": "Rollout", "plural": "rollouts", "singular": "rollout"},
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"spec": _OPEN, "status": _STATUS},
                    }
                },
            }
        ],
    },
}


def define(world: World) -> None:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    if world.admin.get(f"{path}/rollouts.argoproj.io").status_code == 404:
        answered(world.admin.post(path, json=_DEFINITION))
    until(lambda: world.admin.get(world.path(GROUP, "rollouts")).is_success, "rollouts are known")


@dataclass(frozen=True, kw_only=True)
class Web:
    """A Rollout called `web`; what its controller would do is done when it is told to."""

    world: World
    pods: int = 2

    def create(self, image: str, strategy: Mapping[str, Any] = CANARY, **more: Any) -> None:
        body = {
            "apiVersion": GROUP,
            "kind": "Rollout",
            "metadata": {"name": "web"},
            "spec": {
                "replicas": self.pods,
                "selector": {"matchLabels": {"app": "web"}},
                "template": _template(image),
                "strategy": strategy,
                **more,
            },
        }
        self.world.create(GROUP, "rollouts", body)

    def now(self) -> dict[str, Any]:
        return self.world.read(GROUP, "rollouts", "web")

    def deploy(self, image: str, **env: str) -> None:
        self.world.merge(GROUP, "rollouts", "web", {"spec": {"template": _template(image, **env)}})

    def says(self, **status: Any) -> None:
        """The controller writes the status, of the newest generation."""
        seen = str(self.now()["metadata"]["generation"])
        path = f"{self.world.path(GROUP, 'rollouts', 'web')}/status"
        kind = {"Content-Type": "application/merge-patch+json"}
        body = {"status": {"observedGeneration": seen, **status}}
        answered(self.world.admin.patch(path, json=body, headers=kind))

    def made(self, number: int, image: str, *, pods: int, **env: str) -> str:
        """The ReplicaSet of a revision, with its pods up. Answers its hash."""
        made = f"h{number}"
        labels = {"app": "web", HASH: made}
        template = _template(image, **env)
        template["metadata"]["labels"] = labels
        owner = self.now()["metadata"]
        above = {"apiVersion": GROUP, "kind": "Rollout", "name": "web", "uid": owner["uid"]}
        body = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"web-{made}",
                "labels": labels,
                "annotations": {"rollout.argoproj.io/revision": str(number)},
                "ownerReferences": [{**above, "controller": True}],
            },
            "spec": {"replicas": pods, "selector": {"matchLabels": labels}, "template": template},
        }
        self.world.create("apps/v1", "replicasets", body)
        self._up(made, pods)
        return made

    def scaled(self, hash_: str, pods: int, **annotations: str) -> None:
        body = {"metadata": {"annotations": annotations}, "spec": {"replicas": pods}}
        self.world.merge("apps/v1", "replicasets", f"web-{hash_}", body)
        self._up(hash_, pods)

    def promoted(self, hash_: str) -> None:
        """Fully: what runs is what its template says."""
        self.says(
            currentPodHash=hash_,
            stableRS=hash_,
            abort=None,
            abortedAt=None,
            pauseConditions=None,
            phase="Healthy",
            message=None,
            replicas=self.pods,
            updatedReplicas=self.pods,
            readyReplicas=self.pods,
            availableReplicas=self.pods,
            blueGreen={"activeSelector": hash_},
            currentStepIndex=4,
        )

    def updating(self, hash_: str, *, step: int = 1, **status: Any) -> None:
        """One pod of the newest template beside the stable ones, waiting for a person."""
        paused = [{"reason": "CanaryPauseStep", "startTime": "2026-03-05T10:00:00Z"}]
        said = {
            "currentPodHash": hash_,
            "currentStepIndex": step,
            "replicas": self.pods + 1,
            "updatedReplicas": 1,
            "availableReplicas": self.pods + 1,
            "pauseConditions": paused,
            "phase": "Paused",
            **status,
        }
        self.says(**said)

    def aborted(self) -> None:
        """What the controller does with an abort."""
        self.says(
            abortedAt="2026-03-05T10:10:00Z",
            pauseConditions=None,
            phase="Degraded",
            message="RolloutAborted: Rollout aborted update to revision 2",
            replicas=self.pods,
            updatedReplicas=0,
            availableReplicas=self.pods,
        )

    def _up(self, hash_: str, pods: int) -> None:
        def ready() -> bool:
            found = self.world.read("apps/v1", "replicasets", f"web-{hash_}")
            return int(found["status"].get("readyReplicas", 0)) == pods

        until(ready, f"{pods} pods of {hash_} are up")


def _template(image: str, **env: str) -> dict[str, Any]:
    given = [{"name": name, "value": value} for name, value in env.items()]
    return {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "app", "image": image, "env": given}]},
    }
