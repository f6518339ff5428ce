"""CronJobs that teams keep as templates, and the Jobs that are made from them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

TAKES = timedelta(seconds=40)
TEMPLATES = {
    "lms/lms-park-queue": ("registry.demo.example/lms:tools", "set 48211 tasks aside"),
    "lms/lms-unpark-queue": ("registry.demo.example/lms:tools", "put 48211 tasks back"),
    "data-tools/end-idle-connections": ("registry.demo.example/mysql-tools:8.0", "ended 317"),
}
"""By `namespace/name`: the image, and what a run says in the end."""
_CONTAINERS = {"end-idle-connections": "mysql"}
_SPACE = uuid.UUID("c9e1a0c6-1d5c-4a43-8d5e-0a2a56c6f3b7")


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run; it completes by itself."""

    body: dict[str, Any]
    at: datetime
    says: str

    def done(self, now: datetime) -> bool:
        return now - self.at >= TAKES

    def shown(self, now: datetime) -> dict[str, Any]:
        if not self.done(now):
            return {**self.body, "status": {"active": 1}}
        ended = (self.at + TAKES).strftime("%Y-%m-%dT%H:%M:%SZ")
        over = {"type": "Complete", "status": "True"}
        status = {"succeeded": 1, "completionTime": ended, "conditions": [over]}
        return {**self.body, "status": status}


def template(key: str) -> dict[str, Any] | None:
    """The CronJob as the API shows it; None where there is none of that name."""
    if key not in TEMPLATES:
        return None
    namespace, _, name = key.partition("/")
    container = {"name": _CONTAINERS.get(name, "app"), "image": TEMPLATES[key][0]}
    pod = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": str(uuid.uuid5(_SPACE, key)),
            "resourceVersion": "900",
        },
        "spec": {
            "schedule": "0 0 1 1 *",
            "suspend": True,
            "jobTemplate": {"spec": {"backoffLimit": 0, "template": pod}},
        },
        "status": {},
    }
