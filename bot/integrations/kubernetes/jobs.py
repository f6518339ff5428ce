"""Runs a workflow as a Job made from a CronJob's template, found again by a name that only it can have."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.errors import NotSent, Refused
from bot.domain.workflow import FromCronJob, Order, Recipe, Run, RunState, last_words
from bot.integrations.kubernetes.api import Api, Object, Place, Write, rehearsed
from bot.integrations.kubernetes.job_output import said
from bot.integrations.kubernetes.kinds import (
    ATTEMPT,
    annotated,
    images,
    metadata,
    spec,
    status,
    template,
)
from bot.integrations.kubernetes.words import reason, words

_MADE_BY_HAND = "cronjob.kubernetes.io/instantiate"
_KEPT_SECONDS = 86400
_LINES, _BYTES = 20, 8000
_CONFLICT, _THERE = 409, "AlreadyExists"
_SHORT = 40


class Jobs:
    """One per cluster."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def recipe(self, order: Order, *, doing: str) -> Recipe:
        asked, cron = _asked(order), self._cronjob(order, doing)
        write = self._write(order, cron, "rehearsal", doing=doing)
        untried = rehearsed(self.api, write)
        # One that lists, and is only told other arguments, runs all the time: that says nothing.
        running = () if asked.arguments else status(cron).get("active") or ()
        busy = f"{len(running)} of its runs by schedule are under way" if running else ""
        return Recipe(
            version=_mark(cron),
            label=f"cronjob {asked.cronjob} in {asked.namespace} ({_mark(cron)[:6]})",
            steps=(
                f"make a Job from the cronjob {asked.cronjob} in {asked.namespace}"
                f" ({', '.join(images(template(cron)))})",
            ),
            worries=tuple(filter(None, (busy, untried))),
        )

    def start(
        self, order: Order, attempt: str, *, recipe: Recipe, doing: str, by_hand: str
    ) -> None:
        """A Job of this attempt's name that is there already was made by the same request."""
        cron = self._cronjob(order, doing)
        write = self._write(order, cron, attempt, doing=doing, by_hand=by_hand)
        answer = self.api.send(replace(write, expects=(_CONFLICT,)))
        if answer.status_code == _CONFLICT and reason(answer.json()) != _THERE:
            why = words(_CONFLICT, answer.json())
            raise NotSent(self.api.name, doing, why, by_hand=by_hand)

    def find(self, order: Order, attempt: str, *, doing: str) -> Run | None:
        where, name = _jobs(_asked(order)), _name(_asked(order), attempt)
        one = self.api.find(where, name, doing=doing)
        if one is None or annotated(one).get(ATTEMPT) != attempt:
            return None
        state, words = state_of(one)
        output = "" if state is RunState.RUNNING else self._output(_asked(order), name)
        ended = ended_at(one)
        return Run(name=f"job {name}", state=state, words=words, output=output, ended=ended)

    def _cronjob(self, order: Order, doing: str) -> dict[str, Any]:
        asked = _asked(order)
        where = Place(group="batch/v1", plural="cronjobs", namespace=asked.namespace)
        found = self.api.find(where, asked.cronjob, doing=doing)
        if found is None:
            raise Refused(
                f"The workflow {order.workflow.name} is made from the cronjob {asked.cronjob} in"
                f" {asked.namespace}, and there is none."
            )
        return {**found, "kind": "CronJob"}

    def _write(
        self, order: Order, cron: Object, attempt: str, *, doing: str, by_hand: str = ""
    ) -> Write:
        body = _job(order, cron, attempt)
        return Write(
            path=_jobs(_asked(order)).path(), body=body, doing=doing, by_hand=by_hand, how=None
        )

    def _output(self, asked: FromCronJob, name: str) -> str:
        """The end of what its newest pod said; empty where that cannot be read: no failure."""
        limits = {"tailLines": _LINES, "limitBytes": _BYTES}
        return last_words(said(self.api, asked, name, limits))


def _asked(order: Order) -> FromCronJob:
    assert isinstance(order.workflow.runs, FromCronJob)
    return order.workflow.runs


def _jobs(asked: FromCronJob) -> Place:
    return Place(group="batch/v1", plural="jobs", namespace=asked.namespace)


def _name(asked: FromCronJob, attempt: str) -> str:
    mark = hashlib.sha256(attempt.encode()).hexdigest()[:12]
    return f"{asked.cronjob[:_SHORT].rstrip('-')}-{mark}"


def _job(order: Order, cron: Object, attempt: str) -> dict[str, Any]:
    """As `kubectl create job --from` makes it, with our attempt and the inputs.

    Owned, so that it goes with its CronJob, but not controlled: else the CronJob's limits of
    history could delete it before we have seen how it ended.
    """
    asked = _asked(order)
    inside = copy.deepcopy(dict(spec(cron).get("jobTemplate") or {}))
    meta = inside.get("metadata") or {}
    filled = dict(inside.get("spec") or {})
    filled.setdefault("ttlSecondsAfterFinished", _KEPT_SECONDS)
    _fill(order, filled["template"]["spec"])
    marks = {**(meta.get("annotations") or {}), _MADE_BY_HAND: "manual", ATTEMPT: attempt}
    owner = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": asked.cronjob,
        "uid": str(metadata(cron).get("uid", "")),
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": _name(asked, attempt),
            "labels": meta.get("labels") or {},
            "annotations": marks,
            "ownerReferences": [owner],
        },
        "spec": filled,
    }


def _fill(order: Order, pod: dict[str, Any]) -> None:
    """The inputs as environment variables, in place of any of the same name."""
    asked, given = _asked(order), order.passed
    containers: Sequence[dict[str, Any]] = pod.get("containers") or ()
    meant = [each for each in containers if asked.container in ("", each.get("name"))]
    if not meant:
        raise Refused(
            f"The cronjob {asked.cronjob} has no container {asked.container}: the inputs of"
            f" {order.workflow.name} would go nowhere."
        )
    names = {name for name, _ in given}
    for each in meant:
        kept = [one for one in each.get("env") or () if one.get("name") not in names]
        each["env"] = [*kept, *({"name": name, "value": value} for name, value in given)]
    if asked.arguments:
        _tell(asked, meant)


def _tell(asked: FromCronJob, meant: Sequence[dict[str, Any]]) -> None:
    """As data, behind a command that is known to take them: never into a shell line."""
    one, *others = meant
    command = one.get("command") or ("",)
    if others or command[-1] != asked.behind:
        raise Refused(
            f"The cronjob {asked.cronjob} in {asked.namespace} has to run one container"
            f"{f' {asked.container}' if asked.container else ''} whose `command` ends in"
            f" `{asked.behind}`: what it is told stands behind that."
        )
    one["args"] = list(asked.arguments)


def _mark(cron: Object) -> str:
    told = json.dumps(spec(cron).get("jobTemplate"), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def state_of(job: Object) -> tuple[RunState, str]:
    now = status(job)
    for each in now.get("conditions") or ():
        if each.get("status") != "True":
            continue
        match each.get("type"):
            case "Complete":
                return RunState.SUCCEEDED, "it completed"
            case "Failed":
                why = each.get("message") or reason(each) or "no reason is given"
                return RunState.FAILED, f"it failed: {why}"
            case "Suspended":
                return RunState.RUNNING, "it is suspended and waits"
    counted = f"{now.get('active', 0)} of its pods run"
    failed = f", {now['failed']} have failed" if now.get("failed") else ""
    return RunState.RUNNING, counted + failed


def ended_at(job: Object) -> datetime | None:
    at = status(job).get("completionTime")
    return datetime.fromisoformat(at) if at else None
