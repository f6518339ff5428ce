"""The ids of everything that can be pressed, chosen or submitted: one list for cards and handlers."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """Action ids and callback ids. What follows a `:` in an action id only makes it unique."""

    ACKNOWLEDGE = "acknowledge"
    MENU = "menu"
    NAME_SERVICE = "name-service"
    SERVICE_FORM = "service-form"
    START = "start"
    START_FORM = "start-form"
    SEVERITY = "severity"
    SEVERITY_FORM = "severity-form"
    TAKE_ROLE = "take-role"
    ROLE_FORM = "role-form"
    ACCEPT_ROLE = "accept-role"
    DECLINE_ROLE = "decline-role"
    NOTE_FORM = "note-form"
    DECIDE_FORM = "decide-form"
    DID_FORM = "did-form"
    TAKE_RUNBOOK = "take-runbook"
    RUNBOOK_FORM = "runbook-form"
    TICK_STEPS = "tick-steps"
    STEP_WRONG = "step-wrong"
    STEP_MISSING_FORM = "step-missing-form"
    ROLLBACK_FORM = "rollback-form"
    REMEDIES = "remedies"
    CHANGE_FORM = "change-form"
    APPROVE = "approve"
    DECLINE_FORM = "decline-form"
    PAGE_SECOND = "page-second"
    BREAK_GLASS_FORM = "break-glass-form"
    UNDO = "undo"
    STUCK_VERIFY = "stuck-verify"
    STUCK_LEAVE = "stuck-leave"
    CLEAR_LEFTOVER = "clear-leftover"
    OPEN_REVERT = "open-revert"
    KEEP_LEFTOVER = "keep-leftover"
    UPDATE_FORM = "update-form"
    UPDATE_PREVIEW = "update-preview"
    SNOOZE_UPDATE = "snooze-update"
    STATUSPAGE_FORM = "statuspage-form"
    STATUSPAGE_PREVIEW = "statuspage-preview"
    MITIGATED_FORM = "mitigated-form"
    RESOLVE_FORM = "resolve-form"
    KEEP_OPEN = "keep-open"
    REOPEN_FORM = "reopen-form"
    SUSPECTS_FORM = "suspects-form"
    CONFIRM_SUSPECT = "confirm-suspect"
    RULE_OUT_SUSPECT = "rule-out-suspect"
    FACTOR_FORM = "factor-form"
    POSTMORTEM = "postmortem"
    FOLLOW_UP_FORM = "follow-up-form"
    CATCH_UP = "catch-up"
    TIMELINE = "show-timeline"
    CHANGES = "what-changed"
    HELP = "show-help"
    DECLARE_FORM = "declare"
    ADOPT = "adopt"
    DECLARE_FROM_MESSAGE = "declare_from_message"
    NOTE_MESSAGE = "note_message"


def carried(incident: str, value: str = "") -> str:
    """What a button or a form brings back: the incident, and one value of its own."""
    return f"{incident} {value}".strip()


def brought(text: str) -> tuple[str, str]:
    """The incident and the value of `carried`."""
    incident, _, value = text.partition(" ")
    return incident, value
