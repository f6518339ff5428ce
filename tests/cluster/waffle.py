"""An application's flags on a real cluster: the CronJob that lists them, and what its runs said."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.catalog import Catalog, DeclaredFlag, Deployment, Driver, Resource, Service, Team
from bot.domain.workflow import By
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.integrations.kubernetes.jobs import Jobs
from bot.tools import Tools
from tests.cluster.bots import Bots
from tests.cluster.control_plane import BOT
from tests.cluster.world import World, answered, until

IMAGE = "registry.k8s.io/pause:3.9"
CRONJOB = "lms-flags"
SETS = ["./manage.py", "lms", "waffle_flag"]
SEARCH, DATES = "courseware.new_search", "course_experience.relative_dates"


def row(name: str, everyone: str = "None", percent: str = "None", **more: str) -> str:
    told = {
        "NAME": name,
        "SUPERUSERS": "True",
        "EVERYONE": everyone,
        "AUTHENTICATED": "False",
        "PERCENT": percent,
        "TESTING": "False",
        "ROLLOUT": "False",
        "STAFF": "False",
        "GROUPS": "[]",
        "USERS": "['ana', 'ben']",
        **more,
    }
    return "\n".join(f"{key}: {value}" for key, value in told.items())


@dataclass(frozen=True, kw_only=True)
class Waffle:
    """Played by the cluster's admin: nothing runs in these pods, so each run says what it is told to."""

    world: World

    def cronjob(self, *, ends: str = "", command: list[str] | None = None) -> None:
        body = {
            "metadata": {"name": CRONJOB},
            "spec": {
                "schedule": "0 0 1 1 *",
                "successfulJobsHistoryLimit": 20,
                "jobTemplate": {"spec": _job("Setting everyone: …", ends, command or SETS)},
            },
        }
        self.world.create("batch/v1", "cronjobs", body)

    def listed(self, *rows: str) -> str:
        """A run by schedule that has ended, without waiting for its minute."""
        cron = self.world.read("batch/v1", "cronjobs", CRONJOB)
        owner = {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "name": CRONJOB,
            "uid": cron["metadata"]["uid"],
            "controller": True,
        }
        # Times of Jobs are whole seconds, and what was first has to be told from what came later.
        time.sleep(1.1)
        name = f"{CRONJOB}-{time.time_ns()}"
        meta = {"name": name, "ownerReferences": [owner]}
        body = {"metadata": meta, "spec": _job("\n\n".join(("Flags:", *rows)), "", SETS)}
        self.world.create("batch/v1", "jobs", body)
        until(lambda: self.ended(name), f"{name} has ended")
        time.sleep(1.1)
        return name

    def ended(self, name: str) -> bool:
        now = self.world.read("batch/v1", "jobs", name).get("status", {})
        return bool(now.get("completionTime"))

    def forgotten(self) -> None:
        """No run of it is kept."""
        answered(self.world.admin.delete(self.world.path("batch/v1", "jobs")))
        until(lambda: not self.world.read("batch/v1", "jobs")["items"], "its Jobs are gone")

    def set(self) -> list[dict[str, Any]]:
        """The Jobs of ours."""
        found = self.world.read("batch/v1", "jobs")["items"]
        return [e for e in found if "tocsin.dev/attempt" in e["metadata"].get("annotations", {})]


def _job(says: str, ends: str, command: list[str]) -> dict[str, Any]:
    container = {"name": "app", "image": IMAGE, "command": command, "args": ["--list"]}
    meta = {"labels": {"ends": ends}} if ends else {"annotations": {"says": says}}
    pod = {"restartPolicy": "Never", "containers": [container]}
    return {"backoffLimit": 0, "template": {"metadata": meta, "spec": pod}}


def store(world: World) -> Deployment:
    return Deployment(
        service="lms-flags",
        environment="production",
        driver=Driver.MANAGED,
        kind="waffle",
        identifier=f"{world.namespace}/{CRONJOB}",
    )


def catalog(world: World) -> Catalog:
    flags = (
        DeclaredFlag(name=SEARCH, store="lms-flags", owner="team-lms", services=("lms",)),
        DeclaredFlag(name=DATES, store="lms-flags", owner="team-lms", values=("on", "off")),
    )
    resource = Resource(
        name="lms-flags",
        kind="waffle",
        environments=("production",),
        identifiers=(("production", f"{world.namespace}/{CRONJOB}"),),
    )
    return Catalog(
        services=(Service(name="lms", title="LMS"),),
        resources=(resource,),
        teams=(Team(name="team-lms", title="LMS team"),),
        flags=flags,
    )


def tools(bots: Bots, world: World, token: str = BOT) -> Tools:
    made = bots.tools(store(world), token)
    cluster = made.cluster("production")
    assert isinstance(cluster, Kubernetes)
    runners = {("production", By.JOB): Jobs(cluster.api)}
    return replace(made, catalog=catalog(world), runners=runners)
