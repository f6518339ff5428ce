"""What was found in the first minutes, each with its evidence and its age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.change import Suspect, Unasked
from bot.domain.facts import Fact
from bot.domain.mitigation import Measure
from bot.domain.people import Person
from bot.domain.runbook import Match, Step, Verdict
from bot.domain.slo.budget import Budget
from bot.domain.vitals import Reading, Unread


class Question(StrEnum):
    """What triage asks; each is answered or named as not checked."""

    ALERT = "alert"
    SERVICE = "service"
    CHANGES = "changes"
    ERRORS = "errors"
    RUNBOOK = "runbook"
    STANDING = "standing"
    """How what it stands on is doing."""


@dataclass(frozen=True, kw_only=True)
class Finding(Fact, stored="finding"):
    """One answer. `as_of` is the age of the evidence, `link` where to look yourself."""

    question: Question
    text: str
    source: str
    as_of: datetime
    details: tuple[str, ...] = ()
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class NotChecked(Fact, stored="not-checked"):
    question: Question
    source: str
    why: str
    by_hand: str = ""


@dataclass(frozen=True, kw_only=True)
class SuspectsRanked(Fact, stored="suspects-ranked"):
    suspects: tuple[Suspect, ...]
    asked: tuple[str, ...]
    not_checked: tuple[str, ...] = ()
    unasked: tuple[Unasked, ...] = ()
    """The same sources and what others did not see, each with the reason."""
    late: tuple[str, ...] = ()
    """The sources that may tell of a change of just then later."""


@dataclass(frozen=True, kw_only=True)
class ErrorsMeasured(Fact, stored="errors-measured", chatter=True):
    now: Measure
    normal: Measure
    first_bad: datetime | None = None
    recent: tuple[float, ...] = ()
    top: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SamplingBegan(Fact, stored="sampling-began", bookkeeping=True):
    """From now on the objectives are measured (in the house timeline)."""


@dataclass(frozen=True, kw_only=True)
class BudgetsRead(Fact, stored="budgets-read", chatter=True):
    """How the objectives at risk stand; the ones without a budget are left out."""

    budgets: tuple[Budget, ...]


@dataclass(frozen=True, kw_only=True)
class VitalsRead(Fact, stored="vitals-read"):
    """Everything the service stands on, as it was last read; what gave no answer with its reason."""

    readings: tuple[Reading, ...]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunbookFound(Fact, stored="runbook-found"):
    """What the look-up said; with `NONE` the card says that no runbook fits."""

    verdict: Verdict
    matches: tuple[Match, ...]
    query: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunbookTaken(Fact, stored="runbook-taken"):
    """This runbook's steps are the channel's checklist from here on."""

    path: str
    title: str
    steps: tuple[Step, ...]
    by: Person


class StepState(StrEnum):
    TODO = "todo"
    DONE = "done"
    SKIPPED = "skipped"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class StepMarked(Fact, stored="step-marked"):
    path: str
    number: int
    state: StepState
    by: Person
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class StepMissing(Fact, stored="step-missing"):
    """Something the runbook should have said."""

    path: str
    text: str
    by: Person
