"""Reads flags of django-waffle without running anything: from the Jobs that list and that set them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.flag_board import Command, FlagBoard, Listing
from bot.domain.waffle import COMMAND, LISTING, listed
from bot.domain.workflow import FromCronJob, RunState
from bot.integrations.kubernetes.api import Api, Object, Place
from bot.integrations.kubernetes.job_output import said
from bot.integrations.kubernetes.jobs import ended_at, state_of
from bot.integrations.kubernetes.kinds import ATTEMPT, annotated, metadata, spec, status

_LIMITS = {"limitBytes": 1_000_000}
_SPARE = 2
"""So many more runs are tried where what a run said is gone."""


class FlagJobs:
    def __init__(self, api: Api) -> None:
        self.api = api

    def flags(self, source: FromCronJob, *, readings: int, doing: str) -> FlagBoard:
        """`readings` of the newest listings, as far as they can still be read."""
        where = Place(group="batch/v1", plural="jobs", namespace=source.namespace)
        ours = [
            (each, told)
            for each in self.api.items(where, doing=doing)
            if _made_from(each, source) and (told := _told(each, source)) is not None
        ]
        lists = [
            each
            for each, told in ours
            if set(told) & set(LISTING) and state_of(each)[0] is RunState.SUCCEEDED
        ]
        lists.sort(key=lambda each: str(status(each).get("startTime", "")), reverse=True)
        read = self._read(source, lists, readings)
        words = f"cronjob {source.cronjob} in {source.namespace}"
        return FlagBoard(
            source=words,
            listings=read,
            commands=tuple(_command(each, told) for each, told in ours if _sets(told)),
            unread=_unread(words, lists, read),
        )

    def _read(
        self, source: FromCronJob, lists: Sequence[Object], readings: int
    ) -> tuple[Listing, ...]:
        found: list[Listing] = []
        for each in lists[: readings + _SPARE]:
            name, at, ended = _name(each), status(each).get("startTime"), ended_at(each)
            flags = listed(said(self.api, source, name, _LIMITS))
            if flags and at and ended:
                begun = datetime.fromisoformat(str(at))
                found.append(Listing(run=f"job {name}", at=begun, ended=ended, flags=flags))
            if len(found) == readings:
                break
        return tuple(found)


def _made_from(job: Object, source: FromCronJob) -> bool:
    """By schedule, by us, or by hand as `kubectl create job --from` does it."""
    return any(
        each.get("kind") == "CronJob" and each.get("name") == source.cronjob
        for each in metadata(job).get("ownerReferences") or ()
    )


def _told(job: Object, source: FromCronJob) -> tuple[str, ...] | None:
    """The arguments behind the command; None where it runs another one."""
    inside = (spec(job).get("template") or {}).get("spec") or {}
    for each in inside.get("containers") or ():
        words = [str(word) for word in (*(each.get("command") or ()), *(each.get("args") or ()))]
        if source.container in ("", each.get("name")) and COMMAND in words:
            return tuple(words[words.index(COMMAND) + 1 :])
    return None


def _sets(told: tuple[str, ...]) -> bool:
    return bool(told) and not set(told) & set(LISTING)


def _command(job: Object, told: tuple[str, ...]) -> Command:
    return Command(
        run=f"job {_name(job)}",
        arguments=told,
        state=state_of(job)[0],
        ended=ended_at(job),
        attempt=annotated(job).get(ATTEMPT, ""),
    )


def _name(job: Object) -> str:
    return str(metadata(job)["name"])


def _unread(words: str, lists: Sequence[Object], read: tuple[Listing, ...]) -> str:
    if not lists:
        return f"no run of the {words} that listed the flags is kept"
    newest = f"job {_name(lists[0])}"
    if read and read[0].run == newest:
        return ""
    return f"what the {newest} of the {words} said cannot be read"
