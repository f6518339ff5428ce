"""After a press its buttons are gone, the message says who pressed, and a second press does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.domain import events as e
from bot.domain.errors import Refused, VendorRejected
from bot.domain.incident import HOUSE
from bot.domain.mitigation import Healthy, StillThere
from bot.slack.actions import Act
from bot.slack.cards.questions import as_it_stands, parts
from bot.slack.gateway import SlackRefused
from bot.slack.posting import Posting
from bot.slack.posts import ASKING, Posts
from bot.slack.rooms import Rooms
from bot.slack.settling import Settling
from tests.doubles.house import House
from tests.doubles.pages import held, page, paged
from tests.doubles.people import ANA, BEN, KENJI, MAYA
from tests.slack.front import Front
from tests.slack.limits import elements, words
from tests.slack.workspace import Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest.fixture
def house(tmp_path, clock, world, workspace) -> Iterator[House]:
    """Slack's messages are posted and edited into the workspace."""
    posting = Posting(workspace, Rooms(workspace, "U0TOCSIN"))  # type: ignore[arg-type]
    faces = (Posts(workspace, posting, "#incidents"), Settling(posting))  # type: ignore[arg-type]
    opened = House(tmp_path / "tocsin.db", clock, world, faces=faces)
    yield opened
    opened.close()


@pytest.fixture
def front(house: House) -> Front:
    return Front(house)


@pytest.fixture
def seen(workspace):
    """The newest message of this marker: what can be pressed there now, and what it says."""

    def look(what: str) -> tuple[list[str], str]:
        message = workspace.shows(what)[-1]
        pressed = [b["text"]["text"] for b in elements(message["blocks"]) if b["type"] == "button"]
        return pressed, words(message["blocks"])

    return look


@pytest.fixture
def asked(house, front):
    """Records facts that ask something, and posts their messages."""

    def ask(incident: str, *facts: e.Fact) -> None:
        house.record(incident, *facts)
        house.work()

    return ask


@pytest.fixture
def rolled_back(house, front, production, paged_incident) -> str:
    """Approved alone by who proposed it, carried out and proven; auto-sync stays off."""
    production.left = StillThere(shows="auto-sync is off")
    production.verdict = Healthy(evidence="11.4% → 0.2%, stable 10 min")
    front.press(Act.TAKE_ROLE, paged_incident, "commander")
    front.say("rollback r141", paged_incident)
    (one,) = house.incident(paged_incident).mitigations.values()
    front.press(Act.APPROVE, paged_incident, f"{one.id} {one.plan.digest[:16]}")
    house.work()
    return paged_incident


def test_an_acknowledgement_settles_its_reminder(house, front, asked, seen, paged_incident):
    asked(paged_incident, e.Nagged(about="acknowledge", person=ANA))
    assert seen("nagged")[0] == ["Acknowledge the page"]
    front.press(Act.ACKNOWLEDGE, paged_incident, by=BEN)
    house.work()
    assert seen("nagged")[0] == []
    assert "✅ Ben Okafor acknowledged the page (12:00 UTC)" in seen("nagged")[1]


def test_an_acknowledgement_that_ran_out_asks_again(house, front, asked, seen, paged_incident):
    asked(paged_incident, e.Nagged(about="acknowledge", person=ANA))
    asked(paged_incident, e.PageAcknowledged(page="Q1", by=BEN))
    asked(paged_incident, e.PageUnacknowledged(page="Q1"))
    assert seen("nagged") == (["Acknowledge the page"], seen("nagged")[1])
    assert "acknowledged the page (" not in seen("nagged")[1]


def test_taking_command_settles_its_reminder(house, front, asked, seen, paged_incident):
    asked(paged_incident, e.Nagged(about="commander", person=ANA))
    front.press(Act.TAKE_ROLE, paged_incident, "comms", by=MAYA)
    house.work()
    assert seen("nagged")[0] == ["Take command"]
    front.press(Act.TAKE_ROLE, paged_incident, "commander", by=KENJI)
    house.work()
    assert seen("nagged")[0] == []
    assert "Kenji Mori is incident commander" in seen("nagged")[1]


def test_an_update_settles_its_reminder(house, front, asked, seen, paged_incident):
    asked(paged_incident, e.Nagged(about="update 2026-03-02 12:30", person=ANA))
    assert seen("nagged")[0] == ["Post an update…", "Remind me later, once"]
    front.say("update courses fail", paged_incident, by=BEN)
    house.work()
    assert seen("nagged")[0] == []
    assert "Update by Ben Okafor: courses fail" in seen("nagged")[1]


