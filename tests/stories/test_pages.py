"""What PagerDuty says, at the door and afterwards: believed when signed, counted once, never guessed."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from tests.living import Life, World
from tests.stories.walking import Room, alive, offered, paged, pages, said, shown

SECRET = "pd-demo-webhook-secret"
NEW_SECRET = "pd-demo-rotated-secret"
_numbers = count(1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Two pages were open before the bot came; two secrets are good while one is rotated."""

    def before(world: World) -> None:
        world.page(service="mobile-api", title="Mobile sign-ins are slow")
        world.page(service="translations", title="Translations are late")
        # PagerDuty's times are whole seconds: what is opened in the second of the start is ours.
        world.advance(2)

    folder = tmp_path_factory.mktemp("shared")
    secrets = f"{NEW_SECRET},{SECRET}"
    with alive(folder, before=before, PAGERDUTY_WEBHOOK_SECRETS=secrets) as found:
        yield found


def signed(body: bytes, secret: str = SECRET) -> str:
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def told(kind: str, about: dict[str, Any], *, at: str = "", **more: Any) -> bytes:
    """A webhook as PagerDuty writes it."""
    event = {
        "id": f"01STORY{next(_numbers):06d}",
        "event_type": kind,
        "resource_type": kind.partition(".")[0],
        "occurred_at": at or "2026-03-10T14:00:00.000Z",
        "agent": {"id": "PUBEN", "type": "user_reference", "summary": "Ben Okafor"},
        "client": None,
        "data": about,
        **more,
    }
    return json.dumps({"event": event}).encode()


def page_of(service: str, title: str, **more: Any) -> dict[str, Any]:
    """A page that only webhooks know: PagerDuty's REST has never heard of it."""
    number = next(_numbers)
    return {
        "id": f"QSTORY{number:08d}",
        "type": "incident",
        "number": number,
        "status": "triggered",
        "title": title,
        "html_url": f"https://demo.pagerduty.example/incidents/QSTORY{number:08d}",
        "service": {"id": f"P{service.upper().replace('-', '')}", "summary": service},
        "urgency": "high",
        "assignees": [],
        "created_at": "2026-03-10T14:00:00Z",
        **more,
    }


def deliver(life: Life, body: bytes, signature: str | None = "", *, webhook: str = "") -> int:
    headers = {"X-Webhook-Id": webhook or f"story-{next(_numbers)}"}
    if signature is not None:
        headers["X-PagerDuty-Signature"] = signature or signed(body)
    answer = httpx.post(
        f"{life.bot.ports.tocsin}/webhooks/pagerduty", content=body, headers=headers, timeout=10
    )
    return answer.status_code


def titled(life: Life, title: str) -> list[Room]:
    """The rooms whose card carries this title."""
    life.settle()
    rooms = [Room(life, room["id"]) for room in life.world.channels()]
    return [room for room in rooms if room.marked("card") and title in shown(room.card())]


def timeline(room: Room, person: str = "ben") -> str:
    room.say(person, "timeline")
    return [text for text in room.whispers(person) if "Timeline of" in text][-1]


# At the door


def test_a_webhook_without_a_readable_signature_is_turned_away_for_good(shared: Life) -> None:
    body = told("pagey.ping", {"type": "ping", "message": "hello"})
    before = shared.bot.metric('tocsin_inputs_total{outcome="unsigned"}')
    assert deliver(shared, body, None) == 401
    assert deliver(shared, body, "v1=not-hexadecimal") == 401
    assert deliver(shared, body, "sha256") == 401
    assert shared.bot.metric('tocsin_inputs_total{outcome="unsigned"}') == before + 3


def test_a_signature_by_another_secret_is_asked_for_again_and_shown(shared: Life) -> None:
    body = told("pagey.ping", {"type": "ping", "message": "hello"})
    before = shared.bot.metric('tocsin_inputs_total{outcome="mismatched"}')
    assert deliver(shared, body, signed(body, "somebody-else")) == 503
    assert shared.bot.metric('tocsin_inputs_total{outcome="mismatched"}') == before + 1
    assert any("matched no secret" in warning for warning in shared.bot.ready()["warnings"])


def test_more_than_a_mebibyte_is_not_read(shared: Life) -> None:
    body = b"x" * (1024 * 1024 + 1)
    assert deliver(shared, body) == 413


