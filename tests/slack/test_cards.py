"""Every message and every form keeps Slack's limits, at every stage and under strain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.events import BaselineTaken
from bot.domain.incident import HOUSE, Incident
from bot.domain.mitigation import Offer
from bot.domain.runbook import Answer, Verdict
from bot.domain.severity import Severity
from bot.domain.update import ComponentState, PublicStatus, PublicUpdate
from bot.flow.communicate import PublicDraft
from bot.slack.actions import Act
from bot.slack.blocks import Message, View
from bot.slack.cards import changing, elsewhere, listing, public, runbook
from bot.slack.cards import home as home_card
from bot.slack.cards import mitigation as mitigation_card
from bot.slack.cards.incident import Surroundings
from bot.slack.cards.incident import card as incident_card
from bot.slack.handling import Home, Reply
from tests.doubles.pages import held, page
from tests.doubles.people import ANA, BEN, KENJI, RITA
from tests.slack.gallery import LONG, match, stages
from tests.slack.limits import acts, wrong_message, wrong_view
from tests.timeline.ledgers import NOON

STAGES = ("alert", "triage", "proposed", "high risk", "analysis", "resolved", "strained")
SAYINGS = (
    "help", "list", "status", "catchup", "timeline", "leftovers", "runbook lms", "", "declare",
    "note", "did", "decide", "update", "statuspage", "severity", "service", "role", "rollback",
    "mitigated", "resolve", "reopen", "suspects", "factor", "follow-up Add a check",
)  # fmt: skip
FORMS = (
    Act.MENU, Act.NOTE_FORM, Act.DECIDE_FORM, Act.DID_FORM, Act.SERVICE_FORM, Act.SEVERITY_FORM,
    Act.ROLE_FORM, Act.RUNBOOK_FORM, Act.STEP_MISSING_FORM, Act.UPDATE_FORM, Act.STATUSPAGE_FORM,
    Act.MITIGATED_FORM, Act.RESOLVE_FORM, Act.REOPEN_FORM, Act.SUSPECTS_FORM, Act.FACTOR_FORM,
    Act.FOLLOW_UP_FORM, Act.CATCH_UP, Act.TIMELINE, Act.DECLARE_FORM,
)  # fmt: skip


@pytest.fixture
def incidents(house, front, production) -> dict[str, Incident]:
    return {name: house.incident(one) for name, one in stages(house, front, production).items()}


def test_the_gallery_is_as_it_says(incidents):
    stage = {name: incident.stage.value for name, incident in incidents.items()}
    assert stage["alert"] == "alert"
    assert stage["triage"] == "triage"
    assert stage["proposed"] == stage["high risk"] == "mitigation"
    assert stage["analysis"] == "root cause analysis"
    assert stage["resolved"] == "resolved"


def test_every_card_keeps_the_limits(incidents):
    around = Surroundings(now=NOON + timedelta(hours=1), switched_off=("New Relic",))
    wrong = {}
    for name, incident in incidents.items():
        cards = [incident_card(incident, around), runbook.card(incident)]
        cards += [
            mitigation_card.card(incident, one, could_approve=[ANA, BEN])
            for one in incident.mitigations.values()
        ]
        wrong |= {(name, c.text): found for c in cards if (found := wrong_message(c))}
    assert wrong == {}


@pytest.mark.parametrize("said", SAYINGS)
def test_every_answer_keeps_the_limits(incidents, front, said):
    for incident in incidents.values():
        reply = front.say(said, incident.id)
        assert isinstance(reply, Reply)
        assert wrong_message(Message(text=reply.text, blocks=reply.blocks)) == []


@pytest.mark.parametrize("act", FORMS)
def test_every_form_keeps_the_limits(incidents, front, act):
    for incident in incidents.values():
        view = front.opens(act, incident.id)
        assert wrong_view(view) == []
        assert wrong_view(replace(view, fill=None)) == []


def test_the_rollback_form_keeps_the_limits_with_many_long_revisions(incidents):
    offers = [
        Offer(
            mitigation="rollback",
            target="0123456789abcdef" * 20,
            title=LONG,
            label=f"r{n}",
            image=f"registry.demo.example/lms:r{n}",
            message=LONG,
            author=LONG,
            warning=LONG,
        )
        for n in range(40)
    ]
    services = ["lms", "auth", "forums", "grading", "notes"]
    view = changing.rollback(incidents["triage"], "lms", offers, others=services, now=NOON)
    assert wrong_view(view) == []


@pytest.mark.parametrize("offers", [[], None])
def test_the_rollback_form_says_when_there_is_nothing_to_go_back_to(incidents, offers):
    view = changing.rollback(incidents["triage"], "lms", offers or [], now=NOON)
    assert wrong_view(view) == []
    assert "revert it in git" in str(view.blocks)


def test_the_decline_and_break_glass_forms_keep_the_limits(incidents):
    incident = incidents["high risk"]
    (one,) = incident.mitigations.values()
    views = [changing.decline(incident, one), changing.asking_who(incident, one)]
    for could in ([], [BEN], [BEN, KENJI, RITA, ANA]):
        views.append(changing.break_glass(incident, one, could, now=NOON))
    assert [wrong_view(view) for view in views] == [[]] * len(views)


@pytest.mark.parametrize("status", PublicStatus)
def test_the_status_page_form_keeps_the_limits_with_many_components(incidents, status):
    components = tuple(
        ComponentState(id=f"c{n}", name=LONG, status="operational") for n in range(60)
    )
    draft = PublicDraft(
        update=PublicUpdate(title=LONG, status=status, body=LONG, components=components[:3]),
        components=components,
        subscribers=None,
        next_at=NOON + timedelta(minutes=30),
        trouble=LONG,
    )
    typed = {"title": LONG, "body": LONG, "next": "45", "notify": ("notify",)}
    for given in (None, typed):
        view = public.form(incidents["triage"], draft, now=NOON, typed=given)
        assert wrong_view(view) == []


def test_the_lists_keep_the_limits(house, incidents):
    rows = house.store.summaries(open_only=True) * 20
    text, blocks = elsewhere.elsewhere(
        "This works inside an incident's channel.", rows, command="/incident", typed=LONG
    )
    cards = [
        Message(text=text, blocks=blocks),
        Message(text="open", blocks=listing.listing(rows, command="/incident")),
        Message(text="left", blocks=listing.leftovers(list(incidents.values()))),
        *(
            Message(
                text="found",
                blocks=runbook.found("i1", Answer(verdict=v, matches=(match(),) * 12)),
            )
            for v in Verdict
        ),
    ]
    assert [wrong_message(card) for card in cards] == [[]] * len(cards)


def test_the_home_keeps_the_limits(incidents):
    blocks = home_card.home(list(incidents.values()) * 8, ANA, command="/incident")
    assert len(blocks) <= 100
    view = View(name="home", title="Home", blocks=blocks)
    assert wrong_view(view) == []


def test_the_home_has_only_what_is_answered(front, incidents):
    said = front.happens("app_home_opened", "", {"tab": "home"})
    assert isinstance(said, Home)
    assert acts(said.blocks) == {Act.DECLARE_FORM, Act.MENU, Act.HELP}


def test_severities_are_chosen_with_the_reason_where_they_are_lowered(front, incidents):
    view = front.opens(Act.SEVERITY, incidents["strained"].id, Severity.SEV4.value)
    reason = next(b for b in view.blocks if b.get("block_id") == "reason")
    assert wrong_view(view) == []
    assert reason["optional"] is False


def test_a_baseline_lists_pages_that_can_be_adopted(house, front):
    house.record(HOUSE, BaselineTaken(pages=(held(page("Q9", "PLMS")),)))
    reply = front.press(Act.ADOPT, HOUSE, "Q9")
    assert isinstance(reply, Reply)
    assert house.store.claimed("page", "Q9") is not None
