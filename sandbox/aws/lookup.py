"""What CloudTrail shows of the calls that changed something, spelt as CloudTrail spells it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from moto.cloudtrail.responses import CloudTrailResponse

from sandbox.aws.trail import TRAIL, Call

_MOST = 50
_SPELT = {"elbv2": "elasticloadbalancing"}


def lookup_events(self: CloudTrailResponse) -> str:
    """Newest first, fifty at a time; by one attribute, as CloudTrail takes it."""
    asked = {
        e["AttributeKey"]: e["AttributeValue"] for e in self._get_param("LookupAttributes", [])
    }
    begun, ended = self._get_param("StartTime"), self._get_param("EndTime")
    first = int(self._get_param("NextToken") or 0)
    page = min(int(self._get_param("MaxResults") or _MOST), _MOST)
    found = [
        each
        for each in _newest(self.region)
        if _is(each, asked) and _within(each.at, begun, ended)
    ]
    answered: dict[str, Any] = {"Events": [_event(each) for each in found[first : first + page]]}
    if len(found) > first + page:
        answered["NextToken"] = str(first + page)
    return json.dumps(answered, default=str)


def _newest(region: str) -> Iterator[Call]:
    with TRAIL.lock:
        known = list(TRAIL.calls)
    return (each for each in reversed(known) if each.region == region)


def _is(call: Call, asked: Mapping[str, str]) -> bool:
    """Nobody here asks for what only reads, but by `ReadOnly`."""
    if asked.get("ReadOnly", "false") != str(not call.writes).lower():
        return False
    if asked.get("EventName", call.action) != call.action:
        return False
    said = json.dumps(dict(call.parameters), default=str)
    return asked.get("ResourceName", "") in said


def _within(at: datetime, begun: float | None, ended: float | None) -> bool:
    since = float("-inf") if begun is None else float(begun)
    until = float("inf") if ended is None else float(ended)
    return since <= at.timestamp() <= until


def _event(call: Call) -> dict[str, Any]:
    source = f"{_SPELT.get(call.service, call.service)}.amazonaws.com"
    detail: dict[str, Any] = {
        "eventName": call.action,
        "eventSource": source,
        "eventTime": f"{call.at:%Y-%m-%dT%H:%M:%SZ}",
        "awsRegion": call.region,
        "userAgent": call.agent,
        "requestParameters": spelt(call),
        "userIdentity": _who(call.session),
        "readOnly": not call.writes,
    }
    if call.status >= 400:
        detail["errorCode"] = "Refused"
    return {
        "EventId": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{call.at}{call.action}")),
        "EventName": call.action,
        "EventTime": call.at.timestamp(),
        "EventSource": source,
        "ReadOnly": str(not call.writes).lower(),
        "Username": call.session or "root",
        "CloudTrailEvent": json.dumps(detail, default=str),
    }


def _who(session: str) -> dict[str, Any]:
    if not session:
        return {"type": "Root", "arn": "arn:aws:iam::123456789012:root"}
    if session.endswith(".amazonaws.com"):
        return {"type": "AWSService", "invokedBy": session}
    arn = f"arn:aws:sts::123456789012:assumed-role/people/{session}"
    return {"type": "AssumedRole", "arn": arn, "principalId": f"AROADEMO:{session}"}


def spelt(call: Call) -> dict[str, Any]:
    """Nested, and each name with a small first letter."""
    given = {name: value for name, value in call.parameters.items() if name != "Version"}
    path, body = str(given.pop("path", "")), str(given.pop("body", ""))
    parts: dict[str, Any] = {}
    for name, value in given.items():
        _put(parts, name.split("."), value)
    if body.lstrip().startswith("<"):
        parts |= _of_xml(ElementTree.fromstring(body))
    return {**_of_path(path), **_small(parts)}


def _put(held: dict[str, Any], names: list[str], value: Any) -> None:
    """`Actions.member.1.Type` is a list of maps; numbers count from one."""
    first, *rest = names
    if not rest:
        held[first] = value
    else:
        _put(held.setdefault(first, {}), rest, value)


def _small(value: Any) -> Any:
    match value:
        case {"member": dict(each)}:
            return [_small(each[n]) for n in sorted(each, key=int)]
        case dict():
            return {name[:1].lower() + name[1:]: _small(each) for name, each in value.items()}
        case list():
            return [_small(each) for each in value]
    return value


def _of_xml(element: ElementTree.Element) -> dict[str, Any]:
    return {_tag(each): _value(each) for each in element}


def _value(element: ElementTree.Element) -> Any:
    """Children of one name in something plural are a list."""
    if not len(element):
        return element.text or ""
    names = {_tag(each) for each in element}
    if len(names) == 1 and (_tag(element) == f"{names.copy().pop()}s" or _tag(element) == "Items"):
        return [_value(each) for each in element]
    return _of_xml(element)


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


_PATHS = (
    r"/applications/(?P<applicationId>[^/]+)/environments/(?P<environmentId>[^/]+)/deployments",
    r"/clusters/(?P<name>[^/]+)/node-groups/(?P<nodegroupName>[^/]+)",
    r"/hostedzone/(?P<hostedZoneId>[^/]+)",
    r"/distribution/(?P<distributionId>[^/]+)/invalidation",
    r"/distribution/(?P<id>[^/]+)/config",
)


def _of_path(path: str) -> dict[str, Any]:
    for each in _PATHS:
        if found := re.search(each, path):
            return found.groupdict()
    return {}
