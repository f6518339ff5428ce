"""What a Job said: the log of its newest pod, or what a container of it left as its last will."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.errors import VendorError
from bot.domain.workflow import FromCronJob
from bot.integrations.kubernetes.api import Api, Object, Place
from bot.integrations.kubernetes.kinds import metadata, status


def said(api: Api, asked: FromCronJob, job: str, limits: Mapping[str, int]) -> str:
    """As it stands there; empty where it cannot be read: no failure."""
    pods = Place(group="v1", plural="pods", namespace=asked.namespace)
    doing = f"read what the job {job} said"
    try:
        params = {"labelSelector": f"batch.kubernetes.io/job-name={job}"}
        found = api.items(pods, doing=doing, params=params)
    except VendorError:
        return ""
    if not found:
        return ""
    newest = max(found, key=lambda pod: str(metadata(pod).get("creationTimestamp", "")))
    path = pods.path(str(metadata(newest)["name"]), "log")
    which = {"container": asked.container} if asked.container else {}
    try:
        log = api.text(path, doing=doing, params={**limits, **which})
    except VendorError:
        log = ""
    return log or _left(newest)


def _left(pod: Object) -> str:
    """What a container wrote as its last will, where no log is kept."""
    ended: list[Mapping[str, Any]] = [
        (each.get("state") or {}).get("terminated") or {}
        for each in status(pod).get("containerStatuses") or ()
    ]
    return " ".join(str(each["message"]) for each in ended if each.get("message"))
