"""What people do in Slack: declared in one sentence, said once, seen by whom it concerns."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.living import Life
from tests.stories.walking import (
    Room,
    calm,
    declared,
    form,
    mark,
    paged,
    people,
    said,
    sent,
    shown,
    whispers,
)


def timeline(room: Room, person: str) -> str:
    room.say(person, "timeline")
    return [text for text in room.whispers(person) if "Timeline of" in text][-1]


def direct(life: Life, person: str) -> str:
    """Everything we told this person directly."""
    slack = life.world.state()["slack"]
    user = next(p["id"] for p in people(slack) if p["handle"] == person)
    rooms = [r for r in life.world.channels("") if r.get("im_with") == user]
    return "\n".join(shown(m) for r in rooms for m in said(r) if m["bot_id"])


def refused(life: Life, person: str, channel: str = "") -> str:
    """The last thing they were told, besides what everybody hears who comes late."""
    found = [text for text in whispers(life, person, channel) if "So far: " not in text]
    assert found, f"{person} was told nothing"
    return found[-1]


# Declaring


def test_one_sentence_declares_and_asks_nothing(shared: Life) -> None:
    room = declared(shared, "maya", "checkout fails for everybody in ecommerce")
    assert "U04MAYA" in room.seen()["members"]
    assert "checkout fails for everybody in ecommerce" in room.card()["text"]
    assert "ecommerce in production" in shown(room.card())
    assert "a guess" in shown(room.card())
    assert not shared.world.state()["slack"]["modals"].get("U04MAYA")
    assert room.seen()["name"] in refused(shared, "maya")


def test_the_bare_command_is_a_menu_here_and_the_declare_form_elsewhere(shared: Life) -> None:
    room = paged(shared, "notes", "Notes do not save")
    room.say("tom", "")
    assert "Roll back" in json.dumps(form(shared, "tom"))
    shared.world.act("close", "tom", all=True)
    shared.world.act("command", "tom", channel="general", text="/incident")
    shared.settle()
    assert form(shared, "tom")["body"]["callback_id"] == "declare"
    rooms = len(shared.world.channels())
    shared.world.act("submit", "tom", values={"text": "video-transcoder is stuck"})
    shared.settle()
    assert len(shared.world.channels()) == rooms + 1


@pytest.mark.parametrize(
    ("service", "words"), [("course-search", "update all is lost"), ("transcripts", "resolve")]
)
def test_in_the_wrong_channel_a_command_teaches(shared: Life, service: str, words: str) -> None:
    room = paged(shared, service, f"Nothing is found by {service}")
    shared.world.act("command", "rita", channel="lms-oncall", text=f"/incident {words}")
    shared.settle()
    taught = refused(shared, "rita", "C0LMS")
    assert "works inside an incident's channel" in taught
    assert "Open the menu of" in taught
    assert "all is lost" not in room.ours()


def test_a_mistyped_command_suggests_what_was_meant(shared: Life) -> None:
    room = paged(shared, "course-reports", "Reports are empty")
    rooms = len(shared.world.channels())
    room.say("rita", "udpate learners see errors")
    assert "update" in refused(shared, "rita", room.id)
    assert "learners see errors" not in room.ours()
    assert len(shared.world.channels()) == rooms


def test_a_mention_in_a_thread_does_what_the_command_does(shared: Life) -> None:
    room = paged(shared, "course-progress", "Progress is stuck")
    started = room.write("kenji", "I look at the queue")
    room.write("kenji", "@tocsin note the queue is full", thread_ts=started)
    assert "Kenji Mori noted: the queue is full" in timeline(room, "kenji")


# Severity and roles


def test_severity_is_raised_at_once_and_lowered_only_with_a_reason(shared: Life) -> None:
    room = paged(shared, "api-gateway", "Gateway times out")
    room.say("ana", "severity 1")
    assert room.card()["text"].startswith("SEV1")
    room.say("ana", "severity 3")
    assert "needs a reason" in refused(shared, "ana", room.id)
    assert room.card()["text"].startswith("SEV1")
    room.say("ana", "severity 3 only one region")
    assert room.card()["text"].startswith("SEV3")
    assert "only one region" in shown(room.card())


def test_a_lower_severity_in_the_menu_asks_for_the_reason_first(shared: Life) -> None:
    room = paged(shared, "feature-flags", "Flags flip", priority="P2")
    options = next(b for b in room.card()["blocks"] if b.get("accessory"))["accessory"]["options"]
    values = [o["value"] for o in options]
    shared.world.act(
        "select", "ben", channel=room.id, ts=room.card()["ts"], action_id="severity",
        value=values[3],
    )  # fmt: skip
    shared.settle()
    assert room.card()["text"].startswith("SEV2")
    assert form(shared, "ben")["body"]["callback_id"] == "severity-form"
    room.submit("ben", reason="nobody notices")
    assert room.card()["text"].startswith("SEV4")


def test_a_role_is_taken_with_one_tap_and_handed_over_only_to_who_accepts(shared: Life) -> None:
    room = paged(shared, "email-dispatch", "Mails are late")
    room.say("ana", "role commander")
    assert "<@U01ANA>" in shown(room.card())
    assert "You are incident commander" in direct(shared, "ana")
    assert len(direct(shared, "ana").split("You are incident commander")[1].split("\\n")) <= 6

    room.say("ana", "role commander @ben")
    offer = room.only("handover-offered")
    room.click("tom", "accept-role", on=offer)
    assert "Only Ben Okafor can accept" in refused(shared, "tom", room.id)
    assert "*Commander*\\n<@U01ANA>" in shown(room.card())
    room.click("ben", "accept-role", on=offer)
    assert "*Commander*\\n<@U02BEN>" in shown(room.card())


# Writing down


def test_a_marked_message_follows_its_edits_and_its_end(shared: Life) -> None:
    room = paged(shared, "file-uploads", "Uploads hang")
    one = room.write("kenji", "the bucket is full")
    other = room.write("rita", "the disk is fine")
    for name, ts in (("pushpin", one), ("star", other)):
        shared.world.act("react", "ana", channel=room.id, ts=ts, name=name)
    shared.settle()
    assert "Kenji Mori: the bucket is full" in timeline(room, "ana")
    assert "Rita Costa: the disk is fine" in timeline(room, "ana")

    shared.world.act("edit", "kenji", channel=room.id, ts=one, text="the bucket is full at 14:02")
    shared.world.act("unreact", "ana", channel=room.id, ts=other, name="star")
    shared.settle()
    assert "the bucket is full at 14:02" in timeline(room, "ana")
    assert "the disk is fine" not in timeline(room, "ana")

    shared.world.act("delete", "kenji", channel=room.id, ts=one)
    shared.settle()
    assert "deleted since" in timeline(room, "ana")


def test_notes_doings_and_decisions_stand_on_the_timeline(shared: Life) -> None:
    room = paged(shared, "translations", "Translations are wrong")
    room.say("rita", "note the cache is cold")
    room.say("rita", "did flushed the cache")
    room.say("rita", "decide we wait ten minutes, the cache fills")
    told = timeline(room, "rita")
    assert "Rita Costa noted: the cache is cold" in told
    assert "Rita Costa did: flushed the cache" in told
    assert "Rita Costa decided: we wait ten minutes" in told


def test_a_secret_that_is_typed_stays_off_the_timeline(shared: Life) -> None:
    room = paged(shared, "lti-provider", "Launches fail")
    room.say("kenji", "note it works with password=not-a-real-one-42")
    heard = room.whispers("kenji")
    assert any("rotate it" in text for text in heard)
    assert "not-a-real-one" not in "".join(heard)
    assert "not-a-real-one" not in timeline(room, "ana")
    assert "it works with" in timeline(room, "ana")


def test_who_joins_late_alone_reads_what_happened_so_far(shared: Life) -> None:
    room = paged(shared, "recommendations", "Nothing is recommended")
    room.say("ana", "update learners see no suggestions")
    calm(shared, 120)
    room.write("maya", "hello")
    (told,) = room.whispers("maya")
    assert "So far" in told
    assert "learners see no suggestions" in told
    assert "So far" not in room.ours()


def test_help_and_mistakes_are_for_the_asker_alone(shared: Life) -> None:
    room = paged(shared, "support-tools", "Tickets are lost")
    before = room.ours()
    room.say("tom", "help")
    room.say("tom", "severity purple")
    heard = room.whispers("tom")
    assert any("/incident note" in text for text in heard)
    assert "A severity is 1, 2, 3 or 4" in heard[-1]
    assert room.ours() == before
    assert not room.whispers("ben")


# At the same time


def test_a_double_click_and_a_race_of_two_have_one_effect(shared: Life) -> None:
    room = paged(shared, "submission-queue", "Submissions wait")
    card, before = room.card(), mark(shared)

    def press(person: str) -> None:
        shared.world.act("click", person, channel=room.id, ts=card["ts"], action_id="acknowledge")

    with ThreadPoolExecutor(4) as together:
        list(together.map(press, ["ben", "ana", "ben", "ana"]))
    shared.settle()
    assert timeline(room, "tom").count("acknowledged the page") == 1
    assert room.page()["status"] == "acknowledged"
    assert len(sent(shared, "pagerduty", "incidents.update", after=before)) <= 2
    assert "Acknowledge the page" not in shown(room.card())


def test_of_two_who_take_command_at_once_one_has_it(shared: Life) -> None:
    room = paged(shared, "license-manager", "Licenses run out")

    def take(person: str) -> None:
        shared.world.act("command", person, channel=room.id, text="/incident role commander")

    with ThreadPoolExecutor(2) as together:
        list(together.map(take, ["ben", "ana"]))
    shared.settle()
    told = timeline(room, "tom")
    assert told.count("is incident commander") == 1
    assert told.count("offered incident commander") == 1


# Who may


def test_a_guest_declares_and_notes_and_no_more(shared: Life) -> None:
    room = declared(shared, "gus", "content-libraries shows nothing")
    assert "U07GUS" in room.seen()["members"]
    room.say("gus", "note I see an empty page")
    assert "Gus Hale noted: I see an empty page" in timeline(room, "ana")
    room.say("gus", "severity 1")
    assert "You are a guest here" in refused(shared, "gus", room.id)
    assert not room.card()["text"].startswith("SEV1")


def test_somebody_of_another_company_changes_nothing(shared: Life) -> None:
    room = paged(shared, "event-collector", "Events are dropped")
    rooms = len(shared.world.channels())
    before = room.ours()
    shared.world.act("command", "ola", channel="general", text="/incident the school is down")
    shared.world.act(
        "click", "ola", channel=room.id, ts=room.card()["ts"], action_id="acknowledge", force=True
    )
    shared.settle()
    assert len(shared.world.channels()) == rooms
    assert room.ours() == before
    assert room.page()["status"] == "triggered"
    assert "another organisation" in refused(shared, "ola", "C0GENERAL")


def test_a_forged_workspace_gets_nowhere(shared: Life) -> None:
    room = paged(shared, "fraud-screening", "Everything is fraud")
    shared.world.act(
        "click", "ana", channel=room.id, ts=room.card()["ts"], action_id="acknowledge",
        team_id="T0FORGED",
    )  # fmt: skip
    shared.world.act(
        "command", "ana", channel=room.id, text="/incident severity 1", team_id="T0FORGED"
    )
    shared.settle()
    assert room.page()["status"] == "triggered"
    assert not room.card()["text"].startswith("SEV1")


def test_who_pagerduty_does_not_know_is_sent_there_by_link(shared: Life) -> None:
    room = paged(shared, "enterprise-catalog", "Catalogs are stale")
    stranger = {"error": {"message": "Requester User Not Found", "code": 1008, "errors": []}}
    shared.world.fault(
        service="pagerduty", match="incidents.update", do="5xx", status=400, body=stranger
    )
    room.click("rita", "acknowledge", on=room.card())
    shared.world.heal()
    page = room.page()
    assert page["status"] == "triggered"
    assert "nobody has it" in shown(room.card())
    told = room.only("pager-act-failed")
    assert page["html_url"] in shown(told)
    room.click("ben", "acknowledge", on=room.card())
    assert room.page()["status"] == "acknowledged"


# Reminders


def test_nobody_acknowledges_and_one_person_is_asked_once(shared: Life) -> None:
    room = paged(shared, "search-indexer", "Index is old")
    calm(shared, 5 * 60 + 2)
    (nag,) = [m for m in room.marked("nagged") if "acknowledged this page" in shown(m)]
    assert shown(nag).count("<@U") == 1
    calm(shared, 600)
    assert len([m for m in room.marked("nagged") if "acknowledged this page" in shown(m)]) == 1


def test_an_update_is_asked_for_once_snoozed_once_and_shown_as_overdue(shared: Life) -> None:
    room = paged(shared, "discovery", "Catalogue is down", priority="P1")
    room.click("ben", "acknowledge", on=room.card())
    calm(shared, 13 * 60 + 10)
    (reminder,) = reminders(room)
    assert "Remind me later" in shown(reminder)
    room.click("ben", "snooze-update", on=reminder)
    calm(shared, 8 * 60)
    assert len(reminders(room)) == 1
    calm(shared, 12 * 60)
    again = reminders(room)[1:]
    assert len(again) == 1
    assert "Remind me later" not in shown(again[0])
    calm(shared, 300)
    calm(shared, 65)
    assert "overdue" in shown(room.card())
    assert len(reminders(room)) == 2
    room.say("ben", "update learners see a short catalogue")
    assert "overdue" not in shown(room.card())


def reminders(room: Room) -> list[dict]:
    return [m for m in room.marked("nagged") if "next update is due" in shown(m)]


@pytest.mark.parametrize(
    ("lost", "service"), [("drop_request", "media-assets"), ("drop_response", "peer-assessment")]
)
def test_a_form_is_filled_although_slack_gave_no_answer_at_first(
    shared: Life, lost: str, service: str
) -> None:
    room = paged(shared, service, f"{service} is slow")
    shared.world.fault(service="slack", match="views.update", do=lost, when={"times": 1})
    room.click("ana", "rollback-form", on=room.card())
    shared.until(
        lambda: f"Roll {service} in production" in str(form(shared, "ana")), "the form", 15
    )
