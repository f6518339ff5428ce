"""Reads what an Argo CD application says of itself: its deployments, what is live, what is running."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_OVERRIDES = ("helm", "kustomize", "plugin", "directory", "chart")
_OVERRIDING = ("parameters", "values", "valuesObject", "images", "replicas", "fileParameters")
BUSY = ("Running", "Terminating")
BROKEN = ("Failed", "Error")


@dataclass(frozen=True, kw_only=True)
class Release:
    """One deployment of the history. `key` is the same for two deployments of the same thing."""

    id: int
    key: str
    revisions: tuple[str, ...]
    deployed_at: datetime
    started_at: datetime
    by: str = ""
    sources: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """The sync that runs now, or the last one that did."""

    phase: str
    key: str
    message: str = ""
    started: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    done: int = 0
    of: int = 0

    @property
    def busy(self) -> bool:
        return self.phase in BUSY


@dataclass(frozen=True, kw_only=True)
class Application:
    """An Argo CD application, read once. `releases` are oldest first."""

    name: str
    namespace: str
    project: str
    releases: tuple[Release, ...]
    sync_policy: Mapping[str, Any]
    operation: Operation | None
    queued: str | None
    sync_status: str
    desired: tuple[str, ...]
    health: str
    health_message: str
    health_since: datetime | None
    images: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False, compare=False)
    direct: bool = False
    """Read in the cluster, because Argo CD's server was down."""

    @property
    def automated(self) -> Mapping[str, Any] | None:
        found = self.sync_policy.get("automated")
        return found if isinstance(found, dict) else None

    @property
    def auto_sync(self) -> bool:
        return self.automated is not None and self.automated.get("enabled") is not False

    @property
    def newest(self) -> Release | None:
        return self.releases[-1] if self.releases else None

    @property
    def running(self) -> Operation | None:
        """What runs, or is accepted and begins in a moment."""
        if self.operation and self.operation.busy:
            return self.operation
        return None if self.queued is None else Operation(phase="Running", key=self.queued)

    @property
    def half_done(self) -> Operation | None:
        """A sync that runs or broke off after the last deployment: it may have changed some of it."""
        operation, newest = self.operation, self.newest
        if (
            operation is None
            or not operation.key
            or not (operation.busy or operation.phase in BROKEN)
        ):
            return None
        if newest is None or operation.key == newest.key:
            return None
        started = operation.started_at
        return operation if started is None or started >= newest.deployed_at else None

    @property
    def live(self) -> str:
        """The key of what runs, and of a new or bad release that is half deployed.

        A way back that is half done has not arrived: what it leads away from counts as running.
        """
        half = self.half_done
        if half and (self.release(half.key) is None or half.key in self.rolled_back_from()):
            return half.key
        return self.newest.key if self.newest else ""

    def release(self, key: str) -> Release | None:
        """The newest deployment of that key."""
        return next((each for each in reversed(self.releases) if each.key == key), None)

    def last_ran(self, release: Release) -> datetime | None:
        """When another revision took its place; None while it is still the newest."""
        later = (each for each in self.releases if each.id > release.id)
        return next((each.deployed_at for each in later if each.key != release.key), None)

    def rolled_back_from(self) -> dict[str, datetime]:
        """Revisions that somebody left for an older one: known to have been bad, and since when."""
        found: dict[str, datetime] = {}
        seen: list[str] = []
        for each in self.releases:
            if seen and each.key != seen[-1] and each.key in seen:
                for left in seen[seen.index(each.key) + 1 :]:
                    found[left] = each.deployed_at
            if each.key in seen:
                seen = seen[: seen.index(each.key) + 1]
            else:
                seen.append(each.key)
        return found

    def choices(self) -> list[Release]:
        """The newest deployment of every revision that is not live, newest first."""
        newest_of = {each.key: each for each in self.releases}
        return sorted(
            (each for key, each in newest_of.items() if key != self.live), key=lambda r: -r.id
        )

    def suggested(self, before: datetime | None) -> Release | None:
        """The newest different revision, deployed before then, that nobody had to leave before."""
        bad = self.rolled_back_from()
        for each in self.choices():
            first = next(one for one in self.releases if one.key == each.key)
            if each.key not in bad and (before is None or first.deployed_at <= before):
                return each
        return None