@pytest.mark.parametrize("between", [",", ", "])
def test_one_good_signature_among_several_is_enough(shared: Life, between: str) -> None:
    body = told("pagey.ping", {"type": "ping", "message": "hello"})
    assert deliver(shared, body, between.join([signed(body, "old"), signed(body)])) == 202


def test_while_a_secret_is_rotated_both_are_good(shared: Life) -> None:
    body = told("pagey.ping", {"type": "ping", "message": "hello"})
    assert deliver(shared, body, signed(body, NEW_SECRET)) == 202
    body = told("pagey.ping", {"type": "ping", "message": "hello again"})
    assert deliver(shared, body, signed(body, SECRET)) == 202


def test_a_ping_and_an_event_nobody_knows_are_stored_and_change_nothing(shared: Life) -> None:
    rooms = len(shared.world.channels())
    shared.world.post("/pagerduty/ping")
    about = page_of("cms", "From the future")
    assert deliver(shared, told("incident.teleported", about)) == 202
    shared.settle()
    pings = shared.world.log(system="pagerduty", name="pagey.ping")
    assert pings[-1]["status"] == 202
    assert len(shared.world.channels()) == rooms


def test_what_is_signed_but_unreadable_is_kept_and_shown(shared: Life) -> None:
    assert deliver(shared, b"<html>") == 202
    assert deliver(shared, b'{"event": 7}') == 202
    shared.settle()
    warnings = shared.bot.ready()["warnings"]
    assert any("could not be read" in warning for warning in warnings), warnings


# Once, whatever the order


def test_the_same_event_delivered_again_opens_nothing_again(shared: Life) -> None:
    body = told("incident.triggered", page_of("coupons", "Coupons are refused"))
    assert deliver(shared, body, webhook="same") == 202
    assert deliver(shared, body, webhook="same") == 202
    assert deliver(shared, body, webhook="another-subscription") == 202
    (room,) = titled(shared, "Coupons are refused")
    assert timeline(room).count("PagerDuty paged") == 1


def test_an_end_that_overtakes_its_beginning_opens_nothing(shared: Life) -> None:
    about = page_of("registrar", "Overtaken by its end")
    end = told("incident.resolved", about | {"status": "resolved"}, at="2026-03-10T14:00:09Z")
    assert deliver(shared, end) == 202
    shared.settle()
    assert deliver(shared, told("incident.triggered", about)) == 202
    assert titled(shared, "Overtaken by its end") == []


def test_news_that_comes_late_does_not_undo_newer_news(shared: Life) -> None:
    about = page_of("registrar", "Enrolment exports fail")
    deliver(shared, told("incident.triggered", about, at="2026-03-10T14:00:01Z"))
    shared.settle()
    newer = told("incident.unacknowledged", about, at="2026-03-10T14:00:09Z")
    deliver(shared, told("incident.acknowledged", about, at="2026-03-10T14:00:05Z"))
    shared.settle()
    deliver(shared, newer)
    shared.settle()
    deliver(shared, told("incident.acknowledged", about, at="2026-03-10T14:00:07Z"))
    (room,) = titled(shared, "Enrolment exports fail")
    assert "nobody has it" in shown(room.card())


def test_our_own_acknowledgement_that_comes_back_is_not_told_twice(shared: Life) -> None:
    room = paged(shared, "credentials", "Badges are not issued")
    room.click("ben", "acknowledge", on=room.card())
    shared.settle()
    echoes = shared.world.log(system="pagerduty", name="incident.acknowledged")
    assert echoes[-1]["status"] == 202
    assert timeline(room).count("acknowledged the page") == 1


# What happens to a page


def test_a_merged_page_says_where_it_went_and_is_not_called_resolved(shared: Life) -> None:
    one = paged(shared, "forums", "Forum threads are empty")
    other = paged(shared, "search-indexer", "Indexing stands still")
    into = other.page()["id"]
    act = {"as": "ben", "do": "merge", "incident": one.page()["id"], "into": into}
    shared.world.post("/pagerduty/act", act)
    shared.settle()
    assert f"merged into {into}" in one.ours()
    assert "Resolved" not in shown(one.card())
    assert "Merged" in shown(one.card())
    assert "nobody has it" in shown(other.card())


