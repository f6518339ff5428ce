"""Incidents at every stage, made by the real flow, and one that strains every limit."""

from __future__ import annotations

from bot.domain.change import Change, Suspect
from bot.domain.events import (
    FollowUpAdded,
    RunbookFound,
    RunbookTaken,
    StepMarked,
    StepMissing,
    StepState,
    SuspectsRanked,
    VitalsRead,
)
from bot.domain.mitigation import Healthy
from bot.domain.review import FollowUp, FollowUpType
from bot.domain.runbook import Match, Step, Verdict
from bot.domain.vitals import Condition, Reading, Sign, Unread, Vital
from tests.doubles.house import House
from tests.doubles.pages import page, paged
from tests.doubles.people import ANA, BEN, KENJI
from tests.doubles.production import Production
from tests.slack.front import Front
from tests.timeline.ledgers import NOON

LONG = "the submission queue keeps growing and nobody can hand in their homework; " * 12


def steps(count: int, *, text: str = "Look at the error rate") -> tuple[Step, ...]:
    return tuple(
        Step(number=n, text=f"{text} {n}", command="kubectl get pods" if n % 3 == 0 else "")
        for n in range(1, count + 1)
    )


def match(path: str = "lms-5xx.md", *, verdict: Verdict = Verdict.CONFIDENT) -> Match:
    return Match(
        path=path,
        section="first-three-actions",
        title="LMS errors after a deploy",
        score=0.9,
        reason="names the alert",
        confidence=verdict,
    )


def suspect(number: int) -> Suspect:
    change = Change(
        id=f"lms-{number}",
        source="Argo CD",
        service="lms",
        environment="production",
        at=NOON,
        before=f"r{140 + number}",
        after=f"r{141 + number}",
    )
    return Suspect(change=change, score=0.9, reasons=("deployed 6 min before", "itself"))


def sick(number: int) -> Reading:
    condition = Condition(
        vitals=(Vital(sign=Sign.PENDING, value=3, basis=LONG),), troubles=(LONG, LONG)
    )
    return Reading(name=f"r{number}", label=LONG[:80], at=NOON, condition=condition)


def stages(house: House, front: Front, production: Production) -> dict[str, str]:
    """One incident for each stage, by its name."""
    found: dict[str, str] = {}
    for number, name in enumerate(
        ("alert", "triage", "proposed", "high risk", "analysis", "resolved", "strained")
    ):
        service = ("PLMS", "PAUTH", "PFORUMS", "PLMSSTG", "PAUTHSTG", "PFORUMSSTG", "PNEW")[number]
        found[name] = paged(house, page(f"Q{number}", service))
        house.channel(found[name])
    house.work()
    for name in ("triage", "proposed", "high risk", "analysis", "resolved"):
        front.press("acknowledge", found[name])
    front.say("rollback r141", found["proposed"])
    front.say("rollback r140", found["high risk"])
    _mitigated(house, front, production, found["analysis"])
    front.say("resolve it went away because the graphs are flat", found["resolved"])
    _strain(house, front, found["strained"])
    house.work()
    return found


def _mitigated(house: House, front: Front, production: Production, incident: str) -> None:
    production.verdict = Healthy(evidence="11.4% → 0.2%, stable 10 min")
    front.say("rollback r141", incident)
    held = next(iter(house.incident(incident).mitigations.values()))
    front.press("approve", incident, f"{held.id} {held.plan.digest[:16]}")
    house.work()


def _strain(house: House, front: Front, incident: str) -> None:
    """More and longer than anything should be."""
    front.say("role commander", incident)
    for role in ("comms", "scribe"):
        front.say(f"role {role} <@{BEN.user_id}|ben>", incident)
    front.say(f"role commander <@{KENJI.user_id}>", incident)
    for number in range(30):
        front.say(f"note {number} {LONG}", incident)
    front.say(f"update {LONG}", incident)
    long = steps(25, text=LONG)
    house.record(
        incident,
        SuspectsRanked(suspects=tuple(suspect(n) for n in range(15)), asked=("Argo CD",)),
        RunbookFound(verdict=Verdict.CONFIDENT, matches=(match(),), steps=long),
        VitalsRead(
            readings=tuple(sick(n) for n in range(15)),
            unread=tuple(Unread(name=f"u{n}", label=LONG, why=LONG) for n in range(15)),
        ),
        RunbookTaken(path="lms-5xx.md", title=LONG, steps=long, by=ANA),
        *(
            StepMarked(path="lms-5xx.md", number=n, state=StepState.DONE, by=ANA)
            for n in range(1, 20)
        ),
        StepMissing(path="lms-5xx.md", text=LONG, by=BEN),
        *(
            FollowUpAdded(
                follow_up=FollowUp(
                    id=f"f{n}", title=LONG, type=FollowUpType.DETECT, owner=ANA.user_id
                ),
                by=ANA,
            )
            for n in range(15)
        ),
    )