def application(raw: Mapping[str, Any]) -> Application:
    """From the API's JSON."""
    metadata, spec, status = (raw.get(part) or {} for part in ("metadata", "spec", "status"))
    sync, health = status.get("sync") or {}, status.get("health") or {}
    releases = [_release(each) for each in status.get("history") or ()]
    return Application(
        name=str(metadata.get("name", "")),
        namespace=str(metadata.get("namespace", "")),
        project=str(spec.get("project") or "default"),
        # Never trust the position: ids say what came after what.
        releases=tuple(sorted(releases, key=lambda each: each.id)),
        sync_policy=spec.get("syncPolicy") or {},
        operation=_operation(status, spec),
        queued=_queued(raw, spec),
        sync_status=str(sync.get("status") or "Unknown"),
        desired=_revisions(sync),
        health=str(health.get("status") or "Unknown"),
        health_message=str(health.get("message") or ""),
        health_since=when(health.get("lastTransitionTime")),
        images=tuple((status.get("summary") or {}).get("images") or ()),
        raw=raw,
    )


def when(said: object) -> datetime | None:
    if not isinstance(said, str) or not said:
        return None
    found = datetime.fromisoformat(said)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def key_of(revisions: tuple[str, ...], sources: tuple[Mapping[str, Any], ...]) -> str:
    """Revisions, and a mark for values that are set in the application and not in git."""
    overrides = [
        {name: value for name, value in _deep(each).items() if name in _OVERRIDING and value}
        for each in sources
    ]
    named = ",".join(revisions)
    if not any(overrides):
        return named
    text = json.dumps(overrides, sort_keys=True)
    return f"{named}~{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def sources_of(holder: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    several = holder.get("sources")
    if several:
        return tuple(several)
    single = holder.get("source")
    return (single,) if single else ()


def _deep(source: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for tool in _OVERRIDES:
        inside = source.get(tool)
        if isinstance(inside, dict):
            found |= inside
    return found


def _revisions(holder: Mapping[str, Any]) -> tuple[str, ...]:
    several = holder.get("revisions")
    if several:
        return tuple(str(each) for each in several)
    single = holder.get("revision")
    return (str(single),) if single else ()


def _release(entry: Mapping[str, Any]) -> Release:
    revisions, sources = _revisions(entry), sources_of(entry)
    by = entry.get("initiatedBy") or {}
    deployed = when(entry.get("deployedAt")) or datetime.fromtimestamp(0, UTC)
    return Release(
        # The first deployment has id 0, which the JSON leaves out.
        id=int(entry.get("id") or 0),
        key=key_of(revisions, sources),
        revisions=revisions,
        deployed_at=deployed,
        started_at=when(entry.get("deployStartedAt")) or deployed,
        by="auto-sync" if by.get("automated") else str(by.get("username") or ""),
        sources=sources,
    )


def _operation(status: Mapping[str, Any], spec: Mapping[str, Any]) -> Operation | None:
    state = status.get("operationState")
    if not isinstance(state, dict):
        return None
    asked = (state.get("operation") or {}).get("sync") or {}
    result = state.get("syncResult") or {}
    resources = result.get("resources") or ()
    revisions = _revisions(result) or _revisions(asked)
    sources = sources_of(result) or sources_of(asked) or sources_of(spec)
    return Operation(
        phase=str(state.get("phase") or ""),
        key=key_of(revisions, sources) if revisions else "",
        message=str(state.get("message") or ""),
        started=str(state.get("startedAt") or ""),
        started_at=when(state.get("startedAt")),
        finished_at=when(state.get("finishedAt")),
        done=sum(1 for each in resources if each.get("status") == "Synced"),
        of=len(resources),
    )


def _queued(raw: Mapping[str, Any], spec: Mapping[str, Any]) -> str | None:
    """The key of an operation that was accepted and that the controller has not taken up yet."""
    sync = (raw.get("operation") or {}).get("sync")
    if not isinstance(sync, dict):
        return None
    return key_of(_revisions(sync), sources_of(sync) or sources_of(spec))
