"""V3 webhooks reach the bot in PagerDuty's shape, signed, in order, and again when they must."""

import hashlib
import hmac
import json
from typing import Any

import pytest

SECRET = b"pd-demo-webhook-secret"
INCIDENT_KEYS = [
    "id", "type", "self", "html_url", "number", "status", "incident_key", "created_at", "title",
    "service", "assignees", "escalation_policy", "teams", "priority", "urgency",
    "conference_bridge", "resolve_reason", "incident_type",
]  # fmt: skip


def page(demo: Any, **more: Any) -> dict[str, Any]:
    asked = {"service": "lms", "title": "LMS 5xx error rate above 5%", "priority": "P1", **more}
    made: dict[str, Any] = demo.post("/pagerduty/trigger", **asked)["incident"]
    demo.settle()
    return made


def act(demo: Any, do: str, **more: Any) -> None:
    demo.post("/pagerduty/act", do=do, **{"as": "ana", **more})
    demo.settle()


def events(demo: Any) -> list[dict[str, Any]]:
    return [json.loads(each.body)["event"] for each in demo.receiver.received]


def types(demo: Any) -> list[str]:
    return [each["event_type"] for each in events(demo)]


def test_a_page_is_delivered_in_the_shape_of_pagerduty(demo: Any) -> None:
    page(demo)
    (event,) = events(demo)
    assert list(event) == [
        "id", "event_type", "resource_type", "occurred_at", "agent", "client", "data",
    ]  # fmt: skip
    assert event["event_type"] == "incident.triggered"
    assert event["resource_type"] == "incident"
    assert event["occurred_at"].endswith("Z")
    assert list(event["data"]) == INCIDENT_KEYS
    assert event["data"]["service"]["id"] == "PLMS"
    assert event["data"]["service"]["type"] == "service_reference"
    assert event["data"]["assignees"][0]["id"] == "PUANA"
    assert event["data"]["priority"]["summary"] == "P1"


def test_the_signature_is_the_hmac_of_the_raw_body(demo: Any) -> None:
    page(demo)
    (delivery,) = demo.receiver.received
    expected = hmac.new(SECRET, delivery.body, hashlib.sha256).hexdigest()
    assert delivery.path == "/webhooks/pagerduty"
    assert delivery.headers["x-pagerduty-signature"] == f"v1={expected}"
    assert delivery.headers["user-agent"] == "PagerDuty-Webhook/V3.0"
    assert delivery.headers["x-webhook-subscription"] == "PSUBDEMO"


@pytest.mark.parametrize("answer", [500, 503, 429, "hang up"])
def test_a_delivery_that_may_pass_later_is_repeated_with_the_same_id(
    demo: Any, answer: int | str
) -> None:
    demo.receiver.answers = [answer]
    page(demo)
    demo.advance(30)
    first, second = demo.receiver.received
    assert first.body == second.body
    assert first.headers["x-webhook-id"] == second.headers["x-webhook-id"]


def test_an_answer_after_five_seconds_counts_as_none(demo: Any) -> None:
    demo.receiver.answers = ["slow"]
    page(demo)
    demo.advance(30)
    assert len(demo.receiver.received) == 2
    records = demo.get("/log", system="pagerduty")["records"]
    assert records[0]["response"] == "timeout"
    assert 5000 <= records[0]["ms"] < 6000


def test_later_events_of_an_incident_wait_behind_one_that_is_retried(demo: Any) -> None:
    demo.receiver.answers = [500]
    page(demo)
    act(demo, "acknowledge")
    assert types(demo) == ["incident.triggered"]
    demo.advance(30)
    assert types(demo) == ["incident.triggered", "incident.triggered", "incident.acknowledged"]


def test_another_incident_does_not_wait(demo: Any) -> None:
    demo.receiver.answers = [500]
    page(demo)
    other = page(demo, service="cms", title="CMS is slow")
    assert [each["data"]["id"] for each in events(demo)][1] == other["id"]


def test_delivery_is_given_up_after_two_days(demo: Any) -> None:
    demo.receiver.answers = [500] * 1000
    page(demo)
    demo.advance(47 * 3600)
    assert demo.get("/state")["pagerduty"]["undelivered"] == []
    demo.advance(2 * 3600)
    assert "incident.triggered" in demo.get("/state")["pagerduty"]["undelivered"]


def test_a_refused_delivery_is_dropped_and_three_in_a_row_disable_the_subscription(
    demo: Any,
) -> None:
    demo.receiver.answers = [401, 400, 404]
    for number in range(4):
        page(demo, title=f"page {number}")
    state = demo.get("/state")["pagerduty"]
    assert len(demo.receiver.received) == 3
    assert state["subscriptions"][0]["disabled_until"] is not None
    assert state["owed"] == []


def test_a_success_in_between_forgives_earlier_drops(demo: Any) -> None:
    demo.receiver.answers = [401, 401, 202, 401, 401]
    for number in range(6):
        page(demo, title=f"page {number}")
    assert len(demo.receiver.received) == 6


