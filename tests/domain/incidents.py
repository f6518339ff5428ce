"""An incident in memory whose clock is moved by hand, for the rules of bot/domain/incident."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.events import Declared, MitigationVerified, Paged
from bot.domain.incident import Incident
from bot.domain.mitigation import Plan, Receipt
from bot.domain.page import Page
from bot.domain.people import Person
from bot.domain.policy import Quorum
from tests.doubles.people import ANA, BEN
from tests.timeline.ledgers import NOON

ALONE = Quorum(wants_another=False, approvers=("on-call", "commander"))
TOGETHER = Quorum(wants_another=True, approvers=("on-call", "commander"), rule="high risk")
ON_CALL = frozenset({"on-call"})


def incident(*, by: Person | None = None) -> Incident:
    made = Incident(id="i1", now=NOON)
    made.record(Declared(title="LMS errors", channel_name="inc-x", by=by, service="lms"))
    return made


def paged_incident() -> Incident:
    made = incident()
    made.record(Paged(page=Page(id="Q1", title="LMS errors", service_id="PLMS")))
    return made


def wait(of: Incident, **by: float) -> None:
    assert of.now is not None
    of.now += timedelta(**by)


def plan(target: str = "r141", *, service: str = "lms", undoable: bool = True) -> Plan:
    return Plan(
        mitigation="rollback",
        title=f"Roll {service} back to {target}",
        service=service,
        environment="production",
        target=target,
        target_label=target,
        live="r142",
        live_label="r142",
        undoable=undoable,
    )


def approved(of: Incident, target: str = "r141") -> str:
    made = of.propose(plan(target), by=ANA, quorum=TOGETHER)
    of.approve(made, by=BEN, groups=ON_CALL, digest=plan(target).digest)
    return made


def started(of: Incident, target: str = "r141") -> tuple[str, str]:
    made = approved(of, target)
    of.prepare(made)
    return made, of.start(made, ("auto-sync off",))


def receipt(of: Incident) -> Receipt:
    assert of.now is not None
    return Receipt(reference="7", summary="rolled back", at=of.now)


def verified(of: Incident, target: str = "r141") -> str:
    made, _attempt = started(of, target)
    of.underway(made, receipt(of))
    wait(of, minutes=1)
    of.conclude(MitigationVerified(mitigation=made, evidence="11.4% → 0.2%"))
    return made
