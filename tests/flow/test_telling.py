"""Each fact is told in one line, or it is silent on purpose."""

from __future__ import annotations

import ast
import inspect

from bot.domain.events import Noted, NoteKind
from bot.domain.facts import Entry, Withheld
from bot.domain.incident import Incident
from bot.flow import telling
from tests.doubles.people import ANA
from tests.golden.names import fact_kinds
from tests.timeline.ledgers import NOON

SILENT = {
    # Numbers of a minute: the card shows the newest, the postmortem what they came to.
    "BudgetsRead",
    # The fact after it tells what came of it.
    "AcknowledgeAsked",
    "LeftoverClearAsked",
    "LeftoverKeepAsked",
    "MitigationPreparing",
    "PostmortemAsked",
    "RevertAsked",
    "ResolveQuestioned",
    "PublicUpdateSuggested",
    # A follow-on of what is told already, or only of use on the card.
    "ErrorsMeasured",
    "Invited",
    "Joined",
    "MarkRemoved",
    "MarkedMessageDeleted",
    "MarkedMessageEdited",
    "MitigationProgressed",
    "OnCallFound",
    "PageDetailChanged",
    "PagedNowRead",
    "RoleLeft",
    "RunbookFound",
    "SuspectsRanked",
    "VitalsRead",
    "WatchProgressed",
    "WorkResumed",
    # Of the house, not of an incident.
    "BaselineTaken",
    "HouseOpened",
    "PageAdopted",
}


def told() -> set[str]:
    """The classes that telling.py has a case for."""
    tree = ast.parse(inspect.getsource(telling))
    cases = (node.cls for node in ast.walk(tree) if isinstance(node, ast.MatchClass))
    return {ast.unparse(cls).removeprefix("e.") for cls in cases}


def test_every_fact_is_told_or_silent_on_purpose() -> None:
    forgotten = {
        kind.__name__
        for kind in fact_kinds()
        if not kind.bookkeeping and kind.__name__ not in told() | SILENT
    }
    assert forgotten == set()


def test_nothing_is_both_told_and_silent() -> None:
    assert told() & SILENT == set()


def test_bookkeeping_is_never_told() -> None:
    assert {kind.__name__ for kind in fact_kinds() if kind.bookkeeping} & told() == set()


def line(fact: object) -> str:
    entry = Entry(incident="i1", seq=1, at=NOON, fact=fact)  # type: ignore[arg-type]
    said = telling.tell(entry, Incident(id="i1"))
    return said.text if said else ""


def test_a_note_is_told_with_its_author() -> None:
    noted = Noted(id="n1", kind=NoteKind.ACTION, text="restarted the pods", by=ANA)
    assert line(noted) == "Ana Lima did: restarted the pods"


def test_what_was_redacted_leaves_its_place() -> None:
    assert line(Withheld(name="noted")) == "[redacted: noted]"