def test_a_snooze_settles_its_reminder_and_says_until_when(
    house, front, asked, seen, paged_incident
):
    asked(paged_incident, e.Nagged(about="update 2026-03-02 12:30", person=ANA))
    front.press(Act.SNOOZE_UPDATE, paged_incident, by=BEN)
    house.work()
    assert seen("nagged")[0] == []
    assert "Ben Okafor put the update off until 12:30 UTC" in seen("nagged")[1]


def test_of_two_reminders_in_one_message_only_the_answered_one_goes(
    house, front, asked, seen, paged_incident
):
    both = e.Nagged(about="update 2026-03-02 12:15", person=ANA, also=("public",))
    asked(paged_incident, both)
    assert seen("nagged")[0] == [
        "Post an update…",
        "Post to the status page…",
        "Remind me later, once",
    ]
    front.say("update courses fail", paged_incident, by=BEN)
    house.work()
    assert seen("nagged")[0] == ["Post to the status page…"]
    front.press(Act.TAKE_ROLE, paged_incident, "comms", by=MAYA)
    fields = {"title": "Errors", "body": "We look", "next": "30"}
    front.submit(Act.STATUSPAGE_FORM, paged_incident, fields, by=MAYA, value="investigating")
    house.work()
    assert seen("nagged")[0] == []
    assert "Maya Singh posts “investigating” to the status page" in seen("nagged")[1]


def test_a_public_post_that_failed_is_asked_for_again(
    house, front, asked, seen, world, paged_incident
):
    asked(paged_incident, e.Nagged(about="public", person=MAYA))
    world.status_page.trouble = VendorRejected("Statuspage", "post", "422")
    front.press(Act.TAKE_ROLE, paged_incident, "comms", by=MAYA)
    fields = {"title": "Errors", "body": "We look", "next": "30"}
    front.submit(Act.STATUSPAGE_FORM, paged_incident, fields, by=MAYA, value="investigating")
    house.work()
    assert house.facts(paged_incident, e.PublicUpdateFailed)
    assert seen("nagged")[0] == ["Post to the status page…"]


def test_keeping_it_open_takes_both_buttons_and_says_who(
    house, front, asked, seen, paged_incident
):
    asked(paged_incident, e.ResolveQuestioned(page="Q1"))
    assert seen("resolve-questioned")[0] == ["Resolve the incident…", "Keep the incident open"]
    front.press(Act.KEEP_OPEN, paged_incident, "Q1", by=KENJI)
    house.work()
    assert seen("resolve-questioned")[0] == []
    assert "✅ Kenji Mori keeps it open" in seen("resolve-questioned")[1]


def test_resolving_settles_every_open_question(house, front, asked, seen, paged_incident):
    asked(
        paged_incident,
        e.ResolveQuestioned(page="Q1"),
        e.Nagged(about="public", person=ANA),
        e.RoleGiven(role=e.Role.COMMANDER, person=ANA, by=ANA),
        e.HandoverOffered(role=e.Role.COMMANDER, person=BEN, by=ANA),
    )
    front.say("resolve it stopped because the graphs are flat", paged_incident, by=KENJI)
    house.work()
    for what in ("resolve-questioned", "nagged", "handover-offered"):
        assert seen(what)[0] == []
        assert "✅ Kenji Mori resolved it" in seen(what)[1]


def test_a_handover_is_settled_by_who_accepts(house, front, asked, seen, paged_incident):
    front.press(Act.TAKE_ROLE, paged_incident, "commander")
    front.say(f"role commander <@{BEN.user_id}>", paged_incident)
    house.work()
    assert seen("handover-offered")[0] == [
        "Accept: I am incident commander",
        "Decline the hand-over",
    ]
    front.press(Act.DECLINE_ROLE, paged_incident, "commander", by=BEN)
    house.work()
    assert seen("handover-offered")[0] == []
    assert "Ben Okafor declined incident commander" in seen("handover-offered")[1]


def test_an_offer_to_somebody_else_settles_the_earlier_one(
    house, front, workspace, seen, paged_incident
):
    front.press(Act.TAKE_ROLE, paged_incident, "commander")
    for person in (BEN, KENJI):
        front.say(f"role commander <@{person.user_id}>", paged_incident)
        house.work()
    first, second = workspace.shows("handover-offered")
    assert [e for e in elements(first["blocks"]) if e["type"] == "button"] == []
    assert "offered incident commander to Kenji Mori" in words(first["blocks"])
    assert len([e for e in elements(second["blocks"]) if e["type"] == "button"]) == 2


