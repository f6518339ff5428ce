"""What PagerDuty's webhooks say, and whether PagerDuty said it."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from bot.domain.page import PageEvent
from bot.integrations.pagerduty_webhooks import NotAWebhook, read_webhook
from bot.integrations.signatures import Signature, signature_verdict

FIXTURES = Path(__file__).parents[1] / "fixtures" / "pagerduty"
BODY = b'{"event": {}}'


def read(name: str):
    return read_webhook((FIXTURES / f"{name}.json").read_bytes())


def signed(secret: str, body: bytes = BODY) -> str:
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("name", sorted(path.stem for path in FIXTURES.glob("*.json")))
def test_every_kind_of_webhook_is_read(name):
    news = read(name)
    assert news.kind == name.removesuffix(".merged").removesuffix(".ours")
    assert news.occurred_at.tzinfo is not None


@pytest.mark.parametrize(
    ("name", "event", "detail"),
    [
        ("incident.triggered", PageEvent.TRIGGERED, ""),
        ("incident.resolved", PageEvent.RESOLVED, ""),
        ("incident.resolved.merged", PageEvent.MERGED, "QLMS02"),
        ("incident.priority_updated", PageEvent.PRIORITY, "P1"),
        ("incident.reassigned", PageEvent.REASSIGNED, "Ben Okafor"),
        ("incident.annotated", PageEvent.ANNOTATED, "Resolution Note: looked fine"),
        ("incident.responder.added", PageEvent.RESPONDER, "Rita Costa: pending"),
        ("incident.role.assigned", PageEvent.DETAIL, "Commander: Ben Okafor"),
        ("incident.status_update_published", PageEvent.STATUS_UPDATE, "A fix is on its way"),
        ("incident.custom_field_values.updated", PageEvent.DETAIL, "environment = staging"),
        ("incident.conference_bridge.updated", PageEvent.DETAIL, "https://meet.example/1"),
        ("incident.task.created", PageEvent.DETAIL, "Check the cache created"),
        ("incident.action_invocation.created", PageEvent.DETAIL, "Restart created"),
        ("incident.workflow.started", PageEvent.DETAIL, "Major incident started"),
        ("pagey.ping", PageEvent.PING, "Hello from your friend Pagey!"),
        ("service.updated", PageEvent.OTHER, ""),
        ("incident.invented", PageEvent.OTHER, ""),
    ],
)
def test_an_event_becomes_our_word_with_its_one_detail(name, event, detail):
    assert (read(name).event, read(name).detail) == (event, detail)


def test_a_page_carries_what_its_webhook_says():
    page = read("incident.triggered").page
    assert (page.id, page.number, page.service_id) == ("QLMS01", 37, "PLMS")
    assert (page.urgency, page.priority, page.assignees) == ("high", "", ("Ana Lima",))
    assert page.escalation_policy == "EPLMS"


def test_an_event_about_a_part_of_a_page_names_the_page():
    page = read("incident.annotated").page
    assert (page.id, page.title) == ("QLMS01", "LMS error rate above 5%")


def test_a_ping_has_no_page():
    assert read("pagey.ping").page is None


def test_our_own_note_is_known_by_its_mark_and_shown_without_it():
    news = read("incident.annotated.ours")
    assert (news.ours, news.detail) == (True, "Opened #inc-lms")


def test_somebody_elses_note_is_not_ours():
    assert read("incident.annotated").ours is False


def test_what_our_own_user_did_is_ours():
    body = (FIXTURES / "incident.acknowledged.json").read_bytes()
    assert read_webhook(body, our_agents={"PUANA"}).ours is True


def test_what_our_client_did_is_ours():
    event = json.loads((FIXTURES / "incident.acknowledged.json").read_bytes())
    event["event"]["client"] = {"name": "Tocsin"}
    assert read_webhook(json.dumps(event).encode()).ours is True


@pytest.mark.parametrize("body", [b"", b"[]", b'{"event": {}}', b'{"event": null}', b"nonsense"])
def test_a_body_of_another_shape_is_said_to_be_none(body):
    with pytest.raises(NotAWebhook):
        read_webhook(body)


def test_one_signature_of_several_is_enough():
    header = f"{signed('old')},{signed('new')}"
    assert signature_verdict(BODY, header, ["new"]) is Signature.GOOD


def test_spaces_between_signatures_do_not_matter():
    header = f" {signed('old')} , {signed('new')} "
    assert signature_verdict(BODY, header, ["new"]) is Signature.GOOD


def test_any_of_our_secrets_counts_while_one_is_rotated():
    assert signature_verdict(BODY, signed("old"), ["new", "old"]) is Signature.GOOD


@pytest.mark.parametrize("header", [None, "", "v1=", "sha256=abc", "v1=not hexadecimal", ","])
def test_a_header_without_a_signature_is_missing(header):
    assert signature_verdict(BODY, header, ["secret"]) is Signature.MISSING


def test_a_signature_of_another_secret_is_a_mismatch():
    assert signature_verdict(BODY, signed("other"), ["secret"]) is Signature.MISMATCH


def test_a_signature_of_another_body_is_a_mismatch():
    assert signature_verdict(BODY + b" ", signed("secret"), ["secret"]) is Signature.MISMATCH


def test_an_unknown_version_alone_is_a_mismatch_and_beside_ours_is_ignored():
    newer = signed("secret").replace("v1=", "v2=")
    assert signature_verdict(BODY, newer, ["secret"]) is Signature.MISMATCH
    assert signature_verdict(BODY, f"{newer},{signed('secret')}", ["secret"]) is Signature.GOOD
