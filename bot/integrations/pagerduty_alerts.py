"""Finds in a PagerDuty alert what a responder asks first: which condition, which threshold, what value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.domain.page import Alert
from bot.integrations.pagerduty_webhooks import moment

_LINE = re.compile(r"^\s*-?\s*([\w./-]+)\s*[=:]\s*(.+?)\s*$")
_DATAPOINT = re.compile(r"\[(-?[\d.]+(?:E-?\d+)?)")
_SIGNS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": "≥",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}
_CONDITION = ("condition", "condition_name", "conditionname", "alertconditionnames", "alarmname")
_NAME = ("alertname", "alert_name", "alert", "alarmname", "condition_name", "conditionname")
_THRESHOLD = ("threshold", "critical_threshold", "thresholdvalue")
_VALUE = ("value", "current_value", "currentvalue", "observed", "measured")
_SINCE = ("since", "started_at", "startsat", "start_time", "statechangetime", "createdat")
_ENTITY = (
    "entity",
    "impactedentities",
    "entity_name",
    "targets",
    "dbinstanceidentifier",
    "loadbalancer",
    "instance",
    "deployment",
    "pod",
    "host",
    "service",
    "job",
    "source",
)
_RUNBOOK = ("runbook_url", "runbookurl", "runbook", "runbook_link")
_LINKS = ("issueurl", "incident_url", "dashboard", "dashboard_url", "generatorurl", "client_url")


def alert_from(raw: Mapping[str, Any]) -> Alert:
    """One alert of the REST API; what its sender put into it is found by the usual names."""
    body = raw.get("body")
    body = body if isinstance(body, dict) else {}
    labels = _labels(body)
    told = {name.lower(): value for name, value in labels}
    return Alert(
        id=str(raw.get("id", "")),
        summary=str(raw.get("summary") or ""),
        condition=_first(told, _CONDITION) or _metric(told),
        threshold=_threshold(told),
        value=_first(told, _VALUE) or _datapoint(told),
        since=_when(_first(told, _SINCE)) or moment(raw.get("created_at")),
        entity=_first(told, _ENTITY),
        severity=str(raw.get("severity") or told.get("severity", "")),
        name=_first(told, _NAME),
        runbook_url=_first(told, _RUNBOOK),
        links=_links(body, told),
        labels=labels,
    )


def _labels(body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    cef = body.get("cef_details")
    found: dict[str, str] = {}
    for details in (body.get("details"), cef.get("details") if isinstance(cef, dict) else None):
        for name, value in _flat(_opened(details)):
            found.setdefault(name, value)
    return tuple(found.items())


def _opened(details: object) -> object:
    """CloudWatch by SNS arrives as JSON inside a string."""
    if not isinstance(details, str):
        return details
    try:
        return json.loads(details)
    except ValueError:
        return dict(_lines(details))


def _flat(details: object, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Name and value of everything inside, without the path; the outer one comes first."""
    if not isinstance(details, dict):
        return
    deeper: list[object] = []
    for name, value in details.items():
        match value:
            case dict():
                deeper.append(value)
            case [{"name": _, "value": _}, *_]:
                deeper.append({str(each.get("name")): each.get("value") for each in value})
            case list():
                yield str(name), ", ".join(str(each) for each in value)
            case str() if name in ("firing", "Message") and "\n" in value:
                yield from _lines(value)
            case str() if name == "Message":
                deeper.append(_opened(value))
            case None:
                continue
            case _:
                yield str(name), str(value)
    if depth < 3:
        for each in deeper:
            yield from _flat(each, depth + 1)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Alertmanager's text: ` - alertname = X` lines under Labels and Annotations."""
    for line in text.splitlines():
        if found := _LINE.match(line):
            yield found[1], found[2]


def _first(told: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((told[name] for name in names if told.get(name)), "")


def _metric(told: Mapping[str, str]) -> str:
    return told.get("metricname", "") or told.get("alertname", "")


def _threshold(told: Mapping[str, str]) -> str:
    said = _first(told, _THRESHOLD)
    sign = _SIGNS.get(told.get("comparisonoperator", ""), "")
    return f"{sign} {said}" if said and sign else said


def _datapoint(told: Mapping[str, str]) -> str:
    """CloudWatch says the value only in a sentence: `1 datapoint [11.4 (10/03/26 …)] was …`."""
    found = _DATAPOINT.search(told.get("newstatereason", ""))
    return found[1] if found else ""


def _when(said: str) -> datetime | None:
    if said.isdigit():
        seconds = int(said) / 1000 if len(said) > 11 else int(said)
        return datetime.fromtimestamp(seconds, UTC)
    return moment(said)


def _links(body: Mapping[str, Any], told: Mapping[str, str]) -> tuple[str, ...]:
    contexts = body.get("contexts") or ()
    found = [each.get("href") for each in contexts if isinstance(each, dict)]
    found += [told.get(name) for name in _LINKS]
    return tuple(dict.fromkeys(each for each in found if each and each.startswith("http")))