def test_the_question_for_the_service_is_settled_by_its_name(house, front, seen):
    incident = paged(house, page("Q9", "PNEW", title="forum is slow"))
    house.channel(incident)
    house.work()
    assert len(seen("which-service")[0]) == 3
    front.press(Act.NAME_SERVICE, incident, "forums production", by=BEN)
    house.work()
    assert seen("which-service")[0] == []
    assert "Ben Okafor named the service: forums in production" in seen("which-service")[1]


def test_a_revert_is_asked_for_once_and_says_by_whom(house, front, asked, seen, paged_incident):
    offer = e.RevertOffered(service="lms", why="ApplicationSet", bad="r142", good="r141")
    asked(paged_incident, offer)
    assert seen("revert-offered")[0] == ["Open a revert pull request"]
    front.press(Act.OPEN_REVERT, paged_incident, by=BEN)
    with pytest.raises(Refused, match="Ben Okafor already asked"):
        front.press(Act.OPEN_REVERT, paged_incident, by=ANA)
    house.work()
    assert seen("revert-offered")[0] == []
    assert "✅ Ben Okafor asked for the revert pull request" in seen("revert-offered")[1]


def test_a_revert_that_failed_may_be_asked_for_again(
    house, front, asked, seen, world, paged_incident
):
    offer = e.RevertOffered(service="lms", why="ApplicationSet", bad="r142", good="r141")
    asked(paged_incident, offer)
    world.forge.trouble = VendorRejected("GitHub", "open it", "403")
    front.press(Act.OPEN_REVERT, paged_incident, by=BEN)
    house.work()
    assert seen("revert-offered")[0] == ["Open a revert pull request"]


def test_what_is_left_over_is_put_back_once_and_says_by_whom(
    house, front, asked, seen, rolled_back
):
    (m,) = house.incident(rolled_back).mitigations
    left = e.LeftoverNoted(leftover="l9", mitigation=m, text="auto-sync is off", team="team-lms")
    asked(rolled_back, left, e.LeftoverReminded(leftover="l9"))
    assert seen("leftover-reminded")[0] == ["Turn auto-sync of lms back on"]
    front.press(Act.CLEAR_LEFTOVER, rolled_back, "l9", by=BEN)
    with pytest.raises(Refused, match="Ben Okafor already asked"):
        front.press(Act.CLEAR_LEFTOVER, rolled_back, "l9", by=ANA)
    house.work()
    assert seen("leftover-reminded")[0] == []
    assert "✅ Ben Okafor asked to put it back" in seen("leftover-reminded")[1]


def test_what_could_not_be_put_back_offers_it_again(house, front, asked, seen, rolled_back):
    (m,) = house.incident(rolled_back).mitigations
    left = e.LeftoverNoted(leftover="l9", mitigation=m, text="auto-sync is off", team="team-lms")
    asked(rolled_back, left, e.LeftoverReminded(leftover="l9"))
    asked(rolled_back, e.LeftoverClearAsked(leftover="l9", by=BEN))
    asked(rolled_back, e.LeftoverBlocked(leftover="l9", why="git has r142", offer="revert"))
    assert seen("leftover-reminded")[0] == ["Turn auto-sync of lms back on"]
    assert seen("leftover-blocked")[0] == ["Open a revert pull request"]
    asked(rolled_back, e.LeftoverCleared(leftover="l9", shows="auto-sync is on", by=BEN))
    assert seen("leftover-reminded")[0] == seen("leftover-blocked")[0] == []


def test_undoing_is_proposed_once_from_the_second_persons_message(house, front, seen, rolled_back):
    assert seen("mitigation-approved")[0] == ["Undo: back to r142"]
    (m,) = house.incident(rolled_back).mitigations
    front.press(Act.UNDO, rolled_back, m, by=BEN)
    house.work()
    assert seen("mitigation-approved")[0] == []
    assert "✅ Ben Okafor proposed:" in seen("mitigation-approved")[1]


def test_an_undoing_that_was_declined_may_be_proposed_again(house, front, seen, rolled_back):
    (m,) = house.incident(rolled_back).mitigations
    front.press(Act.UNDO, rolled_back, m, by=BEN)
    undoing = next(i for i in house.incident(rolled_back).mitigations if i != m)
    front.submit(Act.DECLINE_FORM, rolled_back, {"why": "no"}, by=ANA, value=undoing)
    house.work()
    assert seen("mitigation-approved")[0] == ["Undo: back to r142"]


def test_below_resolved_each_button_goes_by_itself(house, front, seen, paged_incident):
    front.say("severity 3 few users", paged_incident)
    front.say("resolve it stopped because the graphs are flat", paged_incident)
    house.work()
    assert seen("resolved")[0] == ["Write the postmortem"]
    front.press(Act.POSTMORTEM, paged_incident, by=BEN)
    house.work()
    assert seen("resolved")[0] == []
    assert "✅ Ben Okafor asked for the postmortem" in seen("resolved")[1]


