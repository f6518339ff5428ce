"""Every call that came in: what CloudTrail shows of them, and how a fault finds its call."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

_READS = (
    "Assume",
    "Describe",
    "Get",
    "List",
    "Lookup",
    "Head",
    "Query",
    "Scan",
    "Search",
    "Batch",
)
_REST = (
    ("route53", "POST", r"/hostedzone/[^/]+/rrset", "ChangeResourceRecordSets"),
    ("route53", "GET", r"/hostedzone/[^/]+/rrset", "ListResourceRecordSets"),
    ("cloudfront", "POST", r"/distribution/[^/]+/invalidation", "CreateInvalidation"),
    ("cloudfront", "GET", r"/distribution/[^/]+/invalidation", "GetInvalidation"),
    ("cloudfront", "PUT", r"/distribution/[^/]+/config", "UpdateDistribution"),
    ("eks", "POST", r"/node-groups/[^/]+/update-config", "UpdateNodegroupConfig"),
    ("eks", "GET", r"/node-groups/[^/]+$", "DescribeNodegroup"),
    ("es", "GET", r"/opensearch/domain/[^/]+$", "DescribeDomain"),
    ("appconfig", "POST", r"/hostedconfigurationversions$", "CreateHostedConfigurationVersion"),
    ("appconfig", "POST", r"/deployments$", "StartDeployment"),
    ("appconfig", "DELETE", r"/deployments/", "StopDeployment"),
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, as far as it can be told from outside."""

    at: datetime
    service: str
    action: str
    region: str
    key: str
    agent: str
    parameters: Mapping[str, Any]
    session: str = ""
    status: int = 0

    @property
    def writes(self) -> bool:
        return not self.action.startswith((*_READS, "GET "))


@dataclass(kw_only=True)
class Trail:
    calls: list[Call] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, call: Call) -> None:
        with self.lock:
            self.calls.append(call)

    def clear(self) -> None:
        with self.lock:
            self.calls = []


TRAIL = Trail()


def told(environ: Mapping[str, Any], body: bytes, at: datetime) -> Call:
    """What a request asks for, by its signature's scope and its protocol's way of naming it."""
    scope = re.search(
        r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", environ.get("HTTP_AUTHORIZATION", "")
    )
    key, region, service = scope.groups() if scope else ("", "us-east-1", "")
    action, parameters = _action(service, environ, body)
    return Call(
        at=at,
        service=service,
        action=action,
        region=region,
        key=key,
        agent=str(environ.get("HTTP_USER_AGENT", "")),
        parameters=parameters,
    )


def _action(
    service: str, environ: Mapping[str, Any], body: bytes
) -> tuple[str, Mapping[str, Any]]:
    path, method = str(environ.get("PATH_INFO", "")), str(environ.get("REQUEST_METHOD", ""))
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2], _json(body)
    if b"Action=" in body[:4000]:
        form = {name: each[0] for name, each in parse_qs(body.decode()).items()}
        return form.pop("Action"), form
    for name, verb, pattern, action in _REST:
        if (service, method) == (name, verb) and re.search(pattern, path):
            said = _json(body) or {"path": path, "body": body.decode("utf-8", "replace")[:20_000]}
            return action, {"path": path, **said}
    return f"{method} {path}", {"path": path}


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body) if body else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
