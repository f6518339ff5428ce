"""What the tests of AWS mitigations share: a bot's tools over the simulated cloud, and a run to the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

import pytest

from bot.domain.catalog import Catalog, Environment
from bot.domain.errors import NotSent
from bot.domain.mitigation import Plan, Ready, Receipt, Seen, TooEarly
from bot.domain.policy import Policy
from bot.flow.planning import complete, planned
from bot.integrations.aws.account import Account
from bot.integrations.aws.cloud import cloud
from bot.reactions import serving
from bot.tools import Gate, Mitigation, Tools
from tests.cloud import ROLE, Cloud
from tests.integrations.worlds import OPEN

INCIDENT = "20260305-lms-ab12"
ATTEMPT = f"{INCIDENT}.m1.1"
PRODUCTION = Environment(name="production", production=True, region="us-east-1")


def account_of(aws: Cloud, gate: Gate = OPEN) -> Account:
    return Account("production", ROLE, "us-east-1", gate=gate, clock=aws, endpoint=aws.url)


def tools_of(aws: Cloud, account: Account, catalog: Catalog, **more: Any) -> Tools:
    """What a mitigation has no business with stays empty."""
    unused: Mapping[str, Any] = dict.fromkeys(
        each.name
        for each in fields(Tools)
        if each.default is MISSING and each.default_factory is MISSING
    )
    given = {"clock": aws, "catalog": catalog, "policy": Policy(), "gate": OPEN}
    empty = {"mitigations": {}, "command": "/incident", "deployers": {}}
    clouds = {"production": cloud(account)}
    return Tools(**{**unused, **empty, **given, "clouds": clouds, **more})


def plan_of(tools: Tools, kind: Mitigation, place: Any, target: str) -> Plan:
    return planned(tools, kind, place, target, sick=place.service)


def undo_of(tools: Tools, kind: Mitigation, plan: Plan, receipt: Receipt | None) -> Plan:
    return complete(tools, kind.undo(tools, plan, receipt), sick=plan.service)


def carried_out(tools: Tools, kind: Mitigation, plan: Plan) -> Receipt:
    """As the flow does it: prepared, then sent once, in the name of the incident."""
    with serving(INCIDENT):
        assert isinstance(kind.prepare(tools, plan, ATTEMPT), Ready)
        return kind.execute(tools, plan, ATTEMPT)


def seen(aws: Cloud, tools: Tools, kind: Mitigation, plan: Plan, receipt: Receipt) -> Seen:
    """What it says of itself when it stops saying "too early"."""
    for _ in range(60):
        found = kind.verify(tools, plan, receipt)
        if not isinstance(found, TooEarly):
            return found
        aws.advance(15)
    raise AssertionError(f"it never ended: {found}")


def lost(aws: Cloud, tools: Tools, kind: Mitigation, plan: Plan, action: str, do: str) -> None:
    """The one request breaks off, before or after AWS carried it out."""
    aws.fault(action, do, times=1)
    with pytest.raises(Exception, match="broke before the answer") as broke:
        carried_out(tools, kind, plan)
    assert not isinstance(broke.value, NotSent)


def denied(aws: Cloud, tools: Tools, kind: Mitigation, plan: Plan, action: str) -> str:
    """What the responder reads where our role may not do it."""
    aws.fault(action, "deny", times=1)
    with pytest.raises(NotSent) as refused:
        carried_out(tools, kind, plan)
    assert not refused.value.may_pass
    return refused.value.why
