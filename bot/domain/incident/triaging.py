"""What was found out, what was not checked, and the runbook that is being worked through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.change import Change, Suspect, Unasked
from bot.domain.errors import Refused
from bot.domain.events import (
    BudgetsRead,
    ErrorsMeasured,
    Finding,
    NotChecked,
    Question,
    RunbookFound,
    RunbookTaken,
    SamplingBegan,
    ServiceNamed,
    StepMarked,
    StepMissing,
    StepState,
    SuspectJudged,
    SuspectsRanked,
    SuspectVerdict,
    VitalsRead,
)
from bot.domain.facts import Entry
from bot.domain.incident.staffing import Staffed
from bot.domain.people import Person
from bot.domain.runbook import Step, Verdict
from bot.domain.slo import Budget


@dataclass(frozen=True, kw_only=True)
class Ticked:
    """A step of the checklist and what became of it."""

    step: Step
    state: StepState = StepState.TODO
    by: Person | None = None
    at: datetime | None = None
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class Checklist:
    path: str
    title: str
    steps: tuple[Ticked, ...]
    missing: tuple[str, ...] = ()
    taken_by: Person | None = None


@dataclass(kw_only=True)
class Triaged(Staffed):
    findings: Mapping[Question, Finding | NotChecked] = field(default_factory=dict)
    suspects: tuple[Suspect, ...] = ()
    changes_asked: tuple[str, ...] = ()
    changes_missing: tuple[str, ...] = ()
    """The sources that gave no answer, by name."""
    changes_not_checked: tuple[str, ...] = ()
    """The same in words, each with its reason."""
    changes_unasked: tuple[Unasked, ...] = ()
    changes_late: tuple[str, ...] = ()
    """The sources that tell of a change late."""
    verdicts: Mapping[str, SuspectJudged] = field(default_factory=dict)
    errors: ErrorsMeasured | None = None
    vitals: VitalsRead | None = None
    budgets: tuple[Budget, ...] = ()
    sampling: bool = False
    """Of the house: the objectives are measured."""
    runbook: RunbookFound | None = None
    checklist: Checklist | None = None

    def apply(self, entry: Entry) -> None:
        super().apply(entry)
        match entry.fact:
            case Finding() | NotChecked() as answer:
                self.findings = {**self.findings, answer.question: answer}
            case ServiceNamed():
                # Another service may stand on nothing that is measured: nothing would replace it.
                self.vitals, self.budgets = None, ()
            case SuspectsRanked() as ranked:
                self._ranked(ranked)
            case SuspectJudged() as judged:
                others = {c: v for c, v in self.verdicts.items() if c != judged.change}
                self.verdicts = {**others, judged.change: judged}
            case ErrorsMeasured() as measured:
                self.errors = measured
            case BudgetsRead(budgets=budgets):
                self.budgets = budgets
            case SamplingBegan():
                self.sampling = True
            case VitalsRead() as vitals:
                self.vitals = vitals
            case RunbookFound() as found:
                self.runbook = found
            case RunbookTaken(path=path, title=title, steps=steps, by=by):
                ticks = tuple(Ticked(step=step) for step in steps)
                self.checklist = Checklist(path=path, title=title, steps=ticks, taken_by=by)
            case StepMarked() as marked:
                self._step(marked, entry.when)
            case StepMissing(text=text) if self.checklist:
                missing = (*self.checklist.missing, text)
                self.checklist = replace(self.checklist, missing=missing)

    def _ranked(self, ranked: SuspectsRanked) -> None:
        self.suspects, self.changes_asked = ranked.suspects, ranked.asked
        self.changes_missing, self.changes_late = ranked.not_checked, ranked.late
        self.changes_unasked = ranked.unasked
        worded = tuple(str(each) for each in ranked.unasked)
        self.changes_not_checked = worded or ranked.not_checked

    def _step(self, marked: StepMarked, at: datetime) -> None:
        held = self.checklist
        if held is None or held.path != marked.path:
            return
        steps = tuple(
            Ticked(step=t.step, state=marked.state, by=marked.by, at=at, remark=marked.remark)
            if t.step.number == marked.number
            else t
            for t in held.steps
        )
        self.checklist = replace(held, steps=steps)

    @property
    def without_runbook(self) -> str:
        """What no runbook fitted, in the words that were asked; empty where one did or was opened."""
        asked = self.runbook
        if asked is None or asked.verdict is not Verdict.NONE or self.checklist is not None:
            return ""
        return asked.query

    def take_runbook(self, path: str, title: str, steps: tuple[Step, ...], *, by: Person) -> None:
        if self.checklist and self.checklist.path == path:
            raise Refused(f"“{title}” already is this channel's checklist.")
        self.record(RunbookTaken(path=path, title=title, steps=steps, by=by))

    def mark_step(self, number: int, state: StepState, *, by: Person, remark: str = "") -> None:
        """Ticking what is ticked changes nothing: the first name stays."""
        if self.checklist is None:
            raise Refused("No runbook is open here: pick one first.")
        held = next((t for t in self.checklist.steps if t.step.number == number), None)
        if held is None:
            raise Refused(f"The runbook has no step {number}.")
        if held.state is state:
            return
        self.record(
            StepMarked(path=self.checklist.path, number=number, state=state, by=by, remark=remark)
        )

    def mark_missing(self, text: str, *, by: Person) -> None:
        if self.checklist is None:
            raise Refused("No runbook is open here: pick one first.")
        self.record(StepMissing(path=self.checklist.path, text=text, by=by))

    def judge(self, change: str, verdict: SuspectVerdict, *, by: Person, why: str = "") -> None:
        suspect = next((s for s in self.suspects if change in s.change.ids), None)
        known = self.judged(suspect.change) if suspect else self.verdicts.get(change)
        if known and known.verdict is verdict:
            raise Refused(f"{known.by.name} already marked it as {verdict}.")
        if suspect is None:
            raise Refused("That change is not among the suspects of this incident.")
        self.record(SuspectJudged(change=suspect.change.id, verdict=verdict, by=by, why=why))

    def judged(self, change: Change) -> SuspectJudged | None:
        """The newest verdict on it, under whichever id it was seen when it was given."""
        given = [each for each in self.verdicts.values() if each.change in change.ids]
        return given[-1] if given else None
