"""The runs of a CronJob that are under way: stopped by suspending their Jobs, and made to go on."""

from __future__ import annotations

from bot.domain.workload import JobRun, Workload
from bot.integrations.kubernetes.api import Api, Place, Write, rehearsed
from bot.integrations.kubernetes.kinds import ATTEMPT, annotated, spec, status

_OVER = ("Complete", "Failed")


class JobRuns:
    def __init__(self, api: Api) -> None:
        self.api = api

    def runs(self, workload: Workload, *, doing: str) -> tuple[JobRun, ...]:
        found = []
        for name in workload.runs.running if workload.runs else ():
            one = self.api.find(_jobs(workload), name, doing=doing)
            conditions = status(one or {}).get("conditions") or ()
            over = any(c.get("type") in _OVER and c.get("status") == "True" for c in conditions)
            if one is not None and not over:
                found.append(
                    JobRun(
                        name=name,
                        stopped=bool(spec(one).get("suspend")),
                        pods=int(status(one).get("active", 0)),
                        attempt=annotated(one).get(ATTEMPT, ""),
                    )
                )
        return tuple(found)

    def stop_run(
        self, workload: Workload, run: str, attempt: str, *, doing: str, stopped: bool = True
    ) -> None:
        self.api.send(_write(workload, run, attempt, doing=doing, stopped=stopped))

    def rehearse_stop(self, workload: Workload, run: str, *, doing: str) -> str:
        write = _write(workload, run, "rehearsal", doing=doing, stopped=True)
        return rehearsed(self.api, write)


def _jobs(workload: Workload) -> Place:
    return Place(group="batch/v1", plural="jobs", namespace=workload.namespace)


def _write(workload: Workload, run: str, attempt: str, *, doing: str, stopped: bool) -> Write:
    body = {"metadata": {"annotations": {ATTEMPT: attempt}}, "spec": {"suspend": stopped}}
    return Write(path=_jobs(workload).path(run), body=body, doing=doing, sent_once=False)
