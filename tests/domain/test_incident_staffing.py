"""Severity, roles, what people mark and write, and who may see it."""

from __future__ import annotations

import pytest

from bot.domain.errors import Refused
from bot.domain.events import (
    Declared,
    Joined,
    MarkedMessageDeleted,
    MarkedMessageEdited,
    MarkRemoved,
    MessageMarked,
    NoteKind,
    Role,
    Visibility,
)
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.domain.severity import Proposal, Severity
from tests.domain.incidents import incident
from tests.doubles.people import ANA, BEN, GUS, KENJI, OLA
from tests.timeline.ledgers import NOON


def proposal(severity: Severity) -> Proposal:
    return Proposal(severity=severity, reason="tier 1")


def mark(by: Person, emoji: str = "pushpin") -> MessageMarked:
    return MessageMarked(ts="9.1", text="r142 is bad", author=KENJI, by=by, emoji=emoji)


def test_lowering_the_severity_needs_a_reason() -> None:
    i = incident()
    i.set_severity(Severity.SEV1, by=ANA)
    with pytest.raises(Refused, match="Lowering from SEV1 to SEV3 needs a reason"):
        i.set_severity(Severity.SEV3, by=ANA, reason="  ")
    i.set_severity(Severity.SEV3, by=ANA, reason="one tenant only")
    assert (i.severity, i.severity_reason) == (Severity.SEV3, "one tenant only")


def test_raising_the_severity_needs_none() -> None:
    i = incident()
    i.propose_severity(proposal(Severity.SEV3))
    i.set_severity(Severity.SEV1, by=ANA)
    assert i.severity is Severity.SEV1


def test_confirming_the_proposed_severity_makes_it_a_persons() -> None:
    i = incident()
    i.propose_severity(proposal(Severity.SEV2))
    i.set_severity(Severity.SEV2, by=ANA)
    with pytest.raises(Refused, match="already SEV2"):
        i.set_severity(Severity.SEV2, by=BEN)


def test_a_proposal_never_overrides_a_person() -> None:
    i = incident()
    i.set_severity(Severity.SEV4, by=ANA)
    i.propose_severity(proposal(Severity.SEV1))
    assert i.severity is Severity.SEV4


def test_a_free_role_is_taken_at_once() -> None:
    i = incident()
    i.give_role(Role.COMMANDER, ANA, by=ANA)
    assert i.commander == ANA


def test_a_hand_over_counts_when_it_is_accepted() -> None:
    i = incident()
    i.give_role(Role.COMMANDER, ANA, by=ANA)
    i.give_role(Role.COMMANDER, BEN, by=ANA)
    assert i.commander == ANA
    i.accept_handover(Role.COMMANDER, by=BEN)
    assert i.commander == BEN
    assert i.handovers == {}


def test_nobody_else_accepts_a_hand_over() -> None:
    i = incident()
    i.give_role(Role.COMMANDER, ANA, by=ANA)
    i.give_role(Role.COMMANDER, BEN, by=ANA)
    with pytest.raises(Refused, match="Only Ben Okafor"):
        i.accept_handover(Role.COMMANDER, by=KENJI)


def test_a_declined_hand_over_leaves_the_role_where_it_was() -> None:
    i = incident()
    i.give_role(Role.COMMANDER, ANA, by=ANA)
    i.give_role(Role.COMMANDER, BEN, by=ANA)
    i.decline_handover(Role.COMMANDER, by=BEN)
    assert (i.commander, i.handovers) == (ANA, {})


def test_a_guest_takes_no_role() -> None:
    with pytest.raises(Refused, match="guest"):
        incident().give_role(Role.SCRIBE, GUS, by=ANA)


def test_a_mark_is_gone_when_the_last_one_takes_it_back() -> None:
    i = incident()
    i.record(mark(ANA))
    i.record(mark(BEN, "star"))
    i.record(MarkRemoved(ts="9.1", by=ANA))
    assert i.marks["9.1"].by == (BEN,)
    i.record(MarkRemoved(ts="9.1", by=BEN))
    assert i.marks == {}


def test_a_mark_follows_edits_and_keeps_what_was_deleted() -> None:
    i = incident()
    i.record(mark(ANA))
    i.record(MarkedMessageEdited(ts="9.1", text="r142 reads a missing column"))
    i.record(MarkedMessageDeleted(ts="9.1"))
    held = i.marks["9.1"]
    assert (held.text, held.edited, held.deleted) == ("r142 reads a missing column", True, True)


def test_news_of_an_unmarked_message_changes_nothing() -> None:
    i = incident()
    i.record(MarkedMessageEdited(ts="1.0", text="x"))
    i.record(MarkRemoved(ts="1.0", by=ANA))
    assert i.marks == {}


def test_an_empty_note_is_refused() -> None:
    with pytest.raises(Refused):
        incident().note("  ", by=ANA, kind=NoteKind.NOTE)


def test_a_public_incident_is_seen_by_members_and_guests_but_not_by_outsiders() -> None:
    i = incident()
    assert (i.visible_to(ANA), i.visible_to(GUS), i.visible_to(OLA)) == (True, True, False)


def test_an_outsider_sees_what_they_are_in() -> None:
    i = incident()
    i.record(Joined(person=OLA))
    assert i.visible_to(OLA)


def test_a_private_incident_is_seen_by_those_who_are_in_it() -> None:
    i = Incident(id="i2", now=NOON)
    i.record(Declared(title="leak", channel_name="inc-y", visibility=Visibility.PRIVATE))
    i.record(Joined(person=ANA))
    assert (i.visible_to(ANA), i.visible_to(BEN)) == (True, False)


def test_the_same_id_in_another_workspace_is_somebody_else() -> None:
    i = Incident(id="i2", now=NOON)
    i.record(Declared(title="leak", channel_name="inc-y", visibility=Visibility.PRIVATE))
    i.record(Joined(person=ANA))
    forged = Person(user_id=ANA.user_id, team_id="T0OTHER", name=ANA.name)
    assert not i.visible_to(forged)
