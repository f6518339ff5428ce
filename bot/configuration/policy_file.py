"""Reads policy.yaml over the defaults: what the file leaves out keeps its careful value."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from bot.configuration.lines import Document
from bot.configuration.problem import Problem
from bot.configuration.validation import Share, Span, SpanOrNever, Strict, validated
from bot.domain.policy import (
    DEFAULT_APPROVALS,
    DEFAULT_RHYTHMS,
    ApprovalRule,
    Freeze,
    Grant,
    Policy,
    Quorum,
    Rhythm,
)


class SeverityPart(Strict):
    internal_update: SpanOrNever = None
    public_update: SpanOrNever = None
    first_public_update: SpanOrNever = None
    review_within: SpanOrNever = None
    postmortem: bool = False
    follow_up_due: Span = timedelta(days=30)
    roles: tuple[Literal["commander", "comms", "scribe", "deputy"], ...] = ()


class SeveritiesPart(Strict):
    sev1: SeverityPart | None = None
    sev2: SeverityPart | None = None
    sev3: SeverityPart | None = None
    sev4: SeverityPart | None = None


class ApprovalPart(Strict):
    name: str = ""
    environment: str = "*"
    tiers: tuple[Literal[1, 2, 3], ...] = ()
    mitigation: str = "*"
    risk: Literal["low", "high", "*"] = "*"
    wants_another: bool
    approvers: tuple[str, ...] = ("on-call", "commander", "owner")
    expires: Span = timedelta(minutes=15)
    break_glass_after: SpanOrNever = timedelta(minutes=5)


class GrantPart(Strict):
    environment: str = "*"
    mitigations: tuple[str, ...] = ("*",)
    act: bool = True


class FreezePart(Strict):
    name: str
    starts: AwareDatetime
    ends: AwareDatetime
    environment: str = "*"
    why: str = ""


class TimesPart(Strict):
    ack_nag: Span | None = None
    commander_nag: Span | None = None
    cooldown: Span | None = None
    reminder_lead: Span | None = None
    snooze: Span | None = None
    verify_for: Span | None = None
    left_over_reminder: Span | None = None


class ErrorBudgetsPart(Strict):
    postmortem_over: Share | None = None
    freeze: bool | None = None


class PolicyFile(Strict):
    announcements: str | None = None
    times: TimesPart = TimesPart()
    error_budgets: ErrorBudgetsPart = ErrorBudgetsPart()
    severities: SeveritiesPart = SeveritiesPart()
    approvals: tuple[ApprovalPart, ...] | None = None
    grants: tuple[GrantPart, ...] | None = None
    freezes: tuple[FreezePart, ...] = ()
    known_as: tuple[str, ...] | None = None
    may: dict[Literal["guest", "outsider"], tuple[str, ...]] | None = None
    reserved: dict[str, tuple[str, ...]] | None = Field(default=None)


def policy(document: Document, problems: list[Problem]) -> Policy:
    file = validated(PolicyFile, document, problems)
    if file is None:
        return Policy()
    _rules_that_never_decide(file, document, problems)
    _freezes_that_end_first(file, document, problems)
    return replace(
        Policy(
            approval_rules=_approvals(file),
            rhythms=_rhythms(file),
            freezes=tuple(Freeze(**part.model_dump()) for part in file.freezes),
        ),
        **_given(file),
    )


def _given(file: PolicyFile) -> dict[str, Any]:
    """Only what the file says; the rest keeps its default."""
    changed: dict[str, Any] = {
        name: value for name, value in file.times.model_dump().items() if value is not None
    }
    if file.error_budgets.postmortem_over is not None:
        changed["postmortem_over"] = file.error_budgets.postmortem_over
    if file.error_budgets.freeze is not None:
        changed["budget_freeze"] = file.error_budgets.freeze
    if file.announcements is not None:
        changed["announcements"] = file.announcements.removeprefix("#")
    if file.known_as is not None:
        changed["known_as"] = file.known_as
    if file.grants is not None:
        changed["grants"] = tuple(Grant(**part.model_dump()) for part in file.grants)
    if file.may is not None:
        changed["may"] = tuple(file.may.items())
    if file.reserved is not None:
        changed["reserved"] = tuple(file.reserved.items())
    return changed


def _approvals(file: PolicyFile) -> tuple[ApprovalRule, ...]:
    if file.approvals is None:
        return DEFAULT_APPROVALS
    return tuple(
        ApprovalRule(
            environment=part.environment,
            tiers=part.tiers,
            mitigation=part.mitigation,
            risk=part.risk,
            quorum=Quorum(
                wants_another=part.wants_another,
                approvers=part.approvers,
                expires=part.expires,
                break_glass_after=part.break_glass_after,
                rule=part.name,
            ),
        )
        for part in file.approvals
    )


def _rhythms(file: PolicyFile) -> tuple[tuple[str, Rhythm], ...]:
    given = {
        name: Rhythm(**part)
        for name, part in file.severities.model_dump().items()
        if part is not None
    }
    return tuple((name, given.get(name, default)) for name, default in DEFAULT_RHYTHMS)


def _rules_that_never_decide(
    file: PolicyFile, document: Document, problems: list[Problem]
) -> None:
    parts = file.approvals or ()
    for place, part in enumerate(parts[:-1]):
        if (part.environment, part.mitigation, part.risk, part.tiers) == ("*", "*", "*", ()):
            problems.append(
                Problem(
                    where=document.where("approvals", place),
                    what="This rule fits everything, so the ones below it never decide.",
                    fix="Move it to the end.",
                )
            )


def _freezes_that_end_first(file: PolicyFile, document: Document, problems: list[Problem]) -> None:
    for place, part in enumerate(file.freezes):
        starts: datetime = part.starts
        if part.ends <= starts:
            problems.append(
                Problem(
                    where=document.where("freezes", place, "ends"),
                    what=f"The freeze {part.name} ends before it starts.",
                    fix="Swap `starts` and `ends`.",
                )
            )
