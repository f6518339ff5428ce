"""The one-line forms: something happened, was done, was decided, came back or is missing."""

from __future__ import annotations

from bot.domain.incident import Incident
from bot.slack.actions import Act, carried
from bot.slack.blocks import View, answer, clip, escape, section, write


def note(incident: Incident, *, text: str = "") -> View:
    return _lines(
        incident,
        Act.NOTE_FORM,
        title="Note",
        submit="Keep the note",
        label="What happened, what did you see?",
        initial=text,
    )


def decide(incident: Incident) -> View:
    return _lines(
        incident,
        Act.DECIDE_FORM,
        title="Decision",
        submit="Keep the decision",
        label="What was decided, and why?",
    )


def did(incident: Incident) -> View:
    return _lines(
        incident,
        Act.DID_FORM,
        title="Done by hand",
        submit="Verify the fix",
        label="What did you do?",
        hint="The error rate is watched from here on, as after a rollback of ours.",
    )


def reopen(incident: Incident) -> View:
    return _lines(
        incident,
        Act.REOPEN_FORM,
        title="Reopen the incident",
        submit="Reopen the incident",
        label="What came back?",
    )


def factor(incident: Incident) -> View:
    return _lines(
        incident,
        Act.FACTOR_FORM,
        title="Contributing factor",
        submit="Add the factor",
        label="A condition that let this happen, or made it worse",
        hint="A condition, not a person: “no alert covered …”, “the migration is not checked …”.",
    )


def missing(incident: Incident) -> View:
    return _lines(
        incident,
        Act.STEP_MISSING_FORM,
        title="Missing step",
        submit="Mark what is missing",
        label="What should the runbook have said?",
    )


def search(incident: Incident) -> View:
    return _lines(
        incident,
        Act.RUNBOOK_FORM,
        title="Search the runbooks",
        submit="Search the runbooks",
        label="What are you looking for?",
        initial=incident.title,
    )


def mitigated(incident: Incident) -> View:
    """The true minute, where somebody knows it better than now."""
    return View(
        name=Act.MITIGATED_FORM,
        title="Users are well again",
        submit="Mark it as mitigated",
        carries=carried(incident.id),
        blocks=(
            section(f"*{escape(clip(incident.title, 200))}*"),
            answer("What ended it?", write("how", lines=True, limit=1000)),
            answer(
                "Since when? (HH:MM, UTC)",
                write("at", placeholder="03:12", limit=5),
                optional=True,
                hint="Leave it empty for now.",
            ),
        ),
    )


def _lines(
    incident: Incident, name: Act, *, title: str, submit: str, label: str, **more: str
) -> View:
    return View(
        name=name,
        title=title,
        submit=submit,
        carries=carried(incident.id),
        blocks=(
            section(f"*{escape(clip(incident.title, 200))}*"),
            answer(
                label,
                write("text", initial=more.get("initial", ""), lines=True, limit=2000),
                hint=more.get("hint", ""),
            ),
        ),
    )
