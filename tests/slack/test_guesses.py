"""A guess is seen as one, with its reason; one tap puts it right, and the card says who did."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import Refused
from bot.domain.events import ServiceNamed, SeveritySet, StartEstimated
from bot.slack.actions import Act, brought
from bot.slack.cards.incident import Surroundings
from bot.slack.cards.incident import card as incident_card
from tests.doubles.pages import page, paged
from tests.doubles.people import ANA, BEN, MAYA
from tests.slack.limits import words, wrong_message, wrong_view
from tests.timeline.ledgers import NOON

GUESS = "_a guess_"


@pytest.fixture
def declared(house, front) -> str:
    """Said in one sentence: service, severity and start are guessed."""
    front.say("declare lms gives 500 to everybody", by=MAYA)
    (row,) = house.store.summaries()
    house.channel(row.id)
    house.work()
    return row.id


def card(house, incident: str):
    found = incident_card(house.incident(incident), Surroundings(now=house.clock.now()))
    assert wrong_message(found) == []
    return found


def line(house, incident: str, act: str):
    """The block of the card on which this guess stands, if it does."""
    blocks = (b for b in card(house, incident).blocks if b.get("accessory"))
    return next((b for b in blocks if b["accessory"]["action_id"] == act), None)


def choices(block) -> dict[str, str]:
    """What can be chosen there: label → what the press brings back."""
    options = block["accessory"]["options"]
    return {o["text"]["text"]: brought(o["value"])[1] for o in options}


def test_each_guess_stands_on_its_own_line_with_its_reason(house, declared):
    said = [
        line(house, declared, act)["text"]["text"]
        for act in (Act.SEVERITY, Act.NAME_SERVICE, Act.START)
    ]
    assert said == [
        f"*Severity* SEV1, {GUESS}: tier 1 service; declared by a person: uncertain goes up one step",
        f"*Service* lms in production, {GUESS}: the sentence says “lms”,"
        " production because it names no environment",
        f"*Start* 12:00 UTC, {GUESS}: the time of the declaration",
    ]


def test_the_guessed_service_offers_itself_the_nearest_three_and_the_form(front, house, declared):
    found = choices(line(house, declared, Act.NAME_SERVICE))
    assert found["lms is right"] == "lms production"
    assert len([label for label in found if label.startswith("It is ")]) == 3
    assert found["Another service or environment…"] == ""
    assert front.opener(Act.NAME_SERVICE, declared, "lms production") is None
    assert wrong_view(front.opens(Act.NAME_SERVICE, declared)) == []


def test_one_tap_changes_the_guessed_service_and_says_who_did(house, front, declared):
    wanted = choices(line(house, declared, Act.NAME_SERVICE))["It is auth"]
    front.press(Act.NAME_SERVICE, declared, wanted, by=BEN)
    assert house.incident(declared).service == "auth"
    assert line(house, declared, Act.NAME_SERVICE) is None
    assert f"auth in production, named by {BEN.mention}" in words(card(house, declared).blocks)


def test_one_tap_makes_a_right_guess_a_fact(house, front, declared):
    front.press(Act.NAME_SERVICE, declared, "lms production", by=BEN)
    assert line(house, declared, Act.NAME_SERVICE) is None
    assert f"named by {BEN.mention}" in words(card(house, declared).blocks)


def test_a_second_press_on_a_service_is_refused(house, front, declared):
    front.press(Act.NAME_SERVICE, declared, "auth production", by=BEN)
    with pytest.raises(Refused, match="already auth in production"):
        front.press(Act.NAME_SERVICE, declared, "auth production")
    assert len(house.facts(declared, ServiceNamed)) == 1


def test_an_unknown_service_is_named_on_the_card_too(house, front):
    incident = paged(house, page("Q9", "PNEW", title="forum is slow"))
    block = line(house, incident, Act.NAME_SERVICE)
    assert "not known yet: no mapping rule knows this page" in block["text"]["text"]
    front.press(Act.NAME_SERVICE, incident, choices(block)["It is forums"])
    assert house.incident(incident).service == "forums"


def test_a_service_that_a_rule_named_is_no_guess(house, paged_incident):
    assert line(house, paged_incident, Act.NAME_SERVICE) is None


def test_the_guessed_start_offers_earlier_moments_and_the_form(front, house, declared):
    found = choices(line(house, declared, Act.START))
    assert [label.split(": ")[1] for label in found if ": " in label] == [
        "is right",
        "5 min earlier",
        "15 min earlier",
        "30 min earlier",
        "1 h earlier",
    ]
    assert found["11:45 UTC: 15 min earlier"] == (NOON - timedelta(minutes=15)).isoformat()
    assert wrong_view(front.opens(Act.START, declared)) == []


def test_one_tap_changes_the_guessed_start_and_says_who_did(house, front, declared):
    wanted = choices(line(house, declared, Act.START))["11:30 UTC: 30 min earlier"]
    assert front.opener(Act.START, declared, wanted) is None
    house.clock.forward(timedelta(minutes=9))
    front.press(Act.START, declared, wanted, by=BEN)
    assert house.incident(declared).impact_start == NOON - timedelta(minutes=30)
    assert line(house, declared, Act.START) is None
    said = words(card(house, declared).blocks)
    assert f"since 11:30 UTC (said by {BEN.mention})" in said


def test_a_second_press_on_a_start_is_refused(house, front, declared):
    wanted = (NOON - timedelta(minutes=30)).isoformat()
    front.press(Act.START, declared, wanted, by=BEN)
    with pytest.raises(Refused, match="Ben Okafor already said 11:30 UTC"):
        front.press(Act.START, declared, wanted)
    assert len([f for f in house.facts(declared, StartEstimated) if f.by]) == 1


def test_an_estimate_never_overrides_what_a_person_said(house, front, declared):
    front.say("since 11:40", declared, by=BEN)
    early = NOON - timedelta(hours=2)
    house.record(declared, StartEstimated(start=early, how="the first bad minute", measured=True))
    incident = house.incident(declared)
    assert (incident.impact_start, incident.started_by) == (NOON - timedelta(minutes=20), BEN)


def test_the_page_is_offered_as_the_start_where_the_alert_began_earlier(house):
    incident = paged(house)
    began = NOON - timedelta(minutes=7)
    house.record(incident, StartEstimated(start=began, how="the alert's own start"))
    found = choices(line(house, incident, Act.START))
    assert "12:00 UTC: when the page came" in found
    assert "*Start* 11:53 UTC, _a guess_: the alert's own start" in words(
        card(house, incident).blocks
    )


def test_a_measured_start_is_no_guess(house, paged_incident):
    seen = StartEstimated(start=NOON - timedelta(minutes=6), how="seen", measured=True)
    house.record(paged_incident, seen)
    assert line(house, paged_incident, Act.START) is None
    assert "since 11:54 UTC" in words(card(house, paged_incident).blocks)


def test_a_start_that_the_sentence_says_is_no_guess(house, front):
    front.say("declare lms is slow since 11:20", by=MAYA)
    (row,) = house.store.summaries()
    assert line(house, row.id, Act.START) is None
    assert f"since 11:20 UTC (said by {MAYA.mention})" in words(card(house, row.id).blocks)


def test_a_start_across_midnight_shows_its_date(house, front, declared):
    front.say("since 23:50", declared)
    assert "since 2026-03-01 23:50 UTC" in words(card(house, declared).blocks)


@pytest.mark.parametrize("said", ["soon", "25:00"])
def test_a_start_that_is_no_time_is_refused(front, declared, said):
    with pytest.raises(Refused, match="looks like 03:12"):
        front.say(f"since {said}", declared)


def test_the_form_corrects_the_start_and_its_check_knows_times(house, front, declared):
    front.submit(Act.START_FORM, declared, {"at": "11:10"}, by=BEN)
    assert house.incident(declared).impact_start == NOON - timedelta(minutes=50)
    (handled,) = [h for h in front.book.entries if h.name == Act.START_FORM and h.kind == "form"]
    assert list(handled.check("", {"at": "later"})) == ["at"]


def test_a_severity_that_somebody_set_says_who_and_why(house, front, paged_incident):
    assert f"*Severity* SEV2, {GUESS}: " in words(card(house, paged_incident).blocks)
    front.press(Act.SEVERITY, paged_incident, "SEV1", by=BEN)
    said = line(house, paged_incident, Act.SEVERITY)["text"]["text"]
    assert said == f"*Severity* SEV1, set by {BEN.mention}"
    fields = {"severity": "SEV3", "reason": "one region"}
    front.submit(Act.SEVERITY_FORM, paged_incident, fields, by=ANA)
    said = line(house, paged_incident, Act.SEVERITY)["text"]["text"]
    assert said == f"*Severity* SEV3, set by {ANA.mention}: one region"
    assert len(house.facts(paged_incident, SeveritySet)) == 2


def test_what_a_menu_shows_is_part_of_its_blocks_id(house, front, declared):
    """Slack keeps what somebody chose in a block for as long as its id stays."""
    before = line(house, declared, Act.SEVERITY)["block_id"]
    front.submit(Act.SEVERITY_FORM, declared, {"severity": "SEV2", "reason": "few are hit"})
    assert line(house, declared, Act.SEVERITY)["block_id"] != before


def test_what_is_over_is_not_guessed_at(house, front, declared):
    front.say("resolve it stopped because the graphs are flat", declared)
    assert [line(house, declared, a) for a in (Act.NAME_SERVICE, Act.SEVERITY, Act.START)] == [
        None,
        None,
        None,
    ]
