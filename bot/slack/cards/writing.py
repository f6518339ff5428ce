"""The forms in which people write down a line: what happened, was done, came back, is missing, began."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.incident import Incident
from bot.slack.actions import Act, carried
from bot.slack.blocks import Block, View, answer, clip, escape, section, write


@dataclass(frozen=True)
class _Line:
    """What is on the form, from top to bottom."""

    title: str
    asks: str
    submit: str
    hint: str = ""


_LINES = {
    Act.NOTE_FORM: _Line("Note", "What happened, what did you see?", "Keep the note"),
    Act.DECIDE_FORM: _Line("Decision", "What was decided, and why?", "Keep the decision"),
    Act.DID_FORM: _Line(
        "Done by hand",
        "What did you do?",
        "Verify the fix",
        "The error rate is watched from here on, as after a rollback of ours.",
    ),
    Act.REOPEN_FORM: _Line("Reopen the incident", "What came back?", "Reopen the incident"),
    Act.FACTOR_FORM: _Line(
        "Contributing factor",
        "A condition that let this happen, or made it worse",
        "Add the factor",
        "A condition, not a person: “no alert covered …”, “the migration is not checked …”.",
    ),
    Act.STEP_MISSING_FORM: _Line(
        "Missing step", "What should the runbook have said?", "Mark what is missing"
    ),
    Act.RUNBOOK_FORM: _Line(
        "Search the runbooks", "What are you looking for?", "Search the runbooks"
    ),
}


def line(act: Act, incident: Incident, *, text: str = "") -> View:
    """`text` stands in it already."""
    asked = _LINES[act]
    written = write("text", initial=text, lines=True, limit=2000)
    return _form(
        act, incident, asked.title, asked.submit, answer(asked.asks, written, hint=asked.hint)
    )


def mitigated(incident: Incident) -> View:
    """The true minute, where somebody knows it better than now."""
    return _form(
        Act.MITIGATED_FORM,
        incident,
        "Users are well again",
        "Mark it as mitigated",
        answer("What ended it?", write("how", lines=True, limit=1000)),
        answer("Since when? (HH:MM, UTC)", _time(), optional=True, hint="Leave it empty for now."),
    )


def start(incident: Incident) -> View:
    return _form(
        Act.START_FORM,
        incident,
        "Correct the start",
        "Correct the start",
        answer("Since when are users hit? (HH:MM, UTC)", _time()),
    )


def _time() -> Block:
    return write("at", placeholder="03:12", limit=5)


def _form(act: Act, incident: Incident, title: str, submit: str, *answers: Block) -> View:
    return View(
        name=act,
        title=title,
        submit=submit,
        carries=carried(incident.id),
        blocks=(section(f"*{escape(clip(incident.title, 200))}*"), *answers),
    )