def test_a_changed_priority_proposes_the_severity_anew(shared: Life) -> None:
    room = paged(shared, "payments", "Payments are slow", priority="P3")
    assert "SEV3" in shown(room.card())
    act = {"as": "ben", "do": "priority", "incident": room.page()["id"], "priority": "P1"}
    shared.world.post("/pagerduty/act", act)
    shared.settle()
    shared.world.advance(11)
    shared.settle()
    assert "set the page's priority to P1" in timeline(room)
    assert room.card()["text"].startswith("SEV1")


def test_a_page_that_is_reopened_takes_its_incident_up_again(shared: Life) -> None:
    room = paged(shared, "proctoring", "Exams do not start")
    page = room.page()["id"]
    shared.world.post("/pagerduty/act", {"as": "ben", "do": "resolve", "incident": page})
    shared.settle()
    assert "resolved itself before anybody touched it" in room.ours()
    shared.world.post("/pagerduty/act", {"as": "ben", "do": "reopen", "incident": page})
    shared.settle()
    assert "Reopened" in room.ours()
    joined = shared.world.page(service="proctoring", title="Exams still do not start")
    shared.settle()
    shared.world.advance(11)
    shared.settle()
    assert joined["title"] in shown(room.marked("joined-pages")[0])


def test_staging_never_joins_production(shared: Life) -> None:
    production = paged(shared, "lms", "LMS answers slowly")
    staging = paged(shared, "lms", "LMS answers slowly too", environment="staging")
    assert production.id != staging.id
    assert "lms in production" in shown(production.card())
    assert "lms in staging" in shown(staging.card())


def test_a_page_nobody_mapped_asks_which_service_it_is(shared: Life) -> None:
    room = paged(shared, "video-thumbnails", "Video thumbnails are blank")
    assert "unknown" in shown(room.card())
    question = room.only("which-service")
    buttons = re.findall(r"It is ([a-z-]+)", shown(question))
    assert len(set(buttons)) == 3
    room.click("ben", f"name-service:{buttons[0]}", on=question)
    shared.world.advance(11)
    shared.settle()
    assert f"{buttons[0]} in production" in shown(room.card())
    question = room.only("which-service")
    assert "It is " not in shown(question)
    assert "Ben Okafor named the service" in shown(question)


def test_what_was_open_before_is_listed_once_and_opened_only_when_adopted(shared: Life) -> None:
    everybody = next(r for r in shared.world.channels("incidents"))
    (listed,) = [m for m in said(everybody) if "before Tocsin started" in shown(m)]
    assert "Mobile sign-ins are slow" in shown(listed)
    assert titled(shared, "Mobile sign-ins are slow") == []
    page = next(p for p in pages(shared) if p["title"] == "Mobile sign-ins are slow")["id"]
    (wanted,) = [o["value"] for o in offered(listed, "adopt") if o["value"].endswith(page)]
    done = [
        shared.world.act(
            "select", who, channel="incidents", ts=listed["ts"], action_id="adopt", value=wanted
        )
        for who in ("ben", "ana")
    ]
    assert done[0]["ok"], done
    shared.settle()
    (room,) = titled(shared, "Mobile sign-ins are slow")
    assert "mobile-api in production" in shown(room.card())
    assert titled(shared, "Translations are late") == []
    everybody = next(r for r in shared.world.channels("incidents"))
    (listed,) = [m for m in said(everybody) if "before Tocsin started" in shown(m)]
    assert "adopted by <@U02BEN>" in shown(listed)
    assert wanted not in {o["value"] for o in offered(listed, "adopt")}


def test_when_its_alerts_cannot_be_read_the_incident_opens_and_says_so(shared: Life) -> None:
    shared.world.fault(service="pagerduty", match="incidents.alerts.list", do="5xx")
    room = paged(shared, "notes", "Notes are lost", alerts=[{"summary": "Notes: 40 lost"}])
    assert "alerts could not be read from PagerDuty" in shown(room.card())
    assert room.page()["html_url"] in shown(room.card())
    shared.world.heal()
    for _ in range(4):
        shared.world.advance(35)
        shared.settle()
    assert "could not be read" not in shown(room.card())
    assert "Notes: 40 lost" in shown(room.card())