def test_reopening_ends_what_resolving_offered(house, front, seen, paged_incident):
    front.say("severity 3 few users", paged_incident)
    front.say("resolve it stopped because the graphs are flat", paged_incident)
    house.work()
    front.say("reopen errors are back", paged_incident, by=KENJI)
    house.work()
    assert seen("resolved")[0] == []
    assert "Kenji Mori reopened it: errors are back" in seen("resolved")[1]


def test_an_adopted_page_says_by_whom_and_cannot_be_chosen_again(house, front, workspace):
    house.record(
        HOUSE, e.BaselineTaken(pages=(held(page("Q8", "PLMS")), held(page("Q9", "PAUTH"))))
    )
    house.work()
    front.press(Act.ADOPT, HOUSE, "Q9", by=BEN)
    house.work()
    (listed,) = workspace.shows("baseline")
    (menu,) = elements(listed["blocks"])
    assert [o["value"] for o in menu["options"]] == [f"{HOUSE} Q8"]
    assert f"adopted by {BEN.mention}" in words(listed["blocks"])
    with pytest.raises(Refused, match="adopted already"):
        front.press(Act.ADOPT, HOUSE, "Q9", by=ANA)


def test_an_answer_that_overtakes_its_question_settles_it_all_the_same(
    house, workspace, seen, paged_incident
):
    """Posting is slow: the answer is there before the message is."""
    house.record(paged_incident, e.ResolveQuestioned(page="Q1"), e.KeptOpen(page="Q1", by=BEN))
    house.work()
    assert seen("resolve-questioned")[0] == []
    assert "Ben Okafor keeps it open" in seen("resolve-questioned")[1]


def test_a_question_that_is_being_posted_is_waited_for(house, workspace, paged_incident):
    """Not posted yet: the edit is owed until it is; never posted at all, it is given up."""
    workspace.refuses["chat.postMessage"] = SlackRefused("chat.postMessage", "msg_too_long")
    house.record(paged_incident, e.ResolveQuestioned(page="Q1"))
    with pytest.raises(SlackRefused):
        house.work()
    settling = next(f for f in house.faces if isinstance(f, Settling))
    house.record(paged_incident, e.KeptOpen(page="Q1", by=BEN))
    answer = house.store.entries(paged_incident)[-1]
    assert settling.settle_questions(house.tools, answer) is not None
    house.clock.forward(timedelta(minutes=3))
    assert settling.settle_questions(house.tools, answer) is None


def test_a_message_that_is_gone_needs_no_edit(house, front, asked, workspace, paged_incident):
    asked(paged_incident, e.ResolveQuestioned(page="Q1"))
    workspace.refuses["chat.update"] = SlackRefused("chat.update", "message_not_found")
    front.press(Act.KEEP_OPEN, paged_incident, "Q1")
    house.work()
    workspace.refuses["chat.update"] = SlackRefused("chat.update", "invalid_blocks")
    house.record(paged_incident, e.ResolveQuestioned(page="Q1"))
    house.record(paged_incident, e.KeptOpen(page="Q1", by=ANA))
    with pytest.raises(SlackRefused, match="invalid_blocks"):
        house.work()


def test_every_button_of_every_question_has_something_that_answers_it(
    house, front, asked, rolled_back
):
    """A new button without its part would stand there for ever."""
    (m,) = house.incident(rolled_back).mitigations
    left = e.LeftoverNoted(leftover="l9", mitigation=m, text="auto-sync is off", team="team-lms")
    asked(
        rolled_back,
        left,
        e.LeftoverReminded(leftover="l9"),
        e.LeftoverBlocked(leftover="l9", why="git", offer="revert"),
        e.RevertOffered(service="lms", why="owner", bad="r142", good="r141"),
        e.ResolveQuestioned(page="Q1"),
        e.HandoverOffered(role=e.Role.COMMANDER, person=BEN, by=ANA),
        *(e.Nagged(about=about) for about in ("acknowledge", "commander", "public", "update x")),
        e.PublicUpdateSuggested(status="resolved"),
        e.Resolved(how="it stopped", by=ANA),
    )
    incident, kinds, loose = house.incident(rolled_back), set(), []
    for entry in house.store.entries(rolled_back):
        message = as_it_stands(entry, (), incident)
        for button in elements(message.blocks if message else ()):
            kinds.add(type(entry.fact))
            if not any(part.holds(button) for part in parts(entry.fact, incident)):
                loose.append((entry.fact.stored, button["text"]["text"]))
    assert loose == []
    assert kinds >= {*ASKING, e.Resolved, e.MitigationApproved}