def test_a_disabled_subscription_delivers_again_once_it_is_enabled(demo: Any) -> None:
    demo.receiver.answers = [401, 401, 401]
    for number in range(3):
        page(demo, title=f"page {number}")
    answer = demo.pagerduty("POST", "/webhook_subscriptions/PSUBDEMO/enable")
    page(demo, title="after")
    assert (
        answer.json()["webhook_subscription"]["delivery_method"]["temporarily_disabled"] is False
    )
    assert events(demo)[-1]["data"]["title"] == "after"


def test_a_resolve_with_a_note_sends_two_events(demo: Any) -> None:
    page(demo)
    act(demo, "resolve", note="I rolled it back")
    resolved, annotated = events(demo)[1:]
    assert resolved["event_type"] == "incident.resolved"
    assert resolved["data"]["assignees"] == []
    assert resolved["data"]["resolve_reason"] is None
    assert annotated["event_type"] == "incident.annotated"
    assert annotated["data"]["content"] == "Resolution Note: I rolled it back"
    assert annotated["data"]["trimmed"] is False
    assert list(annotated["data"]) == ["incident", "id", "content", "trimmed", "type"]
    assert annotated["occurred_at"] > resolved["occurred_at"]


def test_a_resolve_without_a_note_sends_one_event(demo: Any) -> None:
    page(demo)
    act(demo, "resolve")
    assert types(demo) == ["incident.triggered", "incident.resolved"]


def test_a_merge_arrives_as_resolved_with_the_reason(demo: Any) -> None:
    source = page(demo)
    target = page(demo, title="The whole LMS is down")
    act(demo, "merge", incident=source["id"], into=target["id"])
    event = events(demo)[-1]
    assert event["event_type"] == "incident.resolved"
    assert event["data"]["id"] == source["id"]
    assert event["data"]["resolve_reason"]["type"] == "merge_resolve_reason"
    assert event["data"]["resolve_reason"]["incident"]["id"] == target["id"]
    assert event["agent"]["id"] == "PUANA"


@pytest.mark.parametrize(
    ("do", "more", "expected"),
    [
        ("acknowledge", {}, "incident.acknowledged"),
        ("escalate", {}, "incident.escalated"),
        ("reassign", {"to": ["rita"]}, "incident.reassigned"),
        ("priority", {"priority": "P3"}, "incident.priority_updated"),
        ("note", {"note": "looking"}, "incident.annotated"),
        ("status_update", {"message": "A fix is on its way"}, "incident.status_update_published"),
        ("add_responder", {"user": "rita"}, "incident.responder.added"),
    ],
)
def test_what_a_person_does_in_pagerduty_is_told_to_the_bot(
    demo: Any, do: str, more: dict[str, Any], expected: str
) -> None:
    page(demo)
    act(demo, do, **more)
    event = events(demo)[-1]
    assert event["event_type"] == expected
    assert event["agent"]["summary"] == "Ana Lima"
    assert event["agent"]["type"] == "user_reference"


def test_a_reopened_incident_says_when(demo: Any) -> None:
    page(demo)
    act(demo, "resolve")
    act(demo, "reopen")
    event = events(demo)[-1]
    assert event["event_type"] == "incident.reopened"
    assert event["data"]["status"] == "triggered"
    assert event["data"]["reopened_at"] is not None


def test_an_acknowledgement_taken_back_is_told(demo: Any) -> None:
    page(demo)
    act(demo, "acknowledge")
    act(demo, "unacknowledge")
    assert types(demo)[-1] == "incident.unacknowledged"


def test_a_ping_carries_only_a_message(demo: Any) -> None:
    demo.post("/pagerduty/ping")
    demo.settle()
    (event,) = events(demo)
    assert event["event_type"] == "pagey.ping"
    assert event["resource_type"] == "pagey"
    assert event["data"]["type"] == "ping"
    assert list(event["agent"]) == ["id", "type"]


def test_the_same_key_joins_the_open_incident_instead_of_paging_again(demo: Any) -> None:
    first = page(demo, dedup_key="one cause")
    second = page(demo, dedup_key="one cause")
    assert second["id"] == first["id"]
    assert second["alert_counts"]["all"] == 2
    assert types(demo) == ["incident.triggered"]


def test_an_unanswered_page_goes_to_the_next_level_after_five_minutes(demo: Any) -> None:
    page(demo)
    demo.advance(299)
    assert types(demo) == ["incident.triggered"]
    demo.advance(2)
    event = events(demo)[-1]
    assert event["event_type"] == "incident.escalated"
    assert event["data"]["assignees"][0]["summary"] == "Ben Okafor"
    assert event["agent"] is None


def test_an_acknowledged_page_is_not_escalated(demo: Any) -> None:
    page(demo)
    act(demo, "acknowledge")
    demo.advance(3600)
    assert types(demo) == ["incident.triggered", "incident.acknowledged"]


def test_the_last_level_stays_paged(demo: Any) -> None:
    page(demo)
    demo.advance(3600)
    assert types(demo) == ["incident.triggered", "incident.escalated", "incident.escalated"]


def test_an_unknown_service_gets_its_id_by_the_convention(demo: Any) -> None:
    made = page(demo, service="video-pipeline", environment="staging")
    assert made["service"]["id"] == "PVIDEOPIPELINESTG"
