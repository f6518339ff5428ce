"""A call told as a change: what it was before and after, and what takes it back, where that is certain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.change import Change, ChangeKind
from bot.domain.firewall import Edit, Verb
from bot.domain.places import Deployment
from bot.domain.traffic import PHASES, written
from bot.integrations.aws.trail_events import Event, inside
from bot.integrations.aws.trail_places import Known
from bot.integrations.aws.trail_sorts import (
    BALANCING,
    FIREWALL,
    SORTS,
    Sort,
    fields,
    flags,
    object_of,
    where,
    zone,
)

SOURCE = "CloudTrail"
Earlier = Callable[[Event], Event | None]
"""The call of the same name before this one, of the same thing."""
_TURNS = {"block": Verb.BLOCK, "count": Verb.COUNT}
_SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class _Way:
    """What can be read out of a call beyond its fields."""

    service: str = ""
    kind: ChangeKind | None = None
    before: str = ""
    after: str = ""
    refs: tuple[str, ...] = ()
    reversible_by: str = ""
    target: str = ""


def told(event: Event, known: Known, earlier: Earlier) -> Change | None:
    """None for what is no change worth a suspicion, and for what belongs to somebody else."""
    sort = SORTS.get(event.sort)
    if sort is None or event.failed:
        return None
    way = _way(event, sort, known, earlier)
    name = way.service or where(event, sort, known)
    if not name and not sort.shared:
        return None
    said = fields(event, sort)
    return Change(
        id=f"cloudtrail:{event.id}",
        source=SOURCE,
        service=name,
        environment=known.environment,
        at=event.at,
        before=way.before,
        after=way.after or ", ".join(said[:_SHOWN]),
        message=f"{event.name} of {object_of(event, sort)}",
        actor=event.actor,
        address=event.address,
        kind=way.kind or sort.kind,
        refs=way.refs,
        reversible_by=way.reversible_by,
        target=way.target,
        notes=_notes(event, known, name, sort),
    )


def subject(event: Event) -> str:
    """By what the call before this one is found; empty where none is needed."""
    if event.sort in (f"{BALANCING}:ModifyRule", f"{BALANCING}:ModifyListener"):
        return event.text("ruleArn", "listenerArn") if _weights(event.asked) else ""
    if event.sort in (f"{FIREWALL}:UpdateWebACL", f"{FIREWALL}:UpdateIPSet"):
        return event.text("id", "name")
    return ""


def _notes(event: Event, known: Known, name: str, sort: Sort) -> tuple[str, ...]:
    found = []
    if event.by_terraform:
        # Weights are written where the balancer is, not where the service is.
        holder = where(event, sort, known) or (known.only(sort.of) if name else "")
        module = known.module(holder, name)
        found.append(f"made by Terraform, module {module}" if module else "made by Terraform")
    if not name:
        found.append("not placed: the catalog does not know it")
    return tuple(found)


def _way(event: Event, sort: Sort, known: Known, earlier: Earlier) -> _Way:
    match event.sort.split(":"):
        case ["elasticloadbalancing", _]:
            return _balanced(event, known, earlier)
        case ["wafv2", "UpdateWebACL"]:
            return _rules(event, earlier(event))
        case ["wafv2", "UpdateIPSet"]:
            return _addresses(event, earlier(event))
        case ["route53", _]:
            return _records(event, known)
        case ["rds", "RebootDBInstance"] if event.text("forceFailover").lower() == "true":
            return _Way(kind=ChangeKind.FAILOVER, after="rebooted with failover")
        case ["autoscaling" | "ec2", _]:
            return _machines(event)
        case ["appconfig", "StartDeployment"]:
            version = event.text("configurationVersion")
            profile = flags(event).rpartition("/")[2]
            return _Way(after=f"version {version}", refs=(rollout_ref(profile, version),))
        case ["cloudfront", "CreateInvalidation"]:
            paths = [str(each) for found in inside(event.asked, "items") for each in _list(found)]
            return _Way(after=f"purged {', '.join(paths[:_SHOWN])}" if paths else "purged")
    return _Way()


def rollout_ref(profile: str, version: str) -> str:
    """The name by which two sources know that they speak of one rollout."""
    return f"{profile}@{version}"


def _balanced(event: Event, known: Known, earlier: Earlier) -> _Way:
    weights = _weights(event.asked)
    place = known.split(weights)
    if place is None:
        return _Way(service=known.behind(weights))
    before = earlier(event)
    was = _weights(before.asked) if before else {}
    return _shifted(place, weights, was)


def _shifted(place: Deployment, weights: Mapping[str, int], was: Mapping[str, int]) -> _Way:
    share, old = _share(place, weights), _share(place, was)
    if share is None or share == old:
        return _Way(service=place.service)
    before = "" if old is None else written(old)
    # Traffic goes back to EC2 by a phase that was run before; onward it is not moved by us.
    back = old is not None and old in PHASES and old > share
    return _Way(
        service=place.service,
        kind=ChangeKind.WEIGHT,
        before=before,
        after=written(share),
        reversible_by="shift_traffic" if back else "",
        target=before if back else "",
    )


def _records(event: Event, known: Known) -> _Way:
    """Weights by DNS name their sides by the target groups; an old record is deleted as it was."""
    now: dict[str, int] = {}
    was: dict[str, int] = {}
    names: list[str] = []
    for each in _maps(next(inside(event.asked, "changes"), None)):
        record = next(iter(_maps([each.get("resourceRecordSet")])), {})
        names.append(str(record.get("name", "")).rstrip("."))
        side = was if each.get("action") == "DELETE" else now
        if "weight" in record and record.get("setIdentifier"):
            side[str(record["setIdentifier"])] = int(record["weight"])
    place = next((d for n in names if (d := known.record(zone(event), n))), None)
    if place is not None and set(place.target_groups) <= set(now):
        return _shifted(place, now, was)
    distinct = tuple(dict.fromkeys(names))
    return _Way(
        service=place.service if place else "", after=f"records {', '.join(distinct[:_SHOWN])}"
    )


def _rules(event: Event, before: Event | None) -> _Way:
    """What each rule does now and did before; one rule between counting and blocking can go back."""
    if before is None:
        return _Way(after="its rules")
    now, was = _actions(event), _actions(before)
    moved = [name for name in now if name in was and now[name] != was[name]]
    gone = [f"{name} is gone" for name in was if name not in now]
    fresh = [f"{name} {now[name]} is new" for name in now if name not in was]
    way = _Way(
        before=", ".join(f"{name} {was[name]}" for name in moved),
        after=", ".join([*(f"{name} {now[name]}" for name in moved), *gone, *fresh])
        or "its settings",
    )
    if len(moved) != 1 or gone or fresh:
        return way
    (name,) = moved
    if now[name] not in _TURNS or was[name] not in _TURNS:
        return way
    back = Edit(verb=_TURNS[was[name]], what=name).text
    return replace(way, reversible_by="block_requests", target=back)


def _addresses(event: Event, before: Event | None) -> _Way:
    name = event.text("name")
    now = {str(each) for each in _list(event.asked.get("addresses"))}
    was = {str(e) for e in _list(before.asked.get("addresses"))} if before else now
    added, gone = sorted(now - was), sorted(was - now)
    parts = [f"+{each}" for each in added] + [f"-{each}" for each in gone]
    way = _Way(after=f"{name} {' '.join(parts[:_SHOWN])}".strip())
    if len(parts) != 1:
        return way
    verb = Verb.PARDON if added else Verb.DENY
    back = Edit(verb=verb, what=(added or gone)[0], list=name).text
    return replace(way, reversible_by="block_requests", target=back)


def _machines(event: Event) -> _Way:
    """The version of the launch template that machines are made from, where one is named."""
    named = _maps(list(inside(event.asked, "launchTemplate")))
    found = [str(each["version"]) for each in named if "version" in each]
    found += [str(each) for each in inside(event.asked, "defaultVersion")]
    found += [str(each) for each in inside(event.asked, "setDefaultVersion")]
    if found:
        return _Way(kind=ChangeKind.AMI, after=f"v{found[0]}")
    return _Way()


def _weights(asked: Mapping[str, Any]) -> dict[str, int]:
    """By the name of the target group; a forward to one alone gives it everything."""
    found: dict[str, int] = {}
    for name in ("actions", "defaultActions"):
        for action in _maps(asked.get(name)):
            groups = [each for held in inside(action, "targetGroups") for each in _maps(held)]
            for each in groups or [action]:
                if arn := each.get("targetGroupArn"):
                    found[_group(str(arn))] = int(each.get("weight", 1))
    if arn := asked.get("targetGroupArn"):
        found[_group(str(arn))] = 1
    return found


def _group(arn: str) -> str:
    """`…:targetgroup/<name>/<id>`."""
    return arn.partition(":targetgroup/")[2].partition("/")[0] or arn


def _share(place: Deployment, weights: Mapping[str, int]) -> int | None:
    """Percent on EC2."""
    if not set(place.target_groups) <= set(weights):
        return None
    ec2, eks = (weights[each] for each in place.target_groups)
    return round(100 * ec2 / (ec2 + eks)) if ec2 + eks else None


def _actions(event: Event) -> dict[str, str]:
    """By the name of each rule: `block`, `count`, …; a limit is part of it."""
    found: dict[str, str] = {}
    for rule in _maps(event.asked.get("rules")):
        override = rule.get("overrideAction")
        if isinstance(override, dict):
            done = "count" if "count" in override else "block"
        else:
            done = next(iter(rule.get("action") or {}), "none")
        limit = next(inside(rule.get("statement"), "limit"), None)
        found[str(rule.get("name", ""))] = done if limit is None else f"{done} over {limit}"
    return found


def _maps(value: Any) -> list[dict[str, Any]]:
    """What has another shape than AWS describes is passed over."""
    return [each for each in _list(value) if isinstance(each, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
