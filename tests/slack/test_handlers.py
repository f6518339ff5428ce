"""What people say and press becomes one decision of the flow, or one answer for them alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import Refused
from bot.domain.events import (
    AcknowledgeAsked,
    FactorAdded,
    FollowUpAdded,
    HandoverOffered,
    KeptOpen,
    MitigationApproved,
    MitigationProposed,
    Noted,
    PublicUpdateAsked,
    Resolved,
    ResolveQuestioned,
    RoleGiven,
    SeveritySet,
    StepMarked,
    StepState,
    SuspectsRanked,
    UpdatePosted,
)
from bot.domain.incident import HOUSE
from bot.domain.runbook import Answer, Runbook, Section, Verdict
from bot.slack.actions import Act
from bot.slack.handlers.approve import check as glass_check
from bot.slack.handlers.learning import check as follow_up_check
from bot.slack.handlers.mitigated import check as time_check
from bot.slack.handling import Elsewhere, Reply
from tests.doubles.people import ANA, BEN, MAYA
from tests.slack.gallery import match, suspect
from tests.slack.limits import acts, words
from tests.timeline.ledgers import NOON

SECRET = "found AKIAIOSFODNN7EXAMPLE in the log"


def text(said) -> str:
    assert isinstance(said, Reply)
    return f"{said.text}\n{words(said.blocks)}"


def test_a_sentence_declares(house, front):
    said = front.say("declare lms gives 500 to everybody")
    (row,) = house.store.summaries()
    assert (row.title, row.service) == ("lms gives 500 to everybody", "lms")
    assert house.incident(row.id).wanted_name in text(said)


def test_a_message_becomes_the_first_report(front):
    view = front.opens(Act.DECLARE_FROM_MESSAGE, message_text="uploads\nhang", channel="C0LMS")
    assert view.blocks[0]["element"]["initial_value"] == "uploads hang"
    assert view.carries == f"{HOUSE} C0LMS"


@pytest.mark.parametrize("said", ["note x", "update x", "resolve x", "status", "rollback r141"])
def test_outside_an_incident_a_command_teaches(front, said):
    with pytest.raises(Elsewhere):
        front.say(said)


@pytest.mark.parametrize(("typed", "wrong"), [("lms", []), (" LMS ", []), ("cms", ["typed"])])
def test_another_name_typed_to_go_alone_is_told_in_the_form(typed, wrong):
    assert list(glass_check("m1 lms", {"typed": typed, "reason": "nobody answers"})) == wrong


def test_acknowledging_is_recorded_for_who_pressed(house, front, paged_incident):
    front.press(Act.ACKNOWLEDGE, paged_incident, by=BEN)
    (fact,) = house.facts(paged_incident, AcknowledgeAsked)
    assert fact.by == BEN


def test_a_severity_is_raised_by_one_tap(house, front, paged_incident):
    assert front.opener(Act.SEVERITY, paged_incident, "SEV1") is None
    front.press(Act.SEVERITY, paged_incident, "SEV1")
    assert house.facts(paged_incident, SeveritySet)[0].severity == "SEV1"


def test_lowering_a_severity_opens_the_form_that_asks_why(house, front, paged_incident):
    view = front.opener(Act.SEVERITY, paged_incident, "SEV4")
    assert view is not None
    front.submit(Act.SEVERITY_FORM, paged_incident, {"severity": "SEV4", "reason": "one user"})
    assert house.incident(paged_incident).severity_reason == "one user"


def test_a_severity_that_is_none_is_refused(front, paged_incident):
    with pytest.raises(Refused, match="1, 2, 3 or 4"):
        front.say("severity nine", paged_incident)


def test_a_service_is_named_by_a_button(house, front):
    front.say("declare something is odd")
    (row,) = house.store.summaries()
    front.press(Act.NAME_SERVICE, row.id, "forums staging")
    incident = house.incident(row.id)
    assert (incident.service, incident.environment) == ("forums", "staging")


def test_a_role_is_taken_given_and_handed_over(house, front, paged_incident):
    front.press(Act.TAKE_ROLE, paged_incident, "commander")
    front.say(f"role ic <@{BEN.user_id}|ben>", paged_incident)
    (offered,) = house.facts(paged_incident, HandoverOffered)
    assert offered.person.user_id == BEN.user_id
    front.press(Act.ACCEPT_ROLE, paged_incident, "commander", by=BEN)
    assert house.facts(paged_incident, RoleGiven)[-1].person == BEN


def test_a_role_nobody_knows_is_refused_with_the_list(front, paged_incident):
    with pytest.raises(Refused, match="commander, comms"):
        front.say("role king", paged_incident)


def test_a_secret_in_a_note_is_kept_out_and_its_author_told(house, front, paged_incident):
    said = front.say(f"note {SECRET}", paged_incident)
    (fact,) = house.facts(paged_incident, Noted)
    assert "AKIA" not in fact.text
    assert "rotate it" in text(said)
    assert "AKIA" not in text(said)


def test_who_writes_a_note_hears_that_it_was_taken(front, paged_incident):
    assert "on the timeline" in text(front.say("note the queue grows", paged_incident))


def test_a_bare_command_offers_its_form(front, paged_incident):
    said = front.say("update", paged_incident)
    assert isinstance(said, Reply)
    assert acts(said.blocks) == {Act.UPDATE_FORM}


def test_an_update_in_one_line_says_when_the_next_comes(house, front, paged_incident):
    front.say("update half of the users see errors", paged_incident)
    (fact,) = house.facts(paged_incident, UpdatePosted)
    assert fact.update.next_at is not None


def test_an_update_from_the_form_keeps_its_time(house, front, paged_incident):
    fields = {"impact": "errors", "doing": "looking", "changed": "", "risk": "", "next": "15"}
    front.submit(Act.UPDATE_FORM, paged_incident, fields)
    (fact,) = house.facts(paged_incident, UpdatePosted)
    assert fact.update.next_at == house.clock.now() + timedelta(minutes=15)


def test_the_preview_shows_what_was_typed(front, paged_incident):
    fields = {"impact": "errors <b>", "next": "15"}
    view = front.opens(Act.UPDATE_PREVIEW, paged_incident, fields=fields)
    assert "errors &lt;b&gt;" in words(view.blocks)
    assert view.blocks[0]["element"]["initial_value"] == "errors <b>"


def test_the_next_update_starts_from_the_last_one(front, paged_incident):
    front.say("update half of the users see errors", paged_incident)
    view = front.opens(Act.UPDATE_FORM, paged_incident)
    assert view.blocks[0]["element"]["initial_value"] == "half of the users see errors"


def test_the_rollback_form_proposes_what_is_chosen(house, front, paged_incident):
    view = front.opens(Act.ROLLBACK_FORM, paged_incident)
    radio = next(b["element"] for b in view.blocks if b.get("block_id") == "target")
    assert radio["initial_option"]["value"] == "r141"
    front.submit(Act.ROLLBACK_FORM, paged_incident, {"target": "r141"}, value="lms")
    (fact,) = house.facts(paged_incident, MitigationProposed)
    assert fact.plan.target == "r141"


@pytest.mark.parametrize("said", ["rollback r141", "rollback lms r141", "rollback lms"])
def test_a_rollback_is_proposed_by_name(house, front, paged_incident, said):
    front.say(said, paged_incident)
    (fact,) = house.facts(paged_incident, MitigationProposed)
    assert (fact.plan.service, fact.plan.target) == ("lms", "r141")


def test_a_revision_nobody_knows_is_refused_with_the_list(front, paged_incident):
    with pytest.raises(Refused, match="r141, r140"):
        front.say("rollback r999", paged_incident)


def test_an_approval_is_bound_to_the_plan_on_the_card(house, front, paged_incident):
    front.say("rollback r141", paged_incident)
    (held,) = house.incident(paged_incident).mitigations.values()
    with pytest.raises(Refused, match="another plan"):
        front.press(Act.APPROVE, paged_incident, f"{held.id} 0123456789abcdef")
    front.press(Act.APPROVE, paged_incident, f"{held.id} {held.plan.digest[:16]}")
    assert len(house.facts(paged_incident, MitigationApproved)) == 1


def test_an_approval_without_a_digest_approves_nothing(house, front, paged_incident):
    front.say("rollback r141", paged_incident)
    (held,) = house.incident(paged_incident).mitigations.values()
    with pytest.raises(Refused, match="another plan"):
        front.press(Act.APPROVE, paged_incident, held.id)
    assert house.facts(paged_incident, MitigationApproved) == []


def test_a_second_press_has_no_second_effect(house, front, paged_incident):
    front.say("rollback r141", paged_incident)
    (held,) = house.incident(paged_incident).mitigations.values()
    value = f"{held.id} {held.plan.digest[:16]}"
    front.press(Act.APPROVE, paged_incident, value)
    with pytest.raises(Refused, match="already approved"):
        front.press(Act.APPROVE, paged_incident, value, by=BEN)


def test_a_change_is_declined_with_its_reason(house, front, paged_incident):
    front.say("rollback r141", paged_incident)
    (held,) = house.incident(paged_incident).mitigations.values()
    front.submit(Act.DECLINE_FORM, paged_incident, {"why": "wait"}, by=BEN, value=held.id)
    (declined,) = house.incident(paged_incident).mitigations.values()
    assert (declined.stage, declined.why) == ("declined", "wait")


def test_frozen_mitigations_are_not_proposed(house, front, paged_incident):
    assert "frozen" in text(front.say("freeze-mitigations the database fails over"))
    with pytest.raises(Refused, match="frozen by Ana"):
        front.say("rollback r141", paged_incident)
    front.say("unfreeze-mitigations")
    front.say("rollback r141", paged_incident)
    assert len(house.facts(paged_incident, MitigationProposed)) == 1


def test_freezing_wants_a_reason(front):
    with pytest.raises(Refused, match="Say why"):
        front.say("freeze-mitigations")


def taken(house, front, world, incident: str) -> None:
    section = Section(title="Steps", anchor="steps", level=2, body="1. look\n2. act\n3. wait\n")
    found = Runbook(path="lms.md", title="LMS", body="", sections=(section,))
    world.runbooks.known["lms.md"] = found
    front.press(Act.TAKE_RUNBOOK, incident, "lms.md#steps")


def test_ticks_of_two_people_do_not_undo_each_other(house, front, world, paged_incident):
    taken(house, front, world, paged_incident)
    block = f"ticks-1||{paged_incident}"
    front.press(Act.TICK_STEPS, paged_incident, "1", block=block)
    front.press(Act.TICK_STEPS, paged_incident, "2", by=BEN, block=block)
    done = [(f.number, f.by.name) for f in house.facts(paged_incident, StepMarked)]
    assert done == [(1, "Ana Lima"), (2, "Ben Okafor")]


def test_a_tick_is_taken_back(house, front, world, paged_incident):
    taken(house, front, world, paged_incident)
    front.press(Act.TICK_STEPS, paged_incident, "1,2", block=f"ticks-1||{paged_incident}")
    front.press(Act.TICK_STEPS, paged_incident, "2", block=f"ticks-1|1,2|{paged_incident}")
    states = [t.state for t in house.incident(paged_incident).checklist.steps]
    assert states == [StepState.TODO, StepState.DONE, StepState.TODO]


def test_a_step_is_marked_as_wrong(house, front, world, paged_incident):
    taken(house, front, world, paged_incident)
    front.press(Act.STEP_WRONG, paged_incident, "3")
    assert house.incident(paged_incident).checklist.steps[2].state is StepState.WRONG


def test_a_runbook_is_searched_and_offered_as_the_checklist(front, world, paged_incident):
    world.runbooks.answer = Answer(verdict=Verdict.CONFIDENT, matches=(match(),))
    said = front.say("runbook lms 5xx", paged_incident)
    assert "LMS errors after a deploy" in text(said)
    assert acts(said.blocks) == {Act.TAKE_RUNBOOK}


def test_no_fitting_runbook_is_said(front, paged_incident):
    assert "No runbook fits" in text(front.say("runbook coffee", paged_incident))


def test_resolving_without_proof_wants_a_reason(house, front, paged_incident):
    with pytest.raises(Refused, match="Say why"):
        front.say("resolve it stopped", paged_incident)
    front.say("resolve it stopped because the graphs are flat", paged_incident)
    (fact,) = house.facts(paged_incident, Resolved)
    assert (fact.how, fact.unverified_because) == ("it stopped", "the graphs are flat")


def test_keeping_it_open_is_on_the_record(house, front, paged_incident):
    house.record(paged_incident, ResolveQuestioned(page="Q1"))
    front.press(Act.KEEP_OPEN, paged_incident, "Q1")
    (fact,) = house.facts(paged_incident, KeptOpen)
    assert (fact.page, fact.by) == ("Q1", ANA)
    with pytest.raises(Refused, match="Ana Lima already said"):
        front.press(Act.KEEP_OPEN, paged_incident, "Q1", by=BEN)


def test_the_minute_of_the_end_is_taken_as_said(house, front, paged_incident):
    house.clock.forward(timedelta(minutes=30))
    front.submit(Act.MITIGATED_FORM, paged_incident, {"how": "it stopped", "at": "12:10"})
    assert house.incident(paged_incident).mitigated_at == NOON + timedelta(minutes=10)


def test_a_minute_still_to_come_was_yesterday(house, front, paged_incident):
    front.submit(Act.MITIGATED_FORM, paged_incident, {"how": "it stopped", "at": "23:50"})
    assert house.incident(paged_incident).mitigated_at == NOON - timedelta(hours=12, minutes=10)


@pytest.mark.parametrize(
    ("at", "wrong"), [("", []), ("3:05", []), ("25:00", ["at"]), ("x", ["at"])]
)
def test_a_time_that_is_none_is_told_in_the_form(at, wrong):
    assert list(time_check("", {"at": at})) == wrong


def test_a_suspect_is_ruled_out(house, front, paged_incident):
    house.record(paged_incident, SuspectsRanked(suspects=(suspect(1),), asked=("Argo CD",)))
    front.press(Act.RULE_OUT_SUSPECT, paged_incident, "lms-1")
    assert house.incident(paged_incident).verdicts["lms-1"].verdict == "ruled out"


def test_a_factor_is_added(house, front, paged_incident):
    front.say("factor no test reads the column", paged_incident)
    assert len(house.facts(paged_incident, FactorAdded)) == 1


def test_a_follow_up_has_an_owner_a_date_and_an_end(house, front, paged_incident):
    front.say("follow-up Check columns in CI, done when a bad deploy fails there", paged_incident)
    (fact,) = house.facts(paged_incident, FollowUpAdded)
    assert fact.follow_up.title == "Check columns in CI"
    assert fact.follow_up.owner == ANA.user_id
    assert fact.follow_up.due is not None


def test_a_follow_up_without_an_end_asks_for_it(house, front, paged_incident):
    said = front.say("follow-up Check columns in CI", paged_incident)
    assert acts(said.blocks) == {Act.FOLLOW_UP_FORM}
    assert house.facts(paged_incident, FollowUpAdded) == []


def test_a_vague_follow_up_is_told_in_the_form():
    assert list(follow_up_check("", {"title": "Improve monitoring"})) == ["title"]
    assert follow_up_check("", {"title": "Alert on a missing column"}) == {}


def test_the_status_page_form_is_drafted_and_posted(house, front, paged_incident):
    view = front.opens(Act.STATUSPAGE_FORM, paged_incident)
    assert "1204 subscribers" in words(view.blocks)
    front.press(Act.TAKE_ROLE, paged_incident, "comms", by=MAYA)
    fields = {"title": "Errors", "body": "We look", "next": "30", "component-c1": "major_outage"}
    status = view.carries.split()[1]
    front.submit(Act.STATUSPAGE_FORM, paged_incident, fields, by=MAYA, value=status)
    (fact,) = house.facts(paged_incident, PublicUpdateAsked)
    assert (fact.update.notify, fact.update.components[0].id) == (False, "c1")


def test_another_status_starts_from_its_own_template(front, paged_incident):
    first = front.opens(Act.STATUSPAGE_FORM, paged_incident, "investigating")
    other = front.opens(Act.STATUSPAGE_FORM, paged_incident, "monitoring")
    assert {b.get("block_id") for b in first.blocks} & {
        b.get("block_id") for b in other.blocks
    } == {
        None,
        "next",
        "notify",
    }
